import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigurationError } from '../domain/config/parse.ts';
import { bundleFunctions, MissingEntryError } from './bundle.ts';
import { loadConfiguration } from './config/load.ts';
import { mappingNote } from './config/mapping.ts';
import { FlagError, readFlags } from './flags.ts';
import { ParapetStack } from './parapet-stack.ts';

/** Entry of `cdk synth` and `cdk deploy` (cdk.json). Needs no AWS account: without one it synthesises for account 000000000000. */
function synthesise(): void {
  const app = new App();
  const configuration = loadConfiguration();
  const note = mappingNote(configuration);
  if (note !== undefined) console.error(`Note: ${note}`);
  const { functions } = bundleFunctions({ configuration });
  const folders = new Map(functions.map(({ name, directory }) => [name, directory]));
  new ParapetStack(app, 'Parapet', {
    env: {
      account: process.env['CDK_DEFAULT_ACCOUNT'] ?? '000000000000',
      region: process.env['CDK_DEFAULT_REGION'] ?? 'us-east-1',
    },
    terminationProtection: configuration.deployment.retainData,
    configuration,
    flags: readFlags(app.node),
    code: (name) => Code.fromAsset(folders.get(name) ?? ''),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { writeSuppressionsToCloudFormation: true }));
  app.synth();
}

try {
  synthesise();
} catch (error) {
  if (!isForThePerson(error)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 2;
}

/** Mistakes a person can mend: told without a stack trace. */
function isForThePerson(error: unknown): error is Error {
  return error instanceof ConfigurationError || error instanceof FlagError || error instanceof MissingEntryError;
}
