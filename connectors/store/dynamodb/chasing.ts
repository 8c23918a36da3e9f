import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { approvalSchema } from '../../../domain/approval/approval.ts';
import type { ChasingStore } from '../chasing-port.ts';
import { APPROVALS, LISTING_SHARDS } from '../tables.ts';
import { approvalKey, dueOf, readApproval } from './approval-item.ts';
import type { TableAccess } from './client.ts';
import { heldWhen } from './held.ts';
import { insist, PATIENCE, type Patience } from './patience.ts';
import { queryItems } from './query.ts';

/** Next steps of pending approvals. Permissions: GetItem and UpdateItem on `APPROVAL#*`, Query on the index `due`. */
export function chasingStore(options: TableAccess & { readonly patience?: Patience }): ChasingStore {
  const { client, table, patience = PATIENCE } = options;
  const access: TableAccess = { client, table };
  const change = (
    approvalId: string,
    update: {
      readonly set: string;
      readonly condition: string;
      readonly names: Readonly<Record<string, string>>;
      readonly values: Readonly<Record<string, unknown>>;
    },
  ): Promise<boolean> =>
    heldWhen(() =>
      insist(patience, `approval ${approvalId}`, () =>
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: approvalKey(approvalId),
            UpdateExpression: update.set,
            ConditionExpression: `#status = :pending AND ${update.condition}`,
            ExpressionAttributeNames: { '#status': 'status', ...update.names },
            ExpressionAttributeValues: { ':pending': 'PENDING', ...update.values },
          }),
        ),
      ),
    );

  return {
    async due(now, limit) {
      const shards = await Promise.all(
        Array.from({ length: LISTING_SHARDS }, (_, shard) =>
          queryItems(
            access,
            {
              IndexName: APPROVALS.due.name,
              KeyConditionExpression: '#due = :due AND #dueAt <= :now',
              ExpressionAttributeNames: { '#due': APPROVALS.due.pk, '#dueAt': APPROVALS.due.sk },
              ExpressionAttributeValues: { ':due': `DUE#${shard}`, ':now': now.toISOString() },
            },
            limit,
          ),
        ),
      );
      return shards
        .flat()
        .sort((a, b) => String(a[APPROVALS.due.sk]).localeCompare(String(b[APPROVALS.due.sk]), 'en'))
        .slice(0, limit)
        .map((item) => approvalSchema.parse(item));
    },
    take: ({ approvalId, stepsDone }, now, leaseSeconds) =>
      change(approvalId, {
        set: 'SET #dueAt = :until',
        // Still due: whoever took it before has moved it into the future.
        condition: '#stepsDone = :stepsDone AND #dueAt <= :now',
        names: { '#stepsDone': 'stepsDone', '#dueAt': APPROVALS.due.sk },
        values: {
          ':stepsDone': stepsDone,
          ':now': now.toISOString(),
          ':until': new Date(now.getTime() + leaseSeconds * 1000).toISOString(),
        },
      }),
    async askAlso(approvalId, people) {
      const approval = await readApproval(access, approvalId);
      if (approval?.status !== 'PENDING') return undefined;
      const approvers = [...new Set([...approval.approvers, ...people])];
      const asked = await change(approvalId, {
        set: 'SET #approvers = :approvers',
        condition: 'attribute_exists(#approvers)',
        names: { '#approvers': 'approvers' },
        values: { ':approvers': approvers },
      });
      return asked ? { ...approval, approvers } : undefined;
    },
    async finish(approval) {
      const stepsDone = approval.stepsDone + 1;
      const dueAt = dueOf(approval, stepsDone)[APPROVALS.due.sk];
      await change(approval.approvalId, {
        set: `SET #stepsDone = :next${dueAt === undefined ? ' REMOVE #due, #dueAt' : ', #dueAt = :dueAt'}`,
        condition: '#stepsDone = :stepsDone',
        names: {
          '#stepsDone': 'stepsDone',
          '#dueAt': APPROVALS.due.sk,
          ...(dueAt === undefined ? { '#due': APPROVALS.due.pk } : {}),
        },
        values: {
          ':stepsDone': approval.stepsDone,
          ':next': stepsDone,
          ...(dueAt === undefined ? {} : { ':dueAt': dueAt }),
        },
      });
    },
  };
}
