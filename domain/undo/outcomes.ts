import * as z from 'zod';
import type { AuditEntry } from '../audit/entry.ts';
import type { Incident, Outcome } from '../incident/incident.ts';
import { markingActions } from '../incident/marking.ts';
import { overallOutcome } from '../incident/overall-outcome.ts';
import { type ActionOutcome, actionOutcomeSchema } from '../orchestration.ts';
import { undosIn } from './undo.ts';

/** What became of each action, with what was put back since because somebody asked for it. */
export function withUndone(outcomes: readonly ActionOutcome[], chain: readonly AuditEntry[]): ActionOutcome[] {
  const undone = undosIn(chain).filter(({ result }) => result === 'undone');
  return outcomes.map((one) => {
    const undo = undone.findLast(({ actionId }) => actionId === one.actionId);
    return undo === undefined
      ? one
      : { ...one, result: 'rolled-back', reason: `rolled back on demand at ${undo.at}: ${undo.reason}` };
  });
}

const concluded = z.object({ outcomes: z.array(actionOutcomeSchema) });

/** The word for an incident that is over, as its actions stand now; undefined: it is not over, or ended broken. */
export function outcomeNow(
  { status, verdict, confirmed }: Pick<Incident, 'status' | 'verdict' | 'confirmed'>,
  chain: readonly AuditEntry[],
): Outcome | undefined {
  if (status !== 'concluded') return undefined;
  const ended = concluded.safeParse(chain.findLast(({ kind }) => kind === 'incident.concluded')?.data);
  if (!ended.success) return undefined;
  const outcomes = withUndone(ended.data.outcomes, chain);
  return overallOutcome({ outcomes, verdict, confirmed, error: undefined, marking: markingActions(chain) });
}
