import { sha256Hex } from '../json/canonical.ts';
import type { NormalizedFinding } from '../ocsf/detection-finding.ts';
import { severityRank } from '../severity.ts';
import { workloadKey } from '../workload.ts';
import { type Incident, incidentIdFor } from './incident.ts';

/** The name a finding is remembered by: equal for the same event of the same source, whatever is in its key. */
export function findingDigest(finding: Pick<NormalizedFinding, 'source' | 'deduplicationKey'>): string {
  return sha256Hex(`${finding.source}\n${finding.deduplicationKey}`);
}

/**
 * Whether a finding belongs to the workload's current incident. The window is fixed from its opening: a steady trickle
 * must not keep one incident open for ever. An incident that is over no longer takes a finding that is more severe than
 * all it was closed with, because nobody is looking at it any more; what is not more severe is the tail of the same story.
 */
export function joins(incident: Incident, finding: NormalizedFinding, now: Date): boolean {
  if (Date.parse(incident.windowEndsAt) <= now.getTime()) return false;
  const over = incident.status === 'concluded' || incident.status === 'failed';
  return !over || severityRank(finding.severity) <= severityRank(incident.severity);
}

/** The incident a finding opens. `generation` counts the workload's incidents, starting at 1. */
export function openIncident(
  finding: NormalizedFinding,
  context: {
    readonly receivedAt: string;
    readonly now: Date;
    readonly windowMinutes: number;
    readonly deliveryId?: string | undefined;
  },
  generation: number,
): Incident {
  const key = workloadKey(finding.workload);
  return {
    incidentId: incidentIdFor(key, generation),
    source: finding.source,
    status: 'opened',
    severity: finding.severity,
    workload: finding.workload,
    workloadKey: key,
    generation,
    windowEndsAt: new Date(context.now.getTime() + context.windowMinutes * 60_000).toISOString(),
    findingCount: 1,
    duplicateCount: 0,
    confirmed: false,
    ...(context.deliveryId === undefined ? {} : { openedBy: context.deliveryId }),
    times: { received: context.receivedAt, opened: context.now.toISOString() },
    blobs: {},
  };
}
