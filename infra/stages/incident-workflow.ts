import { readFileSync } from 'node:fs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type EventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { EVENT_SOURCE, INCIDENT_OPENED } from '../../domain/events.ts';
import { pascalOf } from '../functions/names.ts';
import type { FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { accept } from '../permissions/nag.ts';
import { DeadLetters } from './dead-letters.ts';

/** The definition as it is deployed, placeholders and all. */
export const INCIDENT_DEFINITION = new URL('../../state-machines/incident.asl.json', import.meta.url);

interface IncidentWorkflowProps {
  readonly setting: FunctionSetting;
  readonly functions: readonly PipelineFunction[];
  readonly bus: EventBus;
  readonly key: IKey;
  readonly retain: boolean;
}

/** bus "Incident Opened" -> Step Functions `incident`, from the ASL file word for word. */
export class IncidentWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  readonly rule: Rule;
  /** Events the bus could not start an execution with. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { setting, functions, bus, key, retain }: IncidentWorkflowProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${setting.prefix}-incident`,
      retention: setting.logRetention,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      description: 'Parapet incident workflow: calls its functions',
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'CallVerbs',
        actions: ['lambda:InvokeFunction'],
        resources: functions.map(({ lambda }) => lambda.functionArn),
      }),
    );
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: `${setting.prefix}-incident`,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(readFileSync(INCIDENT_DEFINITION, 'utf8')),
      definitionSubstitutions: Object.fromEntries(
        functions.map(({ verb, lambda }) => [`${pascalOf(verb)}Function`, lambda.functionArn]),
      ),
      role,
      // Everything that happened, nothing of what was said: inputs hold task tokens.
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    accept(this.stateMachine, {
      'CloudFormation-Validate::E1029':
        'the placeholders of the definition are filled by DefinitionSubstitutions, not by Fn::Sub',
    });
    accept(role, {
      'IAM5[Resource::*]': 'the calls that set up log delivery and those of X-Ray have no resource to name',
    });
    this.undelivered = new DeadLetters(this, 'Undelivered', { key, retain }).queue;
    this.rule = new Rule(this, 'IncidentOpened', {
      description: 'Parapet: an opened incident starts its workflow',
      eventBus: bus,
      eventPattern: { source: [EVENT_SOURCE], detailType: [INCIDENT_OPENED] },
      targets: [
        new SfnStateMachine(this.stateMachine, {
          input: RuleTargetInput.fromEventPath('$.detail'),
          deadLetterQueue: this.undelivered,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
  }
}
