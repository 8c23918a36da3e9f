import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Approval, Decision } from '../../../domain/approval/approval.ts';
import { type AuditRecord, nextEntry } from '../../../domain/audit/entry.ts';
import { AUDIT } from '../tables.ts';
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
 * The decision and its audit entry, both or neither. The audit chain may move between reading its head and writing: then
 * everything is read again, and the conditions on the approval are checked again by the next transaction.
 */
export async function decide(
  access: DecideAccess,
  decision: Decision,
  incidentId: string,
  now: Date,
): Promise<boolean> {
  return await insist(
    access.patience,
    `approval ${decision.approvalId}`,
    async () => {
      const approval = await readApproval(access, decision.approvalId);
      if (approval === undefined || approval.incidentId !== incidentId) return false;
      // A repeated call whose first answer was lost: it is decided, and it was this decision.
      if (isThisDecision(approval, decision)) return true;
      if (!isDecidable(approval, decision, now)) return false;
      await write(access, approval, decision, now);
      return true;
    },
    isContention,
  );
}

function isDecidable(approval: Approval, decision: Decision, now: Date): boolean {
  return (
    approval.status === 'PENDING' &&
    approval.planDigest === decision.planDigest &&
    Date.parse(approval.expiresAt) > now.getTime()
  );
}

function isThisDecision(approval: Approval, decision: Decision): boolean {
  return (
    approval.status === statusOf(decision) &&
    approval.decidedBy === decision.decidedBy &&
    approval.decidedAt === decision.decidedAt &&
    approval.planDigest === decision.planDigest
  );
}

function statusOf(decision: Decision): 'APPROVED' | 'REJECTED' {
  return decision.decision === 'approved' ? 'APPROVED' : 'REJECTED';
}

/** What the log says about a decision; the comment is the person's own words and belongs to the proof. */
export function decisionRecord(approval: Approval, decision: Decision): AuditRecord {
  return {
    chain: approval.incidentId,
    at: decision.decidedAt,
    actor: { type: 'person', id: decision.decidedBy },
    kind: 'approval.decided',
    data: {
      approvalId: approval.approvalId,
      actionId: approval.actionId,
      action: approval.action,
      decision: decision.decision,
      planDigest: decision.planDigest,
      ...(decision.comment === undefined ? {} : { comment: decision.comment }),
    },
  };
}

async function write(access: DecideAccess, approval: Approval, decision: Decision, now: Date): Promise<void> {
  const audit: TableAccess = { client: access.client, table: access.auditTable };
  const entry = nextEntry(await headOf(audit, approval.incidentId), decisionRecord(approval, decision));
  await access.client.send(
    new TransactWriteCommand({
      TransactItems: [
        {
          Update: {
            TableName: access.table,
            Key: approvalKey(decision.approvalId),
            UpdateExpression: `SET #status = :status, #by = :by, #at = :at${decision.comment === undefined ? '' : ', #comment = :comment'}`,
            ConditionExpression: '#status = :pending AND #digest = :digest AND #expires > :now',
            ExpressionAttributeNames: {
              '#status': 'status',
              '#by': 'decidedBy',
              '#at': 'decidedAt',
              '#digest': 'planDigest',
              '#expires': 'expiresAtMs',
              ...(decision.comment === undefined ? {} : { '#comment': 'comment' }),
            },
            ExpressionAttributeValues: {
              ':status': statusOf(decision),
              ':by': decision.decidedBy,
              ':at': decision.decidedAt,
              ':pending': 'PENDING',
              ':digest': decision.planDigest,
              ':now': now.getTime(),
              ...(decision.comment === undefined ? {} : { ':comment': decision.comment }),
            },
          },
        },
        {
          Put: {
            TableName: access.auditTable,
            Item: toAuditItem(entry),
            ConditionExpression: 'attribute_not_exists(#chain)',
            ExpressionAttributeNames: { '#chain': AUDIT.pk },
          },
        },
      ],
    }),
  );
}
