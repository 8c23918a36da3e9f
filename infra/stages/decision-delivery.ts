import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { APPROVALS } from '../../connectors/store/tables.ts';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import type { Access } from '../permissions/access.ts';
import { failuresTo, sendToQueue } from '../permissions/queues.ts';
import { readStream } from '../permissions/streams.ts';
import { appendAudit, deliverDecision, updateIncidents } from '../permissions/tables.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Stores } from './stores.ts';

interface DecisionDeliveryProps {
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  /** Those that wait for decisions. */
  readonly stateMachines: readonly StateMachine[];
  readonly key: IKey;
  readonly retain: boolean;
}

/**
 * Table stream of the approvals -> deliver-decision -> SendTaskSuccess. A decision is in the table before anybody is told, so a crash
 * between the two loses nothing: the stream repeats until it is answered, and what cannot be answered ends in a queue with an alarm.
 */
export class DecisionDelivery extends Construct {
  readonly deliverDecision: PipelineFunction;
  /** Positions in the stream that were given up; the decisions themselves stand in the table. */
  readonly givenUp: Queue;

  constructor(scope: Construct, id: string, { setting, stores, stateMachines, key, retain }: DecisionDeliveryProps) {
    super(scope, id);
    const stream = stores.approvals.tableStreamArn;
    if (stream === undefined) throw new Error('the approvals table has no stream');
    this.givenUp = new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    this.deliverDecision = new PipelineFunction(this, 'DeliverDecision', {
      verb: 'deliver-decision',
      setting,
      access: [
        deliverDecision(stores),
        updateIncidents(stores),
        appendAudit(stores),
        answerTasks(stateMachines),
        readStream(stream),
        sendToQueue(this.givenUp),
      ],
    });
    const mapping = new EventSourceMapping(this, 'StreamToDelivery', {
      target: this.deliverDecision.lambda,
      eventSourceArn: stream,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 10,
      // One undeliverable decision must not hold up the others: halve the batch until it is alone.
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      // About as long as Step Functions may be away; a decision older than that is told as late anyway.
      retryAttempts: 20,
      maxRecordAge: Duration.hours(6),
      onFailure: failuresTo(this.givenUp),
      filters: [decidedAndWaiting()],
    });
    mapping.node.addDependency(this.deliverDecision.role);
  }
}

/** Approved or rejected, and the state machine does not know yet. Tokens and open questions never reach the function. */
function decidedAndWaiting() {
  return FilterCriteria.filter({
    eventName: ['INSERT', 'MODIFY'],
    dynamodb: {
      NewImage: {
        [APPROVALS.pk]: { S: FilterRule.beginsWith(APPROVALS.approvalPrefix) },
        status: { S: FilterRule.or('APPROVED', 'REJECTED') },
        delivery: { S: FilterRule.isEqual('waiting') },
      },
    },
  });
}

function answerTasks(stateMachines: readonly StateMachine[]): Access {
  return {
    statements: [
      new PolicyStatement({
        sid: 'AnswerWaitingTasks',
        actions: ['states:SendTaskSuccess'],
        resources: stateMachines.map(({ stateMachineArn }) => stateMachineArn),
      }),
    ],
  };
}
