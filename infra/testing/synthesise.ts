import { readFileSync } from 'node:fs';
import { App, type Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Configuration } from '../../domain/config/schema.ts';
import { loadConfiguration } from '../config/load.ts';
import { readFlags } from '../flags.ts';
import { ParapetStack } from '../parapet-stack.ts';

const PROJECT = new URL('../../', import.meta.url);

/** The context `cdk` would give: the one of cdk.json. */
function projectContext(): Record<string, unknown> {
  const { context } = JSON.parse(readFileSync(new URL('cdk.json', PROJECT), 'utf8'));
  return context;
}

export function sampleConfiguration(): Configuration {
  return loadConfiguration({ root: PROJECT.pathname, environment: {} });
}

/**
 * The template of the sample configuration, with a stub in the place of every bundle.
 * @throws when a rule of AwsSolutions is broken that nobody accepted
 */
export function synthesise(
  options: {
    readonly configuration?: Configuration;
    readonly context?: Readonly<Record<string, unknown>>;
    readonly change?: (stack: Stack) => void;
  } = {},
): Template {
  const app = new App({ context: { ...projectContext(), ...options.context } });
  const stack = new ParapetStack(app, 'Parapet', {
    env: { account: '000000000000', region: 'us-east-1' },
    configuration: options.configuration ?? sampleConfiguration(),
    flags: readFlags(app.node),
    code: (name) => Code.fromInline(`export const handler = async () => '${name}';`),
  });
  options.change?.(stack);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { writeSuppressionsToCloudFormation: true }));
  return Template.fromStack(stack);
}
