import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PipelineFunction } from '../functions/pipeline-function.ts';
import { tellDigests } from '../permissions/digests.ts';
import { sendToQueue } from '../permissions/queues.ts';
import { everyNowAndThen } from '../permissions/scheduler.ts';
import { appendAudit } from '../permissions/tables.ts';
import { DeadLetters } from './dead-letters.ts';
import type { StageProps } from './investigation.ts';

interface ChatDigestsProps extends StageProps {
  readonly key: IKey;
  readonly retain: boolean;
}

/** Every minute: one message about the incidents that came faster than the chat channel may take messages (docs/decisions/0010). */
export class ChatDigests extends Construct {
  readonly postDigest: PipelineFunction;
  /** Runs that were given up; the line itself stands in the table. Absent without a chat system: nothing is scheduled then. */
  readonly givenUp: Queue | undefined;

  constructor(scope: Construct, id: string, props: ChatDigestsProps) {
    super(scope, id);
    const { configuration, setting, stores, secrets, key, retain } = props;
    const { chat } = configuration.destinations;
    this.givenUp = chat && new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    this.postDigest = new PipelineFunction(this, 'PostDigest', {
      verb: 'post-digest',
      setting,
      access: [
        tellDigests(stores),
        appendAudit(stores),
        secrets.read(chat ? [chat.secret] : []),
        ...(this.givenUp ? [sendToQueue(this.givenUp)] : []),
      ],
      // A second run at one time finds the claim of the first and goes again.
      reserved: 1,
    });
    if (this.givenUp === undefined) return;
    everyNowAndThen(this, 'EveryMinute', {
      target: this.postDigest,
      expression: 'rate(1 minute)',
      does: 'tells incidents beyond the chat rate',
      givenUp: this.givenUp,
      key,
      // The next minute tells them too; a run that is late is of no use.
      maximumEventAgeInSeconds: 60,
    });
  }
}
