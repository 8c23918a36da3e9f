import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelsSchema } from '../domain/config/models.ts';
import type { Configuration } from '../domain/config/schema.ts';
import { webhookSecretSchema } from '../domain/intake/webhook-secret.ts';
import { FUNCTION_NAMES } from './functions/names.ts';
import { everySource } from './testing/all-sources.ts';
import { type Statement, statementsByVerb } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let template: Template;
let byVerb: ReadonlyMap<string, readonly Statement[]>;
beforeAll(() => {
  template = synthesise();
  byVerb = statementsByVerb(template);
});

/** Verbs that have at least one statement for which `test` holds. */
function verbsWith(test: (statement: Statement) => boolean): string[] {
  return [...byVerb]
    .filter(([, statements]) => statements.some(test))
    .map(([verb]) => verb)
    .sort();
}

describe('credentials', () => {
  function secretsOf(verb: string): string[] {
    const names = template.findResources('AWS::SecretsManager::Secret');
    return (byVerb.get(verb) ?? [])
      .filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))
      .flatMap(({ Resource }) => Resource.map((id) => String(names[id]?.['Properties'].Name)))
      .sort();
  }

  it('are read by exactly the functions that use them - reading and containing are different secrets (rule 8)', () => {
    const readers = Object.fromEntries(
      FUNCTION_NAMES.map((verb) => [verb, secretsOf(verb)]).filter(([, names]) => names?.length),
    );
    expect(readers).toEqual({
      receive: ['parapet/prisma-cloud-compute/webhook'],
      'gather-cwpp': ['parapet/prisma-cloud-compute/read'],
      poll: ['parapet/prisma-cloud-compute/read'],
      'gather-kubernetes': ['parapet/kubernetes/prod-eks/read'],
      plan: ['parapet/kubernetes/prod-eks/read'],
      verify: ['parapet/kubernetes/prod-eks/read'],
      watch: ['parapet/kubernetes/prod-eks/read'],
      'plan-undo': ['parapet/kubernetes/prod-eks/read'],
      'verify-undo': ['parapet/kubernetes/prod-eks/read'],
      execute: ['parapet/kubernetes/prod-eks/write'],
      'roll-back': ['parapet/kubernetes/prod-eks/write'],
      'publish-ticket': ['parapet/jira'],
      'publish-chat': ['parapet/slack'],
      'post-digest': ['parapet/slack'],
      'request-approval': ['parapet/approval-links'],
      decide: ['parapet/approval-links'],
      'chase-approvals': ['parapet/approval-links'],
    });
  });

  it('for asking what approvers may do are read by those that ask and decide, which read no other of a cluster', () => {
    const sample = sampleConfiguration();
    const clusters = sample.clusters.map((cluster) => ({
      ...cluster,
      rightsSecret: 'parapet/kubernetes/prod-eks/rights',
    }));
    const asking = synthesise({ configuration: { ...sample, clusters } });
    const secrets = asking.findResources('AWS::SecretsManager::Secret');
    const readers = [...statementsByVerb(asking)].flatMap(([verb, statements]) => {
      const names = statements
        .filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))
        .flatMap(({ Resource }) => Resource.map((id) => String(secrets[id]?.['Properties'].Name)))
        .filter((name) => name.startsWith('parapet/kubernetes/'));
      return names.includes('parapet/kubernetes/prod-eks/rights') ? [[verb, names] as const] : [];
    });
    expect(readers.sort()).toEqual(
      ['chase-approvals', 'decide', 'request-approval'].map((verb) => [verb, ['parapet/kubernetes/prod-eks/rights']]),
    );
  });

  it('are secrets of the configuration, all of them - a name without an entry fails at the first alert', () => {
    const names = Object.values(template.findResources('AWS::SecretsManager::Secret')).map(
      ({ Properties }) => Properties.Name,
    );
    const configured = JSON.stringify(sampleConfiguration()).match(/parapet\/[a-z0-9/-]+/g);
    expect(names.sort()).toEqual([...new Set(configured)].sort());
  });

  it('of senders are generated in the form the sender can send - and basic without naming it, so that existing ones stay', () => {
    const secrets = Object.values(
      synthesise({ configuration: everySource() }).findResources('AWS::SecretsManager::Secret'),
    ).filter(({ Properties }) => /webhook$/.test(Properties.Name));
    const templates = secrets.map(({ Properties }) => [
      Properties.Name.split('/')[1],
      JSON.parse(Properties.GenerateSecretString.SecretStringTemplate),
    ]);
    expect(Object.fromEntries(templates)).toEqual({
      'prisma-cloud-compute': { username: 'parapet' },
      'prisma-cloud': { scheme: 'header', header: 'x-parapet-token' },
      wiz: { scheme: 'bearer' },
      lacework: { scheme: 'path' },
      falco: { username: 'parapet' },
      generic: { scheme: 'bearer' },
    });
    for (const [, template] of templates) {
      // 48 letters and digits fit every form.
      expect(webhookSecretSchema.safeParse({ ...template, current: 'A1'.repeat(24) }).success).toBe(true);
    }
  });

  it('of other systems start as a marker that is no credential; ours are generated', () => {
    const values = Object.values(template.findResources('AWS::SecretsManager::Secret')).map(({ Properties }) => [
      Properties.Name,
      Properties.SecretString ?? Properties.GenerateSecretString.SecretStringTemplate,
    ]);
    expect(Object.fromEntries(values)).toEqual({
      'parapet/prisma-cloud-compute/webhook': '{"username":"parapet"}',
      'parapet/approval-links': '{}',
      'parapet/prisma-cloud-compute/read': '{"placeholder":"true"}',
      'parapet/kubernetes/prod-eks/read': '{"placeholder":"true"}',
      'parapet/kubernetes/prod-eks/write': '{"placeholder":"true"}',
      'parapet/jira': '{"placeholder":"true"}',
      'parapet/slack': '{"placeholder":"true"}',
    });
  });
});

