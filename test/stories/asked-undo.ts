import { type PlannedAction, planDigest } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { approvalIdFor } from '../../domain/approval/id.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { undoAction, undoPlan } from '../../domain/undo/plan.ts';
import {
  ASKED_AT,
  INCIDENT_ID,
  PLAN_KEY,
  type StoryStores,
  storyAction,
  storyApproval,
  storyIncident,
  storyPlan,
  storyStores,
} from './asked-action.ts';

/** The sample story a day later: its pod was contained, the incident is over, and somebody wants it back. */
export const UNDO_KEY = `incidents/${INCIDENT_ID}/undo-A1-1.json`;

export function storyUndo(): PlannedAction {
  const original = storyAction();
  return undoAction({
    original,
    planKey: PLAN_KEY,
    executedAt: '2025-10-13T09:20:00.000Z',
    requests: original.prepared.inverse,
    said: 'the pod has its labels back; the policy was removed',
    wish: { attempt: 1, requestedBy: 'olga', reason: 'It was a test' },
    approvers: ['dana', 'sam'],
    gateReasons: ['An undo is decided by whoever may decide about the action itself.'],
    expiresAfterSeconds: 1800,
  });
}

/** Over, and by now not even confirmed by its vendor any more. */
export function overIncident(change: Partial<Incident> = {}): Incident {
  return storyIncident({ status: 'concluded', outcome: 'contained', confirmed: false, ...change });
}

export function undoApproval(change: Partial<Approval> = {}): Approval {
  const digest = planDigest(storyUndo().prepared);
  return storyApproval({
    approvalId: approvalIdFor(INCIDENT_ID, 'A1', digest),
    purpose: 'undo',
    planDigest: digest,
    planKey: UNDO_KEY,
    ...change,
  });
}

/** Stores that hold the story and the plan of its undo; with `asked` the question about it too. */
export async function undoStores(options: {
  readonly asked: boolean;
  readonly incident?: Incident;
}): Promise<StoryStores> {
  const stores = await storyStores({ asked: false, incident: options.incident ?? overIncident() });
  await stores.blobs.put(UNDO_KEY, JSON.stringify(undoPlan(storyPlan(), storyUndo(), ASKED_AT)));
  if (options.asked) await stores.approvals.create(undoApproval(), 'an-invented-task-token');
  return stores;
}
