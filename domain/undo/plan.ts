import { type Plan, type PlannedAction, type PlannedRequest, type Preview, planDigest } from '../actions/action.ts';
import { targetLabel } from '../actions/target.ts';
import { readableTime, shorten } from '../publish/text.ts';
import { withoutVersion } from './requests.ts';

/** Who wants it back, and why; both come from outside and are shown as what somebody said. */
export interface UndoWish {
  readonly attempt: number;
  readonly requestedBy: string;
  readonly reason?: string | undefined;
}

/**
 * The undo of an executed action, as an action of its own that people are asked about: exactly the requests that would be
 * sent now, under the same rights and the same number of approvers as the action itself.
 */
export function undoAction(of: {
  readonly original: PlannedAction;
  readonly planKey: string;
  readonly executedAt: string;
  readonly requests: readonly PlannedRequest[];
  /** What is put back and what is left alone, in the words of the action. */
  readonly said: string;
  readonly wish: UndoWish;
  readonly approvers: readonly string[];
  readonly gateReasons: readonly string[];
  readonly expiresAfterSeconds: number;
}): PlannedAction {
  const { original, wish } = of;
  const prepared: PlannedAction['prepared'] = {
    ...original.prepared,
    requests: of.requests.map(withoutVersion),
    inverse: original.prepared.requests,
    undoes: { planKey: of.planKey, digest: original.digest, attempt: wish.attempt },
  };
  return {
    prepared,
    digest: planDigest(prepared),
    preview: previewOf(of),
    rationale: sentence(
      `${shorten(wish.requestedBy, 80)} asked for it${wish.reason === undefined ? ', without a reason' : `: ${shorten(wish.reason.trim(), MAX_REASON)}`}`,
    ),
    evidence: original.evidence,
    gate: 'ask',
    gateReasons: [...of.gateReasons],
    approvers: [...of.approvers],
    expiresAfterSeconds: of.expiresAfterSeconds,
  };
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Longer is no reason but a report, which belongs into the ticket. */
export const MAX_REASON = 300;

function previewOf(of: Parameters<typeof undoAction>[0]): Preview {
  const { preview, prepared } = of.original;
  return {
    title: `Undo: ${preview.title}`,
    summary: `Puts back what ${prepared.actionId} ${prepared.action} did at ${readableTime(of.executedAt)}: ${of.said}.`,
    commands: [preview.undo],
    blastRadius: [
      `What was contained is open again: ${targetLabel(prepared.target)}.`,
      ...preview.blastRadius.map((line) => `No longer: ${line}`),
    ],
    undo: ['Contain it again:', ...preview.commands].join('\n'),
    warnings: ['Make sure that the incident is dealt with: whatever was there before may go on.'],
  };
}

/** One undo, in the shape of a plan, so that whoever asks, shows and decides reads it like any other. */
export function undoPlan(plan: Plan, action: PlannedAction, now: Date): Plan {
  return { ...plan, plannedAt: now.toISOString(), actions: [action], advice: [] };
}
