import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Access } from './access.ts';

/** What Lambda's poller does in the name of the function it polls for. */
export function consumeQueue(...queues: readonly IQueue[]): Access {
  return {
    statements: [
      new PolicyStatement({
        sid: 'ConsumeQueue',
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
        resources: queues.map(({ queueArn }) => queueArn),
      }),
    ],
    key: { via: 'sqs', write: false },
  };
}

/** Where Lambda puts failures. The library's own destination would grant `kms:ReEncrypt*`; the right is in `sendToQueue`. */
export function failuresTo(queue: IQueue): { bind(): { readonly destination: string } } {
  return { bind: () => ({ destination: queue.queueArn }) };
}

/** Lambda delivers what a function could not do in the name of that function. */
export function sendToQueue(queue: IQueue): Access {
  return {
    statements: [
      new PolicyStatement({ sid: 'SendToDeadLetters', actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
    ],
    key: { via: 'sqs', write: true },
  };
}
