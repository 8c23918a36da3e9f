import { GetCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Approval, approvalSchema } from '../../../domain/approval/approval.ts';
import { purposeOf } from '../../../domain/approval/over.ts';
import {
  type ApprovalClosing,
  type ApprovalStore,
  ConflictError,
  type DeliveryStore,
  NotFoundError,
} from '../ports.ts';
import { APPROVALS } from '../tables.ts';
import { approvalKey, firstAsked, readApproval, tokenKey } from './approval-item.ts';
import type { TableAccess } from './client.ts';
import { decide } from './decide.ts';
import { heldWhen } from './held.ts';
import { insist, isContention, PATIENCE, type Patience } from './patience.ts';
import { newestOf, queryItems } from './query.ts';

type Options = TableAccess & { readonly patience?: Patience };

/**
 * Approvals in DynamoDB. `auditTable` is needed by `decide` alone, which writes the decision's audit entry in the same
 * transaction. Permissions: GetItem, PutItem, UpdateItem on `APPROVAL#*`, PutItem on `TOKEN#*` (create only, never a
 * read), Query on both indexes (all attributes projected); `decide` also PutItem and Query on the audit table.
 */
export function approvalStore(
  options: Options & { readonly auditTable?: string | undefined },
): ApprovalStore & ApprovalClosing {
  const { client, table, auditTable, patience = PATIENCE } = options;
  const access: TableAccess = { client, table };
  const forIncident = async (incidentId: string) => await byIncident(access, incidentId);
  return {
    create: (approval, taskToken) => create(access, patience, approval, taskToken),
    get: (approvalId) => readApproval(access, approvalId),
    forIncident,
    async list({ limit }) {
      const items = await newestOf(access, APPROVALS.listing, 'APPROVAL', limit);
      return items.map((item) => approvalSchema.parse(item));
    },
    async decide(decision, incidentId, now, known) {
      if (auditTable === undefined) {
        throw new Error('this approval store was made without an auditTable, so it can read but not decide');
      }
      return await decide({ ...access, auditTable, patience }, decision, incidentId, now, known);
    },
    async expire(approvalId) {
      await leavePending(access, patience, approvalId, 'EXPIRED');
      const approval = await readApproval(access, approvalId);
      if (approval === undefined) throw new NotFoundError(`there is no approval ${approvalId}`);
      return approval;
    },
    async closePending(incidentId) {
      const closed: string[] = [];
      for (const { approvalId, status, ...rest } of await forIncident(incidentId)) {
        if (status !== 'PENDING' || purposeOf(rest) === 'undo') continue;
        if (await leavePending(access, patience, approvalId, 'CLOSED')) closed.push(approvalId);
      }
      return closed;
    },
  };
}

/** Tokens and deliveries, for `deliver-decision` alone. Permissions: GetItem on `TOKEN#*`, UpdateItem on `APPROVAL#*`. */
export function deliveryStore({ client, table, patience = PATIENCE }: Options): DeliveryStore {
  return {
    async tokenOf(approvalId) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: tokenKey(approvalId), ConsistentRead: true }),
      );
      const token: unknown = Item?.['taskToken'];
      return typeof token === 'string' ? token : undefined;
    },
    async markDelivery(approvalId, delivery) {
      return await heldWhen(() =>
        insist(patience, `approval ${approvalId}`, () =>
          client.send(
            new UpdateCommand({
              TableName: table,
              Key: approvalKey(approvalId),
              UpdateExpression: 'SET #delivery = :delivery',
              ConditionExpression: '#delivery = :waiting',
              ExpressionAttributeNames: { '#delivery': 'delivery' },
              ExpressionAttributeValues: { ':delivery': delivery, ':waiting': 'waiting' },
            }),
          ),
        ),
      );
    },
  };
}

/**
 * First time: approval and token in one transaction. Again (a retried state): the approval stays as it is and its token
 * becomes the new one, because Step Functions gives every attempt another token and the old one answers nobody.
 */
async function create(
  access: TableAccess,
  patience: Patience,
  approval: Approval,
  taskToken: string,
): Promise<{ readonly approval: Approval; readonly created: boolean }> {
  const token = { Put: { TableName: access.table, Item: { ...tokenKey(approval.approvalId), taskToken } } };
  return await insist(
    patience,
    `approval ${approval.approvalId}`,
    async () => {
      const existing = await readApproval(access, approval.approvalId);
      if (existing && !asksTheSame(existing, approval)) {
        throw new ConflictError(`approval ${approval.approvalId} exists for another incident, action or plan`);
      }
      // Its answer was delivered or came too late: nothing is left to wait for, and the caller sees the status.
      if (existing && existing.delivery !== 'waiting') return { approval: existing, created: false };
      const first = existing ? stillWaiting(access, existing.approvalId) : firstAsked(access.table, approval);
      await access.client.send(new TransactWriteCommand({ TransactItems: [first, token] }));
      return { approval: existing ?? approval, created: existing === undefined };
    },
    isContention,
  );
}

function asksTheSame(a: Approval, b: Approval): boolean {
  return a.incidentId === b.incidentId && a.actionId === b.actionId && a.planDigest === b.planDigest;
}

function stillWaiting({ table }: TableAccess, approvalId: string) {
  return {
    ConditionCheck: {
      TableName: table,
      Key: approvalKey(approvalId),
      ConditionExpression: '#delivery = :waiting',
      ExpressionAttributeNames: { '#delivery': 'delivery' },
      ExpressionAttributeValues: { ':waiting': 'waiting' },
    },
  };
}

/** In the order they were asked. */
async function byIncident(access: TableAccess, incidentId: string): Promise<readonly Approval[]> {
  const items = await queryItems(access, {
    IndexName: APPROVALS.incident.name,
    KeyConditionExpression: '#incident = :incident',
    ExpressionAttributeNames: { '#incident': APPROVALS.incident.pk },
    ExpressionAttributeValues: { ':incident': incidentId },
  });
  return items.map((item) => approvalSchema.parse(item));
}

async function leavePending(
  { client, table }: TableAccess,
  patience: Patience,
  approvalId: string,
  status: 'EXPIRED' | 'CLOSED',
): Promise<boolean> {
  return await heldWhen(() =>
    insist(patience, `approval ${approvalId}`, () =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: approvalKey(approvalId),
          UpdateExpression: 'SET #status = :status REMOVE #due, #dueAt',
          ConditionExpression: '#status = :pending',
          ExpressionAttributeNames: { '#status': 'status', '#due': APPROVALS.due.pk, '#dueAt': APPROVALS.due.sk },
          ExpressionAttributeValues: { ':status': status, ':pending': 'PENDING' },
        }),
      ),
    ),
  );
}
