import type * as z from 'zod';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import {
  type ApprovalClosing,
  type AuditLog,
  type IncidentStore,
  NotFoundError,
} from '../../connectors/store/ports.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import type { Incident, Outcome } from '../../domain/incident/incident.ts';
import { markingActions } from '../../domain/incident/marking.ts';
import { overallOutcome } from '../../domain/incident/overall-outcome.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { type ActionOutcome, concludeInputSchema, type concludeOutputSchema } from '../../domain/orchestration.ts';
import { withUndone } from '../../domain/undo/outcomes.ts';

export interface ConcludeDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'update'>;
  readonly approvals: ApprovalClosing;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

type Conclusion = {
  readonly outcome: Outcome;
  readonly error: string | undefined;
  readonly outcomes: readonly ActionOutcome[];
};

/**
 * Ends an incident: withdraws open questions, names the outcome, writes the closing audit entry, stores times and audit
 * head. Repeating it with the same outcomes changes nothing and writes no second entry.
 * @throws NotFoundError, z.ZodError, and what the stores throw (the state is retried)
 */
export async function conclude(deps: ConcludeDeps, event: unknown): Promise<z.infer<typeof concludeOutputSchema>> {
  const { incidentId, outcomes: told, error } = concludeInputSchema.parse(event);
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
  const closed = await deps.approvals.closePending(incidentId);
  const { verdict, confirmed } = incident;
  const chain = await deps.audit.read(incidentId);
  // Somebody may have had an action put back while others were still being decided.
  const outcomes = withUndone(told, chain);
  const marking = markingActions(chain);
  const outcome = overallOutcome({ outcomes, verdict, confirmed, error, marking });
  const containing = outcomes.filter(({ actionId }) => !marking.has(actionId));
  const times = timesOf(incident, chain, containing, deps.now());
  const head = await writeEntry(deps, incidentId, chain, { outcome, error, outcomes }, { times, closed });
  await deps.incidents.update(incidentId, {
    status: error === undefined ? 'concluded' : 'failed',
    outcome,
    times,
    auditHead: { sequence: head.sequence, hash: head.hash },
  });
  deps.telemetry.count('IncidentConcluded', { outcome });
  return { incidentId, outcome, auditHead: head.hash };
}

/**
 * When it was contained is when its proof was read, not when we got round to concluding: the first verification in the
 * log that says so. `verify` sets it as well; the store keeps whichever came first.
 */
function timesOf(
  incident: Incident,
  chain: readonly AuditEntry[],
  outcomes: readonly ActionOutcome[],
  now: Date,
): Incident['times'] {
  const concluded = incident.times.concluded ?? now.toISOString();
  if (!outcomes.some(({ result }) => result === 'contained')) return { ...incident.times, concluded };
  const verified = chain.find(
    ({ kind, data }) =>
      kind === 'action.verified' &&
      data['result'] === 'contained' &&
      outcomes.some(({ actionId }) => actionId === data['actionId']),
  );
  return { ...incident.times, contained: incident.times.contained ?? verified?.at ?? now.toISOString(), concluded };
}

async function writeEntry(
  deps: ConcludeDeps,
  incidentId: string,
  chain: readonly AuditEntry[],
  { outcome, error, outcomes }: Conclusion,
  { times, closed }: { readonly times: Incident['times']; readonly closed: readonly string[] },
): Promise<AuditEntry> {
  const written = chain.findLast(({ kind }) => kind === 'incident.concluded' || kind === 'incident.failed');
  if (written && written.data['outcome'] === outcome && sameOutcomes(written.data['outcomes'], outcomes))
    return written;
  return await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'conclude' },
    kind: error === undefined ? 'incident.concluded' : 'incident.failed',
    data: {
      outcome,
      outcomes,
      times,
      ...(error === undefined ? {} : { error: error.slice(0, 500) }),
      ...(closed.length === 0 ? {} : { closedApprovals: closed }),
    },
  });
}

function sameOutcomes(written: unknown, outcomes: readonly ActionOutcome[]): boolean {
  return canonicalJson(written ?? null) === canonicalJson(outcomes);
}
