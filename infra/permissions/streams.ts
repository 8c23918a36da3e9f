import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Access } from './access.ts';

/** What Lambda's poller does in the name of the function it polls a table's stream for. */
export function readStream(stream: string): Access {
  return {
    statements: [
      new PolicyStatement({
        sid: 'ReadApprovalStream',
        actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListShards'],
        resources: [stream],
      }),
      new PolicyStatement({ sid: 'FindApprovalStream', actions: ['dynamodb:ListStreams'], resources: ['*'] }),
    ],
    wildcards: {
      'Resource::*': 'dynamodb:ListStreams, which Lambda asks for, and the X-Ray calls have no resource to name',
    },
  };
}