describe('the outside', () => {
  it('gets mail from those that ask approvers only, from the configured address only', () => {
    expect(verbsWith(({ Action }) => Action.some((action) => action.startsWith('ses:'))).sort()).toEqual([
      'chase-approvals',
      'request-approval',
    ]);
    expect(byVerb.get('request-approval')?.find(({ Action }) => Action.includes('ses:SendEmail'))).toMatchObject({
      Resource: [
        'arn:aws:ses:us-east-1:000000000000:identity/example.com',
        'arn:aws:ses:us-east-1:000000000000:identity/parapet@example.com',
      ],
      Condition: { StringEquals: { 'ses:FromAddress': 'parapet@example.com' } },
    });
  });

  it('gets events under our own name and of the expected type only', () => {
    const puts = [...byVerb].flatMap(([verb, statements]) =>
      statements
        .filter(({ Action }) => Action.includes('events:PutEvents'))
        .map(({ Condition }) => [verb, Condition?.['StringEquals']]),
    );
    expect(Object.fromEntries(puts)).toEqual({
      collect: { 'events:source': 'parapet', 'events:detail-type': ['Alert Received'] },
      receive: { 'events:source': 'parapet', 'events:detail-type': ['Alert Received'] },
      poll: { 'events:source': 'parapet', 'events:detail-type': ['Alert Received'] },
      'announce-waiting': { 'events:source': 'parapet', 'events:detail-type': ['Incident Opened'] },
      normalize: { 'events:source': 'parapet', 'events:detail-type': ['Incident Opened'] },
      watch: { 'events:source': 'parapet', 'events:detail-type': ['Containment Drifted', 'Containment Settled'] },
    });
  });

  it('has no model unless the configuration names some - then only analyze and ask may call them, and only those, and read their keys', () => {
    expect(verbsWith(({ Action }) => Action.includes('bedrock:InvokeModel'))).toEqual([]);
    const models = modelsSchema.parse({
      profiles: {
        small: { provider: 'bedrock', modelId: 'example.small-v1:0', region: 'eu-central-1' },
        usual: {
          provider: 'bedrock',
          modelId: 'us.anthropic.claude-example-v1:0',
          region: 'us-east-1',
          guardrail: { id: 'abc123', version: '3' },
        },
        keyed: { provider: 'anthropic', modelId: 'invented', secret: 'parapet/models/anthropic' },
        own: { provider: 'openai-compatible', modelId: 'invented', endpoint: 'https://vllm.example.com/v1' },
      },
      routes: [{ profiles: ['usual', 'small'] }],
    });
    const withModels = synthesise({ configuration: { ...sampleConfiguration(), models } });
    const byVerb = statementsByVerb(withModels);
    const calls = [...byVerb].flatMap(([verb, statements]) =>
      statements
        .filter(({ Action }) => Action.some((action) => action.startsWith('bedrock:')))
        .map((one) => ({ verb, sid: one.Sid, may: one.Action, at: one.Resource, if: one.Condition })),
    );
    const profile = 'arn:aws:bedrock:us-east-1:000000000000:inference-profile/us.anthropic.claude-example-v1:0';
    const expected = [
      {
        sid: 'InvokeModelSmall',
        may: ['bedrock:InvokeModel'],
        at: ['arn:aws:bedrock:eu-central-1::foundation-model/example.small-v1:0'],
        if: undefined,
      },
      { sid: 'InvokeProfileUsual', may: ['bedrock:InvokeModel'], at: [profile], if: undefined },
      {
        sid: 'InvokeThroughProfileUsual',
        may: ['bedrock:InvokeModel'],
        at: ['arn:aws:bedrock:*::foundation-model/anthropic.claude-example-v1:0'],
        if: { StringEquals: { 'bedrock:InferenceProfileArn': profile } },
      },
      {
        sid: 'ApplyGuardrailUsual',
        may: ['bedrock:ApplyGuardrail'],
        at: ['arn:aws:bedrock:us-east-1:000000000000:guardrail/abc123'],
        if: undefined,
      },
    ];
    for (const verb of ['analyze', 'ask'])
      expect(calls.filter((call) => call.verb === verb)).toEqual(expected.map((call) => ({ ...call, verb })));
    expect(calls).toHaveLength(2 * expected.length);
    const entry = Object.entries(withModels.findResources('AWS::SecretsManager::Secret')).find(
      ([, { Properties }]) => Properties.Name === 'parapet/models/anthropic',
    );
    expect(entry?.[1]['Properties'].SecretString).toBe('{"placeholder":"true"}');
    const readers = [...byVerb].filter(([, statements]) =>
      statements.some(
        ({ Action, Resource }) =>
          Action.includes('secretsmanager:GetSecretValue') && Resource.includes(entry?.[0] ?? ''),
      ),
    );
    expect(readers.map(([verb]) => verb)).toEqual(['analyze', 'ask']);
  });

  it('lets a model look up more through one function that can only read, and never gives analyze a vendor credential', () => {
    const models = modelsSchema.parse({
      profiles: { small: { provider: 'bedrock', modelId: 'example.small-v1:0', region: 'eu-central-1' } },
      routes: [{ profiles: ['small'] }],
    });
    const without = statementsByVerb(synthesise({ configuration: sampleConfiguration() }));
    const withModels = synthesise({ configuration: { ...sampleConfiguration(), models } });
    const mayDo = (verb: string, from: ReturnType<typeof statementsByVerb>) =>
      (from.get(verb) ?? []).flatMap(({ Action }) => Action).filter((action) => !/^(?:logs|xray|kms):/.test(action));
    const verbs = statementsByVerb(withModels);
    expect(mayDo('look-up', without)).not.toContain('secretsmanager:GetSecretValue');
    expect([...new Set(mayDo('look-up', verbs))].sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      's3:GetObject',
      'secretsmanager:GetSecretValue',
    ]);
    // What it may write is the cache of intelligence, by leading key, and nothing of an incident.
    const writes = (verbs.get('look-up') ?? []).filter(({ Action }) => Action.includes('dynamodb:PutItem'));
    expect(writes.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['INTEL#*'] } },
    ]);
    expect(mayDo('analyze', verbs)).not.toContain('secretsmanager:GetSecretValue');
    const callers = [...verbs]
      .filter(([, statements]) => statements.some(({ Action }) => Action.includes('lambda:InvokeFunction')))
      .map(([verb]) => verb);
    expect(callers).toContain('analyze');
    expect(callers.filter((verb) => !['analyze', 'ask'].includes(verb))).toEqual([]);
  });

  it('lets ask add questions and nothing else: no incident, no evidence, no analysis can be changed by who asks', () => {
    const models = modelsSchema.parse({
      profiles: { small: { provider: 'bedrock', modelId: 'example.small-v1:0', region: 'eu-central-1' } },
      routes: [{ profiles: ['small'] }],
    });
    const writes = (configuration: Configuration) =>
      (statementsByVerb(synthesise({ configuration })).get('ask') ?? [])
        .filter(({ Action }) => Action.some((one) => /:(?:Put|Update|Delete|Invoke|Send|Start)/.test(one)))
        .filter(({ Action }) => !Action.every((one) => /^(?:logs|xray|kms):/.test(one)))
        .map(({ Sid, Action, Condition, Resource }) => [
          Sid,
          Action,
          Condition ?? Resource.map((one) => one.replace(/^.*?\.Arn/, '')),
        ]);
    const leading = (keys: string) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [keys] } });
    const always = [
      ['AddQuestions', ['dynamodb:PutItem'], leading('THREAD#*')],
      ['WriteQuestions', ['s3:PutObject'], ['/incidents/*/model/*', '/incidents/*/packs/*', '/incidents/*/threads/*']],
      ['AppendAudit', ['dynamodb:PutItem', 'dynamodb:Query'], ['']],
    ];
    expect(writes(sampleConfiguration())).toEqual(always);
    expect(writes({ ...sampleConfiguration(), models })).toEqual([
      ...always,
      ['CountSpending', ['dynamodb:UpdateItem'], leading('SPEND#*')],
      ['InvokeModelSmall', ['bedrock:InvokeModel'], [expect.stringContaining('example.small-v1:0')]],
      ['LookUp', ['lambda:InvokeFunction'], ['']],
    ]);
  });
});
