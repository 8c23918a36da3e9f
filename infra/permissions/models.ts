import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { ModelProfileConfiguration, ModelsConfiguration } from '../../domain/config/models.ts';
import type { Access } from './access.ts';

type BedrockProfile = Extract<ModelProfileConfiguration, { provider: 'bedrock' }>;

/** Calling every model of the configuration that AWS serves, and no other. Models behind a key need their secret instead. */
export function callModels(scope: Construct, models: ModelsConfiguration | undefined): Access {
  const each = Object.entries(models?.profiles ?? {}).flatMap(([name, profile]) =>
    profile.provider === 'bedrock' ? [callBedrock(scope, sidOf(name), profile)] : [],
  );
  return {
    statements: each.flatMap(({ statements }) => statements),
    wildcards: Object.assign({}, ...each.map(({ wildcards }) => wildcards ?? {})),
  };
}

/** A statement's id takes letters and digits only, and each of a policy must be another. */
function sidOf(name: string): string {
  return name.replace(/(?:^|-)([a-z0-9]?)/g, (_, first: string) => first.toUpperCase());
}

/**
 * Converse calls need `bedrock:InvokeModel`. A cross-region inference profile (`us.…`, `eu.…`, `apac.…`, `global.…`)
 * needs the profile and the model in every region it may route to, held to calls that come through that profile.
 */
function callBedrock(scope: Construct, sid: string, { modelId, region, guardrail }: BedrockProfile): Access {
  const { partition, account } = Stack.of(scope);
  const invoke = (what: string, resource: string, conditions?: Record<string, Record<string, string>>) =>
    new PolicyStatement({
      sid: `${what}${sid}`,
      actions: ['bedrock:InvokeModel'],
      resources: [resource],
      ...(conditions ? { conditions } : {}),
    });
  const checked = guardrail
    ? [
        new PolicyStatement({
          sid: `ApplyGuardrail${sid}`,
          actions: ['bedrock:ApplyGuardrail'],
          resources: [
            guardrail.id.startsWith('arn:')
              ? guardrail.id
              : `arn:${partition}:bedrock:${region}:${account}:guardrail/${guardrail.id}`,
          ],
        }),
      ]
    : [];
  if (modelId.startsWith('arn:')) return { statements: [invoke('InvokeModel', modelId), ...checked] };
  const routed = /^(?:us|us-gov|eu|apac|jp|au|ca|global)\.(.+)$/.exec(modelId)?.[1];
  if (routed === undefined) {
    const model = `arn:${partition}:bedrock:${region}::foundation-model/${modelId}`;
    return { statements: [invoke('InvokeModel', model), ...checked] };
  }
  const profile = `arn:${partition}:bedrock:${region}:${account}:inference-profile/${modelId}`;
  const everywhere = `arn:${partition}:bedrock:*::foundation-model/${routed}`;
  return {
    statements: [
      invoke('InvokeProfile', profile),
      invoke('InvokeThroughProfile', everywhere, { StringEquals: { 'bedrock:InferenceProfileArn': profile } }),
      ...checked,
    ],
    wildcards: {
      [`Resource::${Stack.of(scope).resolve(everywhere)}`]:
        'the profile chooses the region; calls outside the profile are refused',
    },
  };
}
