import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { signAnchors, writeAnchors } from '../permissions/outside.ts';
import { sendToQueue } from '../permissions/queues.ts';
import { everyNowAndThen } from '../permissions/scheduler.ts';
import { findWrittenChains, readAudit, readIncidents } from '../permissions/tables.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Stores } from './stores.ts';

interface AuditAnchorProps {
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  readonly key: IKey;
  readonly signingKey: IKey;
  readonly retain: boolean;
}

/** Every hour: the heads of all audit chains, signed, into the bucket nobody can delete from. Only this shows that a whole chain was removed. */
export class AuditAnchor extends Construct {
  readonly anchorAudit: PipelineFunction;
  /** Runs that were given up, by the scheduler or by Lambda. */
  readonly givenUp: Queue;

  constructor(scope: Construct, id: string, { setting, stores, key, signingKey, retain }: AuditAnchorProps) {
    super(scope, id);
    this.givenUp = new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    this.anchorAudit = new PipelineFunction(this, 'AnchorAudit', {
      verb: 'anchor-audit',
      setting,
      access: [
        readIncidents(stores),
        readAudit(stores),
        findWrittenChains(stores),
        writeAnchors(stores),
        signAnchors(signingKey),
        sendToQueue(this.givenUp),
      ],
      // Two runs at one time would write two anchors for one hour.
      reserved: 1,
    });
    everyNowAndThen(this, 'Hourly', {
      target: this.anchorAudit,
      expression: 'rate(1 hour)',
      does: 'anchors the audit log',
      givenUp: this.givenUp,
      key,
      maximumEventAgeInSeconds: 3600,
    });
  }
}
