import { type Plan, type PlannedAction, planDigest, planSchema } from '../../domain/actions/action.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { type BlobStore, type IncidentStore, NotFoundError } from '../store/ports.ts';

/** The stored plan is not what its digest says: somebody changed it, or a writer is broken. Never execute it. */
export class PlanMismatchError extends Error {
  override readonly name = 'PlanMismatchError';
}

export interface LoadedAction {
  readonly incident: Incident;
  readonly plan: Plan;
  readonly planned: PlannedAction;
}

/**
 * One action of a stored plan, with its digest recomputed.
 * @throws NotFoundError (incident, plan or action), PlanMismatchError
 */
export async function loadAction(
  stores: { readonly incidents: Pick<IncidentStore, 'get'>; readonly blobs: Pick<BlobStore, 'get'> },
  ids: { readonly incidentId: string; readonly planKey: string; readonly actionId: string },
): Promise<LoadedAction> {
  const incident = await stores.incidents.get(ids.incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${ids.incidentId}`);
  const plan = planSchema.parse(JSON.parse(await stores.blobs.get(ids.planKey)));
  const planned = plan.actions.find(({ prepared }) => prepared.actionId === ids.actionId);
  if (planned === undefined) throw new NotFoundError(`plan ${ids.planKey} has no action ${ids.actionId}`);
  const { prepared } = planned;
  if (plan.incidentId !== ids.incidentId || prepared.incidentId !== ids.incidentId) {
    throw new PlanMismatchError(`plan ${ids.planKey} belongs to another incident than ${ids.incidentId}`);
  }
  if (planDigest(prepared) !== planned.digest) {
    throw new PlanMismatchError(
      `action ${ids.actionId} of plan ${ids.planKey} does not have the digest it was planned with`,
    );
  }
  return { incident, plan, planned };
}
