import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { INCIDENT_OPENED } from '../../domain/events.ts';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { publishEvents } from '../permissions/outside.ts';
import { sendToQueue } from '../permissions/queues.ts';
import { everyNowAndThen } from '../permissions/scheduler.ts';
import { callWaiting } from '../permissions/tables.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Stores } from './stores.ts';

interface WaitingIncidentsProps {
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  readonly bus: EventBus;
  readonly key: IKey;
  readonly retain: boolean;
}

/** Every minute: the next incidents of the line normalize puts low ones into when too many come (docs/decisions/0009). */
export class WaitingIncidents extends Construct {
  readonly announceWaiting: PipelineFunction;
  /** Runs that were given up; the line itself stands in the table. */
  readonly givenUp: Queue;

  constructor(scope: Construct, id: string, { setting, stores, bus, key, retain }: WaitingIncidentsProps) {
    super(scope, id);
    this.givenUp = new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    this.announceWaiting = new PipelineFunction(this, 'AnnounceWaiting', {
      verb: 'announce-waiting',
      setting,
      access: [callWaiting(stores), publishEvents(bus, [INCIDENT_OPENED]), sendToQueue(this.givenUp)],
      // Two runs at one time would announce twice as many.
      reserved: 1,
    });
    everyNowAndThen(this, 'EveryMinute', {
      target: this.announceWaiting,
      expression: 'rate(1 minute)',
      does: 'announces incidents that waited',
      givenUp: this.givenUp,
      key,
      // The next minute calls again; a run that is late is of no use.
      maximumEventAgeInSeconds: 60,
    });
  }
}
