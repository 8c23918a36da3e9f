import { messagePage } from '../../connectors/pages/message.tsx';
import { pageReply, type Reply } from '../../connectors/pages/reply.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { AuditLog } from '../../connectors/store/ports.ts';
import type { Refusal } from '../../domain/approval/approval.ts';
import { saidBefore } from '../../domain/approval/history.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { type Answered, refusedMessage } from './answer-pages.tsx';
import type { Refused } from './open.ts';
import { countOf, namesOf } from './votes-view.ts';

export interface RefuseDeps {
  readonly config: Configuration;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** Refusals that hint at misuse even when somebody only looks. */
const TELLING_AT_VIEW: ReadonlySet<Refusal> = new Set(['tampered', 'foreign', 'not-allowed']);

/** The page of a refusal, its count, and its audit entry where the incident is known. */
export async function refuse(
  deps: RefuseDeps,
  refused: Refused & { readonly reason?: string },
  method: 'GET' | 'POST',
): Promise<Reply> {
  deps.telemetry.count('ApprovalRefused', { reason: refused.refusal });
  if (method === 'POST' || TELLING_AT_VIEW.has(refused.refusal)) await say(deps, refused, method);
  const answered = answeredBy(deps.config, refused);
  const page = refusedMessage(refused.refusal, {
    ...(answered ? { answered } : {}),
    ...(refused.reason === undefined ? {} : { reason: refused.reason }),
    ...(refused.why === undefined ? {} : { why: refused.why }),
    canSignIn: deps.config.approvals.signIn !== undefined,
    ...(refused.approval === undefined ? {} : { votes: countOf(refused.approval) }),
  });
  return pageReply(statusOf(refused.refusal), messagePage(page));
}

/**
 * Anybody can send refused requests, so they must not fill a chain: each (question, reason, method, person) is written
 * once, at most 2 × reasons × (approvers + 1) entries for a question. The count shows how often. Requests at the same
 * instant may write a few more. A log that cannot be written does not turn a refusal into anything else.
 */
async function say(deps: RefuseDeps, refused: Refused, method: 'GET' | 'POST'): Promise<void> {
  const { approval, claims, refusal } = refused;
  const chain = approval?.incidentId ?? claims?.inc;
  const approvalId = approval?.approvalId ?? claims?.sub;
  if (chain === undefined || approvalId === undefined) return;
  const person = claims?.per ?? 'unknown';
  try {
    const data = { approvalId, refusal, method, person };
    if (saidBefore(await deps.audit.read(chain), 'approval.refused', data)) return;
    await deps.audit.append({
      chain,
      at: deps.now().toISOString(),
      actor: claims ? { type: 'person', id: claims.per } : { type: 'function', id: 'decide' },
      kind: 'approval.refused',
      data: refused.why === undefined ? data : { ...data, why: refused.why },
    });
  } catch (error) {
    deps.telemetry.error('refusal not written to the audit log', { approvalId, refusal }, error);
  }
}

/** Only who holds a genuine link of this very question learns who decided. */
function answeredBy(config: Configuration, { refusal, claims, approval }: Refused): Answered | undefined {
  if (refusal !== 'used' || !claims || !approval?.decidedBy || !approval.decidedAt) return undefined;
  const decider = config.approvers.find(({ id }) => id === approval.decidedBy);
  return {
    name: decider?.name ?? approval.decidedBy,
    decision: approval.status === 'APPROVED' ? 'approved' : 'rejected',
    at: approval.decidedAt,
    late: approval.delivery === 'late',
    against: approval.status === 'REJECTED' ? namesOf(config, approval, 'approved') : [],
  };
}

function statusOf(refusal: Refusal): number {
  switch (refusal) {
    case 'malformed':
      return 400;
    case 'tampered':
    case 'foreign':
    case 'not-allowed':
    case 'not-by-link':
      return 403;
    case 'unknown':
      return 404;
    case 'used':
    case 'voted':
    case 'replanned':
      return 409;
    case 'expired':
    case 'closed':
      return 410;
  }
}
