import { Duration } from 'aws-cdk-lib';
import { type EventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { answeredReadSecretsOf } from '../../domain/config/channels.ts';
import { CONTAINMENT_DRIFTED, CONTAINMENT_SETTLED, EVENT_SOURCE } from '../../domain/events.ts';
import { PipelineFunction } from '../functions/pipeline-function.ts';
import { externalIdsOf, readAccounts } from '../permissions/aws-targets.ts';
import { publishEvents, readEvidence } from '../permissions/outside.ts';
import { failuresTo, sendToQueue } from '../permissions/queues.ts';
import { everyNowAndThen } from '../permissions/scheduler.ts';
import { appendAudit, countAnswers, readIncidents } from '../permissions/tables.ts';
import { keepWatch } from '../permissions/watches.ts';
import { DeadLetters } from './dead-letters.ts';
import type { StageProps } from './investigation.ts';

interface WatchProps extends StageProps {
  readonly bus: EventBus;
  readonly key: IKey;
  readonly retain: boolean;
  /** What brings ticket and chat up to date when something drifted. */
  readonly publishers: readonly PipelineFunction[];
  /** Where their failures go; their roles may send there. */
  readonly untold: Queue;
}

/** Every minute: looks again at actions whose time has come (docs/decisions/0016), and has it told what no longer holds. */
export class Watch extends Construct {
  readonly watch: PipelineFunction;
  readonly rule: Rule;
  /** Runs that were given up; the line itself stands in the table. */
  readonly givenUp: Queue;

  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    const { configuration, setting, stores, secrets, bus, key, retain, publishers, untold } = props;
    this.givenUp = new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    this.watch = new PipelineFunction(this, 'Watch', {
      verb: 'watch',
      setting,
      access: [
        keepWatch(stores),
        readIncidents(stores),
        appendAudit(stores),
        readEvidence(stores, 'incidents'),
        secrets.read([
          ...configuration.clusters.map(({ readSecret }) => readSecret),
          ...answeredReadSecretsOf(configuration.sources),
          ...externalIdsOf(configuration),
        ]),
        ...countAnswers(configuration, stores),
        readAccounts(configuration),
        publishEvents(bus, [CONTAINMENT_DRIFTED, CONTAINMENT_SETTLED]),
        sendToQueue(this.givenUp),
      ],
      // Two runs at one time would look at the same actions.
      reserved: 1,
    });
    everyNowAndThen(this, 'EveryMinute', {
      target: this.watch,
      expression: 'rate(1 minute)',
      does: 'looks again at what was contained',
      givenUp: this.givenUp,
      key,
      // The next minute looks too; a run that is late is of no use.
      maximumEventAgeInSeconds: 60,
    });
    for (const { lambda } of publishers) {
      lambda.configureAsyncInvoke({ retryAttempts: 2, onFailure: failuresTo(untold) });
    }
    this.rule = new Rule(this, 'Drifted', {
      description: 'Parapet: ticket and chat learn that something no longer holds, or does now',
      eventBus: bus,
      eventPattern: { source: [EVENT_SOURCE], detailType: [CONTAINMENT_DRIFTED, CONTAINMENT_SETTLED] },
      targets: publishers.map(
        ({ lambda }) =>
          new LambdaFunction(lambda, {
            event: RuleTargetInput.fromEventPath('$.detail'),
            deadLetterQueue: untold,
            maxEventAge: Duration.hours(24),
            retryAttempts: 185,
          }),
      ),
    });
  }
}
