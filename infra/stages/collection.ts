import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { AnyPrincipal, ArnPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Variable } from '../../connectors/runtime/environment.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { ALERT_RECEIVED } from '../../domain/events.ts';
import { type EventFeed, eventFeedsOf, type QueueFeed, queueFeedsOf } from '../../domain/intake/feeds.ts';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { publishEvents, writeEvidence } from '../permissions/outside.ts';
import { consumeQueue } from '../permissions/queues.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Stores } from './stores.ts';

/** A message is given up after this many attempts; a poison message must not keep the others waiting. */
const MAX_RECEIVES = 5;
/** Handing over is quick; more at once would only fill the bus faster than normalize can empty its queue. */
const MAX_CONCURRENT_BATCHES = 5;

const SENDER_QUEUES: Readonly<
  Record<QueueFeed['source'], { readonly output: string; readonly variable: Variable; readonly id: string }>
> = {
  wiz: { output: 'WizQueueUrl', variable: 'WIZ_QUEUE_ARN', id: 'Wiz' },
  falco: { output: 'FalcoQueueUrl', variable: 'FALCO_QUEUE_ARN', id: 'Falco' },
};

interface CollectionProps {
  readonly configuration: Configuration;
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  readonly bus: EventBus;
  readonly key: IKey;
  readonly retain: boolean;
}

/** default bus -> queue -> collect -> bus, and queue of a sender -> collect -> bus: alerts that come without a webhook. */
export class Collection extends Construct {
  readonly queue: Queue;
  readonly collect: PipelineFunction;
  readonly rules: Readonly<Record<string, Rule>>;
  /** Messages collect gave up, of every queue here; a redrive sends each back where it came from. */
  readonly givenUp: Queue;
  /** Events the default bus could not put into the queue; undefined where no source sends events. */
  readonly undelivered: Queue | undefined;
  /** By the name of their output. */
  readonly senderQueueUrls: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { configuration, setting, stores, bus, key, retain }: CollectionProps) {
    super(scope, id);
    this.givenUp = new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    const feeds = eventFeedsOf(configuration.sources);
    this.undelivered = feeds.length === 0 ? undefined : new DeadLetters(this, 'Undelivered', { key, retain }).queue;
    const common: QueueProps = {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // Lambda's advice: six times the function's timeout, so that a batch in work is not delivered a second time.
      visibilityTimeout: Duration.seconds(6 * setting.sizes.collect.timeout.toSeconds()),
      deadLetterQueue: { queue: this.givenUp, maxReceiveCount: MAX_RECEIVES },
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.queue = new Queue(this, 'Queue', { ...common, encryption: QueueEncryption.KMS, encryptionMasterKey: key });
    const senders = queueFeedsOf(configuration.sources).map((feed) => {
      const names = SENDER_QUEUES[feed.source];
      // A key of SQS, not the shared one: else senders of other accounts would need rights on it.
      const queue = new Queue(this, names.id, { ...common, encryption: QueueEncryption.SQS_MANAGED });
      for (const statement of sendersOnly(queue, feed.senderArns)) queue.addToResourcePolicy(statement);
      return { ...names, queue };
    });
    this.senderQueueUrls = Object.fromEntries(senders.map(({ output, queue }) => [output, queue.queueUrl]));
    this.rules = this.#rules(feeds);
    const queues = [this.queue, ...senders.map(({ queue }) => queue)];
    this.collect = new PipelineFunction(this, 'Collect', {
      verb: 'collect',
      setting,
      access: [
        { statements: [], environment: { COLLECT_QUEUE_ARN: this.queue.queueArn } },
        ...senders.map(({ variable, queue }) => ({ statements: [], environment: { [variable]: queue.queueArn } })),
        writeEvidence(stores, 'alerts'),
        publishEvents(bus, [ALERT_RECEIVED]),
        consumeQueue(...queues),
      ],
    });
    for (const queue of queues) this.#consume(queue);
  }

  /** One rule for each source on the account's default bus; only events of the configured accounts match. */
  #rules(feeds: readonly EventFeed[]): Record<string, Rule> {
    return Object.fromEntries(
      feeds.map(({ source, eventSource, detailType, accounts }) => [
        `events-${source}`,
        new Rule(this, `Events-${source}`, {
          description: `Parapet: alerts of ${source} go to the collection queue`,
          eventPattern: { source: [eventSource], detailType: [detailType], account: [...accounts] },
          targets: [
            new SqsQueue(this.queue, {
              ...(this.undelivered ? { deadLetterQueue: this.undelivered } : {}),
              maxEventAge: Duration.hours(24),
              retryAttempts: 185,
            }),
          ],
        }),
      ]),
    );
  }

  #consume(queue: Queue): void {
    const mapping = new EventSourceMapping(this, `${queue.node.id}ToCollect`, {
      target: this.collect.lambda,
      eventSourceArn: queue.queueArn,
      batchSize: 10,
      maxConcurrency: MAX_CONCURRENT_BATCHES,
      reportBatchItemFailures: true,
    });
    // Lambda checks the role when the mapping is made.
    mapping.node.addDependency(this.collect.role);
  }
}

/** Exactly these may send: a topic through the service, and only for itself; a role by its own name. */
function sendersOnly(queue: Queue, senderArns: readonly string[]): readonly PolicyStatement[] {
  const isTopicArn = (arn: string): boolean => arn.split(':')[2] === 'sns';
  const allowed = senderArns.map((arn) => {
    const isTopic = isTopicArn(arn);
    return new PolicyStatement({
      principals: [isTopic ? new ServicePrincipal('sns.amazonaws.com') : new ArnPrincipal(arn)],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      ...(isTopic ? { conditions: { ArnEquals: { 'aws:SourceArn': arn } } } : {}),
    });
  });
  // An identity of this account needs no word of the queue if its own policy lets it send, so the rest is denied: what
  // comes here may count as confirmed (decision 0008). A condition that names an absent key holds, so topics and roles
  // each pass by their own. `aws:PrincipalArn` of an assumed role is the role.
  const topics = senderArns.filter(isTopicArn);
  const roles = senderArns.filter((arn) => !isTopicArn(arn));
  return [
    ...allowed,
    new PolicyStatement({
      sid: 'NobodyElse',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnNotEquals: {
          ...(topics.length > 0 ? { 'aws:SourceArn': topics } : {}),
          ...(roles.length > 0 ? { 'aws:PrincipalArn': roles } : {}),
        },
      },
    }),
  ];
}
