import type * as z from 'zod';
import { type LoadedAction, loadAction } from '../../connectors/planned/load.ts';
import { type ExecutionSwitchStore, readSwitch } from '../../connectors/store/control-port.ts';
import {
  type ApprovalStore,
  type AuditLog,
  type BlobStore,
  type IncidentStore,
  NotFoundError,
} from '../../connectors/store/ports.ts';
import type { ReadingTargets } from '../../connectors/targets/reading.ts';
import type { RehearsingTargets } from '../../connectors/targets/rehearsal.ts';
import { planSchema } from '../../domain/actions/action.ts';
import { saidBefore } from '../../domain/approval/history.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { whyStopped } from '../../domain/control/execution-switch.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { undoAction, undoPlan } from '../../domain/undo/plan.ts';
import { type planUndoOutputSchema, type UndoRequest, undoRequestSchema } from '../../domain/undo/steps.ts';
import { undoStanding } from '../../domain/undo/undo.ts';
import { whomToAskFor, whyNotHere } from './may-ask.ts';

export interface PlanUndoDeps {
  readonly config: Configuration;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly approvals: Pick<ApprovalStore, 'forIncident'>;
  readonly blobs: Pick<BlobStore, 'get' | 'put'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly targets: Pick<ReadingTargets, 'verify'> & RehearsingTargets;
  readonly control: Pick<ExecutionSwitchStore, 'read'>;
  readonly now: () => Date;
}

type Output = z.infer<typeof planUndoOutputSchema>;
type Planned = { readonly ok: true; readonly planKey: string; readonly digest: string; readonly seconds: number };
type No = { readonly ok: false; readonly reason: string };

/** As with an action: a decision in the last second still arrives before the wait ends. */
const DELIVERY_GRACE_SECONDS = 30;

/**
 * What would be put back if somebody wants an executed action undone: the exact requests, made by rehearsing the roll-back on
 * the live target with the reading credential. Nothing is changed. Called again, it plans the same attempt anew.
 * @throws NotFoundError (no such incident), PlanMismatchError, and what the stores throw
 */
export async function planUndo(deps: PlanUndoDeps, event: unknown): Promise<Output> {
  const request = undoRequestSchema.parse(event);
  const incident = await deps.incidents.get(request.incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${request.incidentId}`);
  const planned = await plan(deps, request, incident);
  await say(deps, request, planned);
  return planned.ok
    ? { outcome: 'ask', planKey: planned.planKey, timeoutSeconds: planned.seconds + DELIVERY_GRACE_SECONDS }
    : { outcome: 'refused', reason: planned.reason };
}

async function plan(deps: PlanUndoDeps, request: UndoRequest, incident: Incident): Promise<Planned | No> {
  const { incidentId, actionId } = request;
  const stopped = whyStopped(await readSwitch(deps.control));
  if (stopped !== undefined) return no(stopped);
  const over = incident.status === 'concluded' || incident.status === 'failed';
  const standing = undoStanding(await deps.audit.read(incidentId), actionId, over);
  if (!standing.ok) return no(standing.reason);
  const open = await openQuestion(deps, request);
  if (open !== undefined) return no(`${actionId} is being asked about already, by ${open}`);
  const loaded = await loadAction(deps, { incidentId, actionId, planKey: standing.planKey });
  if (loaded.planned.digest !== standing.digest)
    return no(`plan ${standing.planKey} is not the one ${actionId} was executed by`);
  const why = whyNotHere(deps.config, loaded);
  if (why !== undefined) return no(why);
  return await planOnTarget(deps, request, { loaded, executedAt: standing.at, planKey: standing.planKey });
}

async function planOnTarget(
  deps: PlanUndoDeps,
  request: UndoRequest,
  of: { readonly loaded: LoadedAction; readonly executedAt: string; readonly planKey: string },
): Promise<Planned | No> {
  const { planned: original, plan: executed } = of.loaded;
  const now = await deps.targets.verify(original.prepared);
  const gone = now.checks.find(({ name, ok }) => ok && name.endsWith('-gone'));
  if (gone !== undefined) return no(`there is nothing left to give it back to: ${gone.detail}`);
  const rehearsal = await deps.targets.rehearse(original.prepared);
  if (rehearsal.kind === 'unreadable') return no(`the target could not be read: ${rehearsal.said}`);
  if (rehearsal.kind === 'nothing') return no(`the target is no longer as it was left: ${rehearsal.said}`);
  const asking = whomToAskFor(deps.config, of.loaded, deps.now());
  if (!asking.ok) return no(asking.reason);
  const action = undoAction({
    original,
    planKey: of.planKey,
    executedAt: of.executedAt,
    requests: rehearsal.requests,
    said: rehearsal.said,
    wish: request,
    approvers: asking.approvers,
    gateReasons: asking.reasons,
    expiresAfterSeconds: asking.expiresAfterSeconds,
  });
  const { incidentId, actionId, attempt } = request;
  const stored = await deps.blobs.put(
    `incidents/${incidentId}/undo-${actionId}-${attempt}.json`,
    canonicalJson(planSchema.parse(undoPlan(executed, action, deps.now()))),
  );
  return { ok: true, planKey: stored.key, digest: action.digest, seconds: asking.expiresAfterSeconds };
}

/** Of another attempt: the same one may be planned again, as long as it is the same question. */
async function openQuestion(
  { approvals, now }: PlanUndoDeps,
  { incidentId, actionId, attempt }: UndoRequest,
): Promise<string | undefined> {
  const own = `undo-${actionId}-${attempt}.json`;
  return (await approvals.forIncident(incidentId)).find(
    (one) =>
      one.actionId === actionId &&
      purposeOf(one) === 'undo' &&
      one.status === 'PENDING' &&
      Date.parse(one.expiresAt) > now().getTime() &&
      !one.planKey.endsWith(`/${own}`),
  )?.approvalId;
}

function no(reason: string): No {
  return { ok: false, reason };
}

async function say(deps: PlanUndoDeps, request: UndoRequest, planned: Planned | No): Promise<void> {
  const { incidentId, actionId, attempt, requestedBy, reason } = request;
  const told = planned.ok
    ? { outcome: 'asked', planKey: planned.planKey, digest: planned.digest }
    : { outcome: 'refused', why: planned.reason };
  const once = { actionId, request: String(attempt), ...told };
  if (saidBefore(await deps.audit.read(incidentId), 'rollback.requested', once)) return;
  await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'plan-undo' },
    kind: 'rollback.requested',
    data: { ...once, attempt, requestedBy, ...(reason === undefined ? {} : { reason }) },
  });
}
