import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type Approval, approvalSchema } from '../../../domain/approval/approval.ts';
import { APPROVALS } from '../tables.ts';
import type { TableAccess } from './client.ts';
import { listingOf } from './query.ts';

export const approvalKey = (approvalId: string) => ({ [APPROVALS.pk]: `${APPROVALS.approvalPrefix}${approvalId}` });
export const tokenKey = (approvalId: string) => ({ [APPROVALS.pk]: `${APPROVALS.tokenPrefix}${approvalId}` });

export async function readApproval(access: TableAccess, approvalId: string): Promise<Approval | undefined> {
  const { Item } = await access.client.send(
    new GetCommand({ TableName: access.table, Key: approvalKey(approvalId), ConsistentRead: true }),
  );
  return Item === undefined ? undefined : approvalSchema.parse(Item);
}

/** Where the next step of a pending approval stands in the index; nothing when there is none. */
export function dueOf({ approvalId, steps }: Approval, stepsDone: number): Readonly<Record<string, string>> {
  const next = steps[stepsDone];
  return next === undefined
    ? {}
    : { [APPROVALS.due.pk]: listingOf('DUE', approvalId), [APPROVALS.due.sk]: new Date(next.at).toISOString() };
}

/** The write that stores an approval that was not there. */
export function firstAsked(table: string, approval: Approval) {
  return {
    Put: {
      TableName: table,
      Item: {
        ...approvalKey(approval.approvalId),
        ...approval,
        listing: listingOf('APPROVAL', approval.approvalId),
        // Conditions compare it as a number: ISO texts of different precision do not sort by time.
        expiresAtMs: Date.parse(approval.expiresAt),
        voteCount: approval.votes.length,
        ...dueOf(approval, approval.stepsDone),
      },
      ConditionExpression: 'attribute_not_exists(#id)',
      ExpressionAttributeNames: { '#id': APPROVALS.pk },
    },
  };
}
