import { readFileSync } from 'node:fs';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { pascalOf } from '../functions/names.ts';
import type { FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { accept } from '../permissions/nag.ts';

/** A state machine of ours, from its ASL file word for word, whose role may call exactly the functions it is given. */
export function workflowMachine(
  scope: Construct,
  of: {
    /** After the prefix of the deployment. */
    readonly name: string;
    readonly description: string;
    readonly definition: URL;
    readonly setting: FunctionSetting;
    readonly functions: readonly PipelineFunction[];
    readonly key: IKey;
  },
): StateMachine {
  const { setting, functions, key } = of;
  const name = `${setting.prefix}-${of.name}`;
  const logGroup = new LogGroup(scope, 'Logs', {
    logGroupName: `/aws/vendedlogs/states/${name}`,
    retention: setting.logRetention,
    encryptionKey: key,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, 'Role', {
    description: of.description,
    assumedBy: new ServicePrincipal('states.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  });
  role.addToPolicy(
    new PolicyStatement({
      sid: 'CallVerbs',
      actions: ['lambda:InvokeFunction'],
      resources: functions.map(({ lambda }) => lambda.functionArn),
    }),
  );
  const stateMachine = new StateMachine(scope, 'StateMachine', {
    stateMachineName: name,
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(readFileSync(of.definition, 'utf8')),
    definitionSubstitutions: Object.fromEntries(
      functions.map(({ verb, lambda }) => [`${pascalOf(verb)}Function`, lambda.functionArn]),
    ),
    role,
    // Everything that happened, nothing of what was said: inputs hold task tokens.
    logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
    tracingEnabled: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  accept(stateMachine, {
    'CloudFormation-Validate::E1029':
      'the placeholders of the definition are filled by DefinitionSubstitutions, not by Fn::Sub',
  });
  accept(role, {
    'IAM5[Resource::*]': 'the calls that set up log delivery and those of X-Ray have no resource to name',
  });
  return stateMachine;
}
