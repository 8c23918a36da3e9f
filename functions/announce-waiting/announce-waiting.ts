import type { Bus } from '../../connectors/bus/bus.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { WaitingLine } from '../../connectors/store/intake-ports.ts';
import type { IncidentStore } from '../../connectors/store/ports.ts';
import { INCIDENT_OPENED, type IncidentOpened } from '../../domain/events.ts';

export interface AnnounceWaitingDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'markAnnounced'>;
  readonly line: Pick<WaitingLine, 'next' | 'leave'>;
  readonly bus: Bus;
  /** How many are called at a run; there is a run every minute. */
  readonly perMinute: number;
  readonly telemetry: Telemetry;
}

/**
 * Announces the incidents that are next in the line. Each leaves it only when its event is on the bus, so a run that ends
 * half-way is finished by the next one; whoever is announced twice is investigated once (docs/decisions/0006).
 * @throws BusUnavailableError, ConflictError: the schedule tries again
 */
export async function announceWaiting(deps: AnnounceWaitingDeps): Promise<{ readonly announced: number }> {
  const { line, telemetry } = deps;
  let announced = 0;
  for (const event of await line.next(deps.perMinute)) {
    if (await announce(deps, event)) announced += 1;
    await line.leave(event);
  }
  if (announced > 0) telemetry.info('waiting incidents announced', { announced });
  return { announced };
}

/** @returns false when somebody investigates it already, because it became more severe than what waits */
async function announce({ incidents, bus }: AnnounceWaitingDeps, event: IncidentOpened): Promise<boolean> {
  const incident = await incidents.get(event.incidentId);
  if (incident === undefined || incident.execution !== undefined) return false;
  // It may have become more severe while it waited.
  await bus.publish(INCIDENT_OPENED, { ...event, severity: incident.severity } satisfies IncidentOpened);
  await incidents.markAnnounced(event.incidentId);
  return true;
}
