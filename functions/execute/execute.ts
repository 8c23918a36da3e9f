import type * as z from 'zod';
import { loadAction } from '../../connectors/planned/load.ts';
import { type ExecutionSwitchStore, readSwitch } from '../../connectors/store/control-port.ts';
import type { PlaybookSlots } from '../../connectors/store/playbook-port.ts';
import type { ApprovalStore, AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { WritingTargets } from '../../connectors/targets/writing.ts';
import { identityOf } from '../../domain/actions/target.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { whyStopped } from '../../domain/control/execution-switch.ts';
import { executeInputSchema, type executeOutputSchema } from '../../domain/orchestration.ts';
import { authorityOfPlaybook, type PlannedCase } from './by-playbook.ts';
import { whyNot } from './may-execute.ts';

export interface ExecuteDeps {
  readonly config: Configuration;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly approvals: Pick<ApprovalStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly targets: Pick<WritingTargets, 'apply'>;
  readonly control: Pick<ExecutionSwitchStore, 'read'>;
  /** How often playbooks may act. */
  readonly slots: PlaybookSlots;
  readonly now: () => Date;
}

/**
 * Executes one action that a person approved, or that a playbook may do by itself. The journal entry with the inverse is written before
 * the first request, so that a crash in between leaves a record of what may have happened; running it again finds the effect and
 * changes nothing more.
 */
export async function execute(deps: ExecuteDeps, event: unknown): Promise<z.infer<typeof executeOutputSchema>> {
  const { incidentId, actionId, planKey, approvalId, authority } = executeInputSchema.parse(event);
  const { incident, plan, planned } = await loadAction(deps, { incidentId, actionId, planKey });
  const { prepared } = planned;
  const named = authority === 'playbook' ? { authority } : { approvalId };
  const log = async (kind: 'action.started' | 'action.applied', data: Record<string, unknown>): Promise<void> => {
    await deps.audit.append({
      chain: incidentId,
      at: deps.now().toISOString(),
      actor: { type: 'function', id: 'execute' },
      kind,
      data: { actionId, action: prepared.action, digest: planned.digest, ...named, ...data },
    });
  };
  const given = await standingOf(deps, { incident, plan, planned, planKey, approvalId, authority });
  if (!given.ok) {
    const { outcome, reason } = given;
    await log('action.applied', { outcome, reason, requests: [] });
    return { outcome, reason };
  }
  await log('action.started', {
    ...given.says,
    target: prepared.target.entity.canonical,
    uid: identityOf(prepared.target),
    requests: prepared.requests.map(({ method, path }) => ({ method, path })),
    inverse: prepared.inverse.map(({ method, path }) => ({ method, path })),
  });
  const result = await deps.targets.apply(prepared, given.by);
  await log('action.applied', { outcome: result.outcome, reason: result.reason, requests: result.requests });
  return { outcome: result.outcome, reason: result.reason };
}

/** In whose name it is done, and what the journal says of that. */
type Standing =
  | { readonly ok: true; readonly by: string; readonly says: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly outcome: 'refused' | 'ask-people'; readonly reason: string };

async function standingOf(
  deps: ExecuteDeps,
  of: PlannedCase & { readonly approvalId: string | undefined; readonly authority: 'playbook' | undefined },
): Promise<Standing> {
  const stopped = whyStopped(await readSwitch(deps.control));
  if (stopped !== undefined) return { ok: false, outcome: 'refused', reason: stopped };
  const { approvalId } = of;
  if ((approvalId === undefined) === (of.authority === undefined))
    return { ok: false, outcome: 'refused', reason: 'It must be done by one authority: an approval or a playbook.' };
  if (approvalId === undefined) {
    const authority = await authorityOfPlaybook(deps, of);
    if (!authority.ok) return authority;
    const { playbook, conditions } = authority.assessment;
    return { ok: true, by: PLAYBOOK_IDENTITY, says: { decidedBy: PLAYBOOK_IDENTITY, playbook, conditions } };
  }
  const approval = await deps.approvals.get(approvalId);
  const reason = whyNot({ ...of, config: deps.config, approval });
  if (reason !== undefined) return { ok: false, outcome: 'refused', reason };
  return { ok: true, by: approval?.decidedBy ?? 'parapet', says: { decidedBy: approval?.decidedBy } };
}

/** What stands beside every call in the target's own log in place of a person. */
const PLAYBOOK_IDENTITY = 'parapet-playbook';
