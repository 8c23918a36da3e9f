import type { Bus } from '../../connectors/bus/bus.ts';
import { loadAction } from '../../connectors/planned/load.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { WatchStore } from '../../connectors/store/watch-port.ts';
import type { ReadingTargets } from '../../connectors/targets/reading.ts';
import { verificationSchema } from '../../domain/actions/action.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import {
  CONTAINMENT_DRIFTED,
  CONTAINMENT_SETTLED,
  type ContainmentDrifted,
  type ContainmentSettled,
} from '../../domain/events.ts';
import { type Change, changeOf, type Seen, seenOf, type Watch } from '../../domain/watch/watch.ts';

export interface WatchDeps {
  readonly watches: Pick<WatchStore, 'due' | 'record' | 'leave' | 'ofIncident'>;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly targets: Pick<ReadingTargets, 'verify'>;
  readonly bus: Bus;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** One run has a minute before the next; a look takes a second or two. */
export const MOST_AT_ONCE = 25;
/** A target that cannot be read is asked again each minute for so long; then it is said that nobody knows. */
export const PATIENCE_MS = 15 * 60_000;

/** Some looks could not be finished and stand in the line still: the run ends with an error, so that an alarm rings. */
export class WatchesUnfinishedError extends Error {
  override readonly name = 'WatchesUnfinishedError';
}

export interface Watched {
  readonly looked: number;
  readonly drifted: number;
}

/**
 * Looks again at actions that were proven to hold, wholly or in part, when their time has come, and tells what no longer does, or does now: a person, a
 * GitOps controller or an autoscaler may have put it back. It changes nothing at the target.
 *
 * Each step is repeated harmlessly after a crash at any point: what the log already says is not read again, and a look
 * leaves the line last.
 * @throws WatchesUnfinishedError
 */
export async function watch(deps: WatchDeps): Promise<Watched> {
  const due = await deps.watches.due(deps.now(), MOST_AT_ONCE);
  const failures: unknown[] = [];
  let drifted = 0;
  for (const one of due) {
    try {
      if (await lookAgain(deps, one)) drifted += 1;
    } catch (error) {
      // One that cannot be finished must not hold up the others.
      failures.push(error);
      deps.telemetry.error('watch unfinished', { incidentId: one.incidentId, actionId: one.actionId }, error);
    }
  }
  if (failures.length > 0) {
    throw new WatchesUnfinishedError(`${failures.length} of ${due.length} looks could not be finished`, {
      cause: new AggregateError(failures),
    });
  }
  return { looked: due.length, drifted };
}

/** @returns whether it drifted */
async function lookAgain(deps: WatchDeps, one: Watch): Promise<boolean> {
  const seen = one.seen ?? (await see(deps, one));
  if (seen === undefined) return false;
  await deps.watches.record(one, seen);
  const change = changeOf(one, seen, await deps.watches.ofIncident(one.incidentId));
  await tell(deps, one, change);
  await deps.watches.leave(one);
  if (change === 'drifted') deps.telemetry.count('ContainmentDrifted');
  if (change === 'settled') deps.telemetry.count('ContainmentSettled');
  if (seen.result === 'unknown') deps.telemetry.count('ContainmentUnknown');
  return change === 'drifted';
}

async function tell({ bus }: WatchDeps, { incidentId }: Watch, change: Change): Promise<void> {
  switch (change) {
    case 'none':
      return;
    case 'drifted': {
      const detail: ContainmentDrifted = { incidentId, stage: change };
      return await bus.publish(CONTAINMENT_DRIFTED, detail);
    }
    case 'settled': {
      const detail: ContainmentSettled = { incidentId, stage: change };
      return await bus.publish(CONTAINMENT_SETTLED, detail);
    }
  }
}

/** undefined: the target cannot be read at the moment; the next run tries again. */
async function see(deps: WatchDeps, one: Watch): Promise<Seen | undefined> {
  const chain = await deps.audit.read(one.incidentId);
  if (isUndone(chain, one.actionId)) {
    return { result: 'undone', at: deps.now().toISOString(), detail: 'it was rolled back' };
  }
  const told = chain.find(
    ({ kind, data }) => kind === 'action.verified' && data['actionId'] === one.actionId && data['watch'] === one.watch,
  );
  if (told !== undefined) return seenOf(verificationSchema.parse(told.data));
  const { planned } = await loadAction(deps, one);
  const verification = await deps.targets.verify(planned.prepared);
  const late = deps.now().getTime() - Date.parse(one.dueAt);
  if (verification.result === 'unknown' && late < PATIENCE_MS) {
    deps.telemetry.warn('watched target unreadable', { incidentId: one.incidentId, actionId: one.actionId });
    return undefined;
  }
  await deps.audit.append({
    chain: one.incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'watch' },
    kind: 'action.verified',
    data: {
      actionId: one.actionId,
      action: one.action,
      digest: planned.digest,
      watch: one.watch,
      ...verification,
    },
  });
  return seenOf(verification);
}

function isUndone(chain: readonly AuditEntry[], actionId: string): boolean {
  return chain.some(
    ({ kind, data }) => kind === 'action.rolled-back' && data['actionId'] === actionId && data['outcome'] !== 'failed',
  );
}
