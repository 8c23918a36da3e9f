import { readFileSync } from 'node:fs';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { canBePolled } from '../../connectors/cwpp/poll-registry.ts';
import { readSecretOf } from '../../domain/config/channels.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { ALERT_RECEIVED } from '../../domain/events.ts';
import { SOURCES, type Source } from '../../domain/source.ts';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { readAwsFindings } from '../permissions/aws-sources.ts';
import { accept } from '../permissions/nag.ts';
import { publishEvents, writeEvidence } from '../permissions/outside.ts';
import { countCalls, movePollCursor } from '../permissions/tables.ts';
import { DeadLetters } from './dead-letters.ts';
import type { SecretEntries } from './secret-entries.ts';
import type { Stores } from './stores.ts';

/** The definition as it is deployed, placeholders and all. */
export const RECONCILE_DEFINITION = new URL('../../state-machines/reconcile.asl.json', import.meta.url);

interface ReconciliationProps {
  readonly configuration: Configuration;
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  readonly secrets: SecretEntries;
  readonly bus: EventBus;
  readonly key: IKey;
  readonly retain: boolean;
}

/** A source and how often it is asked. */
interface Scheduled {
  readonly source: Source;
  readonly minutes: number;
}

/** @throws when a source that cannot be polled is configured to be: silence would look like "nothing was missed" */
export function scheduledSources(
  { sources }: Pick<Configuration, 'sources'>,
  canPoll: (source: Source) => boolean = canBePolled,
): readonly Scheduled[] {
  return SOURCES.flatMap((source) => {
    const configured = sources[source];
    if (configured === undefined || !('reconcileEveryMinutes' in configured)) return [];
    const minutes = configured.reconcileEveryMinutes;
    if (minutes === undefined) return [];
    if (!canPoll(source)) {
      throw new Error(`sources.${source}.reconcileEveryMinutes: Parapet cannot ask this source for its alerts yet`);
    }
    return [{ source, minutes }];
  });
}

/** For each configured source a schedule that asks the vendor what its push missed, and feeds it into the bus. */
export class Reconciliation extends Construct {
  readonly poll: PipelineFunction;
  readonly stateMachine: StateMachine;
  /** Runs the scheduler could not start; absent when nothing is scheduled. */
  readonly givenUp: Queue | undefined;

  constructor(scope: Construct, id: string, props: ReconciliationProps) {
    super(scope, id);
    const { configuration, setting, stores, secrets, bus, key, retain } = props;
    const scheduled = scheduledSources(configuration);
    const readSecrets = scheduled.flatMap(({ source }) => readSecretOf(configuration.sources, source) ?? []);
    this.poll = new PipelineFunction(this, 'Poll', {
      verb: 'poll',
      setting,
      access: [
        movePollCursor(stores),
        writeEvidence(stores, 'alerts'),
        publishEvents(bus, [ALERT_RECEIVED]),
        secrets.read(readSecrets),
        ...(scheduled.some(({ source }) => source === 'guardduty' || source === 'inspector')
          ? readAwsFindings(this, configuration.sources)
          : []),
        ...(scheduled.some(({ source }) => source === 'lacework') ? [countCalls(stores)] : []),
      ],
    });
    this.stateMachine = this.#machine(setting, key);
    this.givenUp = scheduled.length === 0 ? undefined : this.#schedule(scheduled, key, retain);
  }

  #schedule(scheduled: readonly Scheduled[], key: IKey, retain: boolean): Queue {
    const givenUp = new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    const role = this.#scheduler(key, givenUp);
    for (const { source, minutes } of scheduled) {
      new CfnSchedule(this, `Every-${source}`, {
        description: `Parapet: asks ${source} for alerts its push missed`,
        scheduleExpression: `rate(${minutes} minutes)`,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: this.stateMachine.stateMachineArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ source }),
          deadLetterConfig: { arn: givenUp.queueArn },
          // The next run begins where this one would have: a late one is of no use.
          retryPolicy: { maximumEventAgeInSeconds: Math.max(60, minutes * 60), maximumRetryAttempts: 5 },
        },
      }).node.addDependency(role);
    }
    return givenUp;
  }

  #machine(setting: FunctionSetting, key: IKey): StateMachine {
    const { account } = Stack.of(this);
    const role = new Role(this, 'Role', {
      description: 'Parapet reconciliation workflow: calls its function',
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'CallPoll',
        actions: ['lambda:InvokeFunction'],
        resources: [this.poll.lambda.functionArn],
      }),
    );
    const machine = new StateMachine(this, 'StateMachine', {
      stateMachineName: `${setting.prefix}-reconcile`,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(readFileSync(RECONCILE_DEFINITION, 'utf8')),
      definitionSubstitutions: { PollFunction: this.poll.lambda.functionArn },
      role,
      logs: {
        destination: new LogGroup(this, 'Logs', {
          logGroupName: `/aws/vendedlogs/states/${setting.prefix}-reconcile`,
          retention: setting.logRetention,
          encryptionKey: key,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
      tracingEnabled: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    accept(machine, {
      'CloudFormation-Validate::E1029':
        'the placeholders of the definition are filled by DefinitionSubstitutions, not by Fn::Sub',
    });
    accept(role, {
      'IAM5[Resource::*]': 'the calls that set up log delivery and those of X-Ray have no resource to name',
    });
    return machine;
  }

  #scheduler(key: IKey, givenUp: Queue): Role {
    const { account, region } = Stack.of(this);
    const role = new Role(this, 'SchedulerRole', {
      description: 'Parapet: the schedules of reconciliation',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    const allow = (sid: string, actions: string[], resource: string, conditions = {}): boolean =>
      role.addToPolicy(new PolicyStatement({ sid, actions, resources: [resource], conditions }));
    allow('StartReconcile', ['states:StartExecution'], this.stateMachine.stateMachineArn);
    allow('SendToDeadLetters', ['sqs:SendMessage'], givenUp.queueArn);
    allow('EncryptDeadLetters', ['kms:Decrypt', 'kms:GenerateDataKey'], key.keyArn, {
      StringEquals: { 'kms:ViaService': `sqs.${region}.amazonaws.com` },
    });
    return role;
  }
}
