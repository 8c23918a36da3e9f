import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ALERT_RECEIVED, EVENT_SOURCE, INCIDENT_OPENED } from '../../domain/events.ts';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { publishEvents, readEvidence, writeEvidence } from '../permissions/outside.ts';
import { consumeQueue } from '../permissions/queues.ts';
import { appendAudit, deduplicate, openIncidents } from '../permissions/tables.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Stores } from './stores.ts';

/** A message is given up after this many attempts; a poison message must not keep the others waiting. */
const MAX_RECEIVES = 5;
/** Findings of one workload contend for one incident item; more writers than this mostly wait for each other. */
const MAX_CONCURRENT_BATCHES = 10;

interface IntakeQueueProps {
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  readonly bus: EventBus;
  readonly key: IKey;
  readonly retain: boolean;
}

/** bus "Alert Received" -> queue -> normalize. Storms and redeliveries end in the queue. */
export class IntakeQueue extends Construct {
  readonly queue: Queue;
  readonly normalize: PipelineFunction;
  readonly rule: Rule;
  /** Messages normalize gave up. */
  readonly givenUp: Queue;
  /** Events the bus could not put into the queue. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { setting, stores, bus, key, retain }: IntakeQueueProps) {
    super(scope, id);
    this.givenUp = new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    this.undelivered = new DeadLetters(this, 'Undelivered', { key, retain }).queue;
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // Lambda's advice: six times the function's timeout, so that a batch in work is not delivered a second time.
      visibilityTimeout: Duration.seconds(6 * setting.sizes.normalize.timeout.toSeconds()),
      deadLetterQueue: { queue: this.givenUp, maxReceiveCount: MAX_RECEIVES },
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.rule = new Rule(this, 'AlertReceived', {
      description: 'Parapet: received alerts go to the intake queue',
      eventBus: bus,
      eventPattern: { source: [EVENT_SOURCE], detailType: [ALERT_RECEIVED] },
      targets: [
        new SqsQueue(this.queue, {
          deadLetterQueue: this.undelivered,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
    this.normalize = new PipelineFunction(this, 'Normalize', {
      verb: 'normalize',
      setting,
      access: [
        openIncidents(stores),
        deduplicate(stores),
        appendAudit(stores),
        readEvidence(stores, 'alerts'),
        writeEvidence(stores, 'alerts'),
        publishEvents(bus, [INCIDENT_OPENED]),
        consumeQueue(this.queue),
      ],
    });
    const mapping = new EventSourceMapping(this, 'QueueToNormalize', {
      target: this.normalize.lambda,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      maxConcurrency: MAX_CONCURRENT_BATCHES,
      // One bad message in ten goes back alone.
      reportBatchItemFailures: true,
    });
    // Lambda checks the role when the mapping is made.
    mapping.node.addDependency(this.normalize.role);
  }
}
