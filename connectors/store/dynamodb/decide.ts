import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Approval, Decision } from '../../../domain/approval/approval.ts';
import { cast, isCast } from '../../../domain/approval/votes.ts';
import { type AuditRecord, nextEntry } from '../../../domain/audit/entry.ts';
import { APPROVALS, AUDIT } from '../tables.ts';
import { approvalKey, readApproval } from './approval-item.ts';
import { headOf } from './audit.ts';
import { toAuditItem } from './audit-item.ts';
import type { TableAccess } from './client.ts';
import { insist, isContention, type Patience } from './patience.ts';

export interface DecideAccess extends TableAccess {
  readonly auditTable: string;
  readonly patience: Patience;
}

/**
 * A vote and its audit entry, both or neither. The audit chain, or another vote, may come between reading and writing: then
 * everything is read again, and the conditions on the approval are checked again by the next transaction.
 */
export async function decide(
  access: DecideAccess,
  decision: Decision,
  incidentId: string,
  now: Date,
  known?: Approval,
): Promise<Approval | undefined> {
  let unread = known;
  return await insist(
    access.patience,
    `approval ${decision.approvalId}`,
    async () => {
      const approval = unread ?? (await readApproval(access, decision.approvalId));
      unread = undefined;
      if (approval === undefined || approval.incidentId !== incidentId) return undefined;
      if (isCast(approval, decision)) return approval;
      const after = cast(approval, decision, now);
      if (after === undefined) return undefined;
      await write(access, { approval, after, decision, now });
      return after;
    },
    isContention,
  );
}

/** What the log says about a vote; comment and reason are the person's own words and belong to the proof. */
export function voteRecord(after: Approval, decision: Decision): AuditRecord {
  return {
    chain: after.incidentId,
    at: decision.decidedAt,
    actor: { type: 'person', id: decision.decidedBy },
    kind: after.status === 'PENDING' ? 'approval.voted' : 'approval.decided',
    data: {
      approvalId: after.approvalId,
      actionId: after.actionId,
      action: after.action,
      decision: decision.decision,
      planDigest: decision.planDigest,
      approvals: after.votes.filter((vote) => vote.decision === 'approved').map(({ person }) => person),
      quorum: after.quorum,
      ...(decision.onBehalfOf === undefined ? {} : { onBehalfOf: decision.onBehalfOf }),
      ...(decision.reason === undefined ? {} : { reason: decision.reason }),
      ...(decision.comment === undefined ? {} : { comment: decision.comment }),
      ...(decision.channel === undefined ? {} : { channel: decision.channel }),
      identity: identityOf(decision),
    },
  };
}

/** What the vote rests on: an auditor must see who was proven and who merely held a link. */
function identityOf({ proof, channel }: Decision): Readonly<Record<string, string>> {
  if (proof !== undefined) return { ...proof };
  return { kind: channel === 'slack' ? 'click in Slack' : 'possession of link' };
}

interface Writing {
  readonly approval: Approval;
  readonly after: Approval;
  readonly decision: Decision;
  readonly now: Date;
}

async function write(access: DecideAccess, { approval, after, decision, now }: Writing): Promise<void> {
  const audit: TableAccess = { client: access.client, table: access.auditTable };
  const entry = nextEntry(await headOf(audit, approval.incidentId), voteRecord(after, decision));
  await access.client.send(
    new TransactWriteCommand({
      TransactItems: [
        {
          Update: { TableName: access.table, Key: approvalKey(decision.approvalId), ...updateOf(approval, after, now) },
        },
        {
          Put: {
            TableName: access.auditTable,
            Item: toAuditItem(entry, new Date()),
            ConditionExpression: 'attribute_not_exists(#chain)',
            ExpressionAttributeNames: { '#chain': AUDIT.pk },
          },
        },
      ],
    }),
  );
}

/** Only if no other vote came first; the number of votes says so. What was stored before there were votes has none. */
function updateOf(approval: Approval, after: Approval, now: Date) {
  const { votes, status, decidedBy, decidedAt, comment, reason } = after;
  const decided = status === 'PENDING' ? {} : { status, decidedBy, decidedAt, comment, reason };
  const fields = Object.entries({ votes, voteCount: votes.length, ...decided }).filter(
    ([, value]) => value !== undefined,
  );
  const sets = fields.map(([name]) => `#${name} = :${name}`).join(', ');
  const ends = status === 'PENDING' ? '' : ' REMOVE #due, #dueAt';
  const unvoted =
    approval.votes.length === 0
      ? '(attribute_not_exists(#voteCount) OR #voteCount = :counted)'
      : '#voteCount = :counted';
  return {
    UpdateExpression: `SET ${sets}${ends}`,
    ConditionExpression: `#status = :pending AND #planDigest = :planDigest AND #expires > :now AND ${unvoted}`,
    ExpressionAttributeNames: {
      '#status': 'status',
      '#planDigest': 'planDigest',
      '#expires': 'expiresAtMs',
      ...Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
      ...(status === 'PENDING' ? {} : { '#due': APPROVALS.due.pk, '#dueAt': APPROVALS.due.sk }),
    },
    ExpressionAttributeValues: {
      ':pending': 'PENDING',
      ':planDigest': approval.planDigest,
      ':now': now.getTime(),
      ':counted': approval.votes.length,
      ...Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
    },
  };
}
