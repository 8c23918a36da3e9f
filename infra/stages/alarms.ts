import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { PipelineFunction } from '../functions/pipeline-function.ts';

interface AlarmsProps {
  readonly prefix: string;
  readonly key: IKey;
  readonly mail: string | undefined;
  /** By what is lost when something lies in it. */
  readonly deadLetters: Readonly<Record<string, Queue>>;
  readonly functions: readonly PipelineFunction[];
  readonly stateMachine: StateMachine;
  readonly rollBack: StateMachine;
  readonly reconcile: StateMachine;
  readonly bus: EventBus;
  readonly rules: Readonly<Record<string, Rule>>;
  /** Rules of the account's default bus, whose metrics name no bus. */
  readonly defaultBusRules: Readonly<Record<string, Rule>>;
  readonly sources: readonly string[];
}

/** Counted by `normalize` (namespace Parapet): an alert it could not understand. */
export const QUARANTINED_METRIC = 'AlertQuarantined';

/** Counted by `watch`: something that was contained no longer is, or nobody can say. */
export const DRIFT_METRICS = { ContainmentDrifted: 'drifted', ContainmentUnknown: 'unwatched' } as const;

const FIVE_MINUTES = Duration.minutes(5);

/** Whatever a person must look at rings here: every dead-letter queue, every failed run, every quarantined alert. */
export class Alarms extends Construct {
  readonly #prefix: string;
  readonly #action: SnsAction | undefined;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#prefix = props.prefix;
    this.#action = props.mail === undefined ? undefined : new SnsAction(this.#topic(props.mail, props.key));
    for (const [what, queue] of Object.entries(props.deadLetters)) {
      const metric = queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: 'Maximum' });
      this.#ring(
        `dead-letters-${what}`,
        metric,
        'Something could not be delivered or done; look into the queue, mend the cause, send it back.',
      );
    }
    for (const { verb, lambda } of props.functions) {
      this.#ring(
        `errors-${verb}`,
        lambda.metricErrors({ period: FIVE_MINUTES }),
        `Function ${verb} ended with an error.`,
      );
    }
    const { stateMachine } = props;
    this.#ring(
      'incidents-failed',
      stateMachine.metricFailed({ period: FIVE_MINUTES }),
      'An incident run failed; mend the cause and redrive it.',
    );
    this.#ring(
      'incidents-timed-out',
      stateMachine.metricTimedOut({ period: FIVE_MINUTES }),
      'An incident run took longer than any approval may.',
    );
    this.#ring(
      'roll-backs-failed',
      props.rollBack.metricFailed({ period: FIVE_MINUTES }),
      'A roll-back on demand failed, or its target does not show it: parapet incident ID, then look at the target.',
    );
    this.#ring(
      'roll-backs-timed-out',
      props.rollBack.metricTimedOut({ period: FIVE_MINUTES }),
      'A roll-back on demand took longer than any approval may.',
    );
    this.#ring(
      'reconcile-failed',
      props.reconcile.metricFailed({ period: FIVE_MINUTES }),
      'A source could not be asked for what its push missed: parapet doctor names the reason.',
    );
    this.#ring(
      'reconcile-timed-out',
      props.reconcile.metricTimedOut({ period: FIVE_MINUTES }),
      'Asking a source for what its push missed took longer than it may; the next run goes on.',
    );
    const ofOurs = Object.entries(props.rules).map(
      ([what, rule]) => [what, { EventBusName: props.bus.eventBusName, RuleName: rule.ruleName }] as const,
    );
    const ofDefault = Object.entries(props.defaultBusRules).map(
      ([what, rule]) => [what, { RuleName: rule.ruleName }] as const,
    );
    for (const [what, dimensionsMap] of [...ofOurs, ...ofDefault]) {
      const metric = new Metric({
        namespace: 'AWS/Events',
        metricName: 'FailedInvocations',
        dimensionsMap,
        period: FIVE_MINUTES,
        statistic: 'Sum',
      });
      this.#ring(`bus-${what}`, metric, 'The bus could not hand over an event at once; it retries for a day.');
    }
    for (const [metricName, what] of Object.entries(DRIFT_METRICS)) {
      const counted = new Metric({
        namespace: 'Parapet',
        metricName,
        dimensionsMap: { service: 'watch' },
        period: FIVE_MINUTES,
        statistic: 'Sum',
      });
      this.#ring(
        `containment-${what}`,
        counted,
        'What was contained no longer is, or could not be checked: parapet incidents, then parapet incident ID.',
      );
    }
    for (const source of props.sources) {
      const quarantined = new Metric({
        namespace: 'Parapet',
        metricName: QUARANTINED_METRIC,
        // Exactly the dimensions it is counted with: CloudWatch does not add them up.
        dimensionsMap: { service: 'normalize', source },
        period: FIVE_MINUTES,
        statistic: 'Sum',
      });
      this.#ring(`quarantined-${source}`, quarantined, 'An alert was not understood: parapet quarantine list.');
    }
  }

  #ring(name: string, metric: IMetric, alarmDescription: string): void {
    const alarm = new Alarm(this, name, {
      alarmName: `${this.#prefix}-${name}`,
      alarmDescription,
      metric,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.#action) alarm.addAlarmAction(this.#action);
  }

  #topic(mail: string, key: IKey): Topic {
    const topic = new Topic(this, 'Topic', { displayName: 'Parapet alarms', masterKey: key, enforceSSL: true });
    topic.addSubscription(new EmailSubscription(mail));
    return topic;
  }
}
