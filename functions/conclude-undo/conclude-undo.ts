import type * as z from 'zod';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { type AuditLog, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { WatchStore } from '../../connectors/store/watch-port.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { outcomeNow } from '../../domain/undo/outcomes.ts';
import { concludeUndoInputSchema, type concludeUndoOutputSchema } from '../../domain/undo/steps.ts';
import { undosIn } from '../../domain/undo/undo.ts';

export interface ConcludeUndoDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'update'>;
  readonly watches: Pick<WatchStore, 'ofIncident' | 'record' | 'leave'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/**
 * Ends a roll-back on demand: says in the log how it ended, and where something was undone ends the looks at it and gives the
 * incident the outcome it has now. Repeating it changes nothing and writes no second entry.
 * @throws NotFoundError, and what the stores throw (the state is retried)
 */
export async function concludeUndo(
  deps: ConcludeUndoDeps,
  event: unknown,
): Promise<z.infer<typeof concludeUndoOutputSchema>> {
  const given = concludeUndoInputSchema.parse(event);
  const { incidentId, actionId, result } = given;
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
  const head = await writeEntry(deps, given);
  if (result === 'undone') await endWatches(deps, incidentId, actionId);
  const outcome = outcomeNow(incident, await deps.audit.read(incidentId));
  // An incident that goes on gets its outcome, and its head, from `conclude`.
  if (outcome !== undefined)
    await deps.incidents.update(incidentId, {
      outcome,
      auditHead: { sequence: head.sequence, hash: head.hash },
    });
  deps.telemetry.count('RollbackConcluded', { result });
  return { incidentId, result };
}

async function writeEntry(
  deps: ConcludeUndoDeps,
  { incidentId, ...data }: z.infer<typeof concludeUndoInputSchema>,
): Promise<AuditEntry> {
  const chain = await deps.audit.read(incidentId);
  const written = chain.find(
    (entry) =>
      entry.kind === 'rollback.concluded' &&
      undosIn([entry]).some(({ actionId, attempt }) => actionId === data.actionId && attempt === data.attempt),
  );
  if (written !== undefined) return written;
  return await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'conclude-undo' },
    kind: 'rollback.concluded',
    data,
  });
}

/** What is no longer meant to hold needs no look, and must not be told as drift. */
async function endWatches(deps: ConcludeUndoDeps, incidentId: string, actionId: string): Promise<void> {
  for (const one of await deps.watches.ofIncident(incidentId)) {
    if (one.actionId !== actionId || one.seen !== undefined) continue;
    await deps.watches.record(one, {
      result: 'undone',
      at: deps.now().toISOString(),
      detail: 'it was rolled back on demand',
    });
    await deps.watches.leave(one);
  }
}
