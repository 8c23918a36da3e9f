import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { rightsSecretsOf } from '../../domain/config/channels.ts';
import { PipelineFunction } from '../functions/pipeline-function.ts';
import { askAccounts } from '../permissions/aws-targets.ts';
import { readEvidence, sendMail } from '../permissions/outside.ts';
import { sendToQueue } from '../permissions/queues.ts';
import { everyNowAndThen } from '../permissions/scheduler.ts';
import { appendAudit, chaseApprovals, readIncidents } from '../permissions/tables.ts';
import { DeadLetters } from './dead-letters.ts';
import type { StageProps } from './investigation.ts';

interface ApprovalChasingProps extends StageProps {
  /** What an approval link begins with. */
  readonly peopleUrl: string;
  readonly key: IKey;
  readonly retain: boolean;
}

/** Every minute: reminders of questions nobody has answered, and the next group where the policy names one. */
export class ApprovalChasing extends Construct {
  readonly chaseApprovals: PipelineFunction;
  /** Runs that were given up; the questions and their steps stand in the table, and the next minute takes them up. */
  readonly givenUp: Queue;

  constructor(scope: Construct, id: string, props: ApprovalChasingProps) {
    super(scope, id);
    const { configuration, setting, stores, secrets, peopleUrl, key, retain } = props;
    const mail = configuration.destinations.mail;
    this.givenUp = new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    this.chaseApprovals = new PipelineFunction(this, 'ChaseApprovals', {
      verb: 'chase-approvals',
      setting,
      access: [
        chaseApprovals(stores),
        readIncidents(stores),
        appendAudit(stores),
        readEvidence(stores, 'incidents'),
        secrets.read([configuration.approvals.linkSecret, ...rightsSecretsOf(configuration)]),
        askAccounts(configuration),
        { statements: [], environment: { PEOPLE_EDGE_URL: peopleUrl } },
        ...(mail ? [sendMail(this, mail)] : []),
        sendToQueue(this.givenUp),
      ],
      // A second run at the same time would find every step taken.
      reserved: 1,
    });
    everyNowAndThen(this, 'EveryMinute', {
      target: this.chaseApprovals,
      expression: 'rate(1 minute)',
      does: 'reminds of open questions and asks the next group',
      givenUp: this.givenUp,
      key,
      // The next minute calls again; a run that is late is of no use.
      maximumEventAgeInSeconds: 60,
    });
  }
}
