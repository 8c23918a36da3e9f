import { Duration } from 'aws-cdk-lib';
import { type EventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { EVENT_SOURCE, INCIDENT_OPENED } from '../../domain/events.ts';
import type { FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { DeadLetters } from './dead-letters.ts';
import { workflowMachine } from './workflow-machine.ts';

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
    this.stateMachine = workflowMachine(this, {
      name: 'incident',
      description: 'Parapet incident workflow: calls its functions',
      definition: INCIDENT_DEFINITION,
      setting,
      functions,
      key,
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
