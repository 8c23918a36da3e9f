import { type Decidable, type DecidableDeps, decidable } from '../../connectors/asking/decidable.ts';
import { decisionOf, tellDecided } from '../../connectors/asking/decided.ts';
import type { Click } from '../../connectors/chat/slack/interaction.ts';
import type { LiveAnswer, LiveRights } from '../../connectors/rights/port.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { ApprovalStore, AuditLog } from '../../connectors/store/ports.ts';
import type { Approval, Decision } from '../../domain/approval/approval.ts';
import { whyNotByLink } from '../../domain/approval/by-link.ts';
import { saidBefore } from '../../domain/approval/history.ts';
import { lacksRight, notByClick, RIGHTS_TOO_SLOW, refusedWords, UNMAPPED } from './words.ts';

export interface ClickDeps extends DecidableDeps {
  readonly approvals: Pick<ApprovalStore, 'get' | 'decide'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly rights: LiveRights;
  readonly telemetry: Telemetry;
  /** Resolves after so long. */
  readonly wait: (ms: number) => Promise<void>;
}

/** Of the three seconds Slack waits; reading and writing need the rest. */
const RIGHTS_MS = 1_500;

type Open = Extract<Decidable, { ok: true }>;

/** @returns what only the person is told; undefined: it was decided, and the message says so to everybody */
export async function decideByClick(deps: ClickDeps, click: Click): Promise<string | undefined> {
  const person = deps.config.approvers.find(({ slackId }) => slackId === click.userId);
  if (person === undefined) {
    await refused(deps, 'unmapped', { ...click, approval: await deps.approvals.get(click.approvalId) });
    return UNMAPPED;
  }
  const ask = { person: person.id, approvalId: click.approvalId, planDigest: click.planDigest };
  const open = await decidable(deps, ask);
  if (!open.ok) return await notOpen(deps, ask, open);
  const why = click.decision === 'approved' ? whyNotByLink(deps.config, open.approval.action) : undefined;
  if (why !== undefined) {
    await refused(deps, 'not-by-click', { ...ask, approval: open.approval });
    return notByClick(why);
  }
  const right = await rightInTime(deps, open);
  if (right.right === 'no') {
    await refused(deps, 'not-allowed', { ...ask, approval: open.approval });
    return lacksRight(right.reason);
  }
  const decision: Decision = { ...decisionOf(open, click.decision, deps.now()), channel: 'slack' };
  const after = await deps.approvals.decide(decision, open.approval.incidentId, deps.now(), open.approval);
  if (after !== undefined) {
    tellDecided(deps.telemetry, after, decision);
    return undefined;
  }
  // Somebody or something else was faster: the same checks now say what it was.
  const again = await decidable(deps, ask);
  if (again.ok) throw new Error(`approval ${click.approvalId} is open but could not be decided`);
  return await notOpen(deps, ask, again);
}

async function notOpen(
  deps: ClickDeps,
  ask: { readonly person: string; readonly approvalId: string },
  { refusal, approval }: Extract<Decidable, { ok: false }>,
): Promise<string> {
  await refused(deps, refusal, { ...ask, approval });
  return refusedWords(deps.config, refusal, approval);
}

/** A system that does not answer in time has not said yes (rule 9). */
async function rightInTime(deps: ClickDeps, { decider, action }: Open): Promise<LiveAnswer> {
  return await Promise.race([
    deps.rights.check(decider, action.prepared),
    deps.wait(RIGHTS_MS).then((): LiveAnswer => ({ right: 'no', reason: RIGHTS_TOO_SLOW })),
  ]);
}

/**
 * Counted, and written once for each question, reason and person, so that clicking does not fill a chain. A log that cannot
 * be written does not turn a refusal into anything else.
 */
async function refused(
  deps: ClickDeps,
  refusal: string,
  of: { readonly approvalId: string; readonly person?: string; readonly approval: Approval | undefined },
): Promise<void> {
  deps.telemetry.count('ApprovalRefused', { reason: refusal });
  if (of.approval === undefined) return;
  const chain = of.approval.incidentId;
  const data = {
    approvalId: of.approvalId,
    refusal,
    method: 'click',
    person: of.person ?? 'unknown',
    channel: 'slack',
  };
  try {
    if (saidBefore(await deps.audit.read(chain), 'approval.refused', data)) return;
    await deps.audit.append({
      chain,
      at: deps.now().toISOString(),
      actor: of.person === undefined ? { type: 'function', id: 'slack-callback' } : { type: 'person', id: of.person },
      kind: 'approval.refused',
      data,
    });
  } catch (error) {
    deps.telemetry.error('refusal not written to the audit log', { approvalId: of.approvalId, refusal }, error);
  }
}
