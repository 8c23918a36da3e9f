import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { BaselineStore, LinkStore, PollStore } from '../../connectors/store/context-ports.ts';
import { linksOf } from '../../domain/baseline/links.ts';
import { baselineKeyOf, observationsOf } from '../../domain/baseline/observe.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import type { Channel } from '../../domain/source.ts';
import { workloadLabel } from '../../domain/workload.ts';

export interface Memory {
  readonly baselines: Pick<BaselineStore, 'learn'>;
  readonly links: Pick<LinkStore, 'link'>;
  readonly polls: Pick<PollStore, 'countOnlyPolled'>;
}

/**
 * What later incidents will want to know of this finding: what its workload does, and with whom it shares an address or
 * a digest. Best effort: an alert must not wait, let alone come again, because a memory is busy.
 */
export async function remember(
  deps: { readonly memory: Memory; readonly telemetry: Telemetry; readonly now: () => Date },
  incident: Incident,
  finding: NormalizedFinding,
  { channel }: { readonly channel: Channel },
): Promise<void> {
  const { memory, telemetry } = deps;
  const now = deps.now();
  const { incidentId, times } = incident;
  const at = now.getTime();
  const outcomes = await Promise.allSettled([
    memory.baselines.learn(baselineKeyOf(finding.workload), observationsOf(finding), { first: at, last: at }),
    memory.links.link(
      { incidentId, openedAt: times.opened, workload: workloadLabel(incident.workload) },
      linksOf(finding),
      now,
    ),
    channel === 'poll' ? memory.polls.countOnlyPolled(finding.source, now) : undefined,
  ]);
  if (channel === 'poll') telemetry.count('AlertOnlyFoundByPoll', { source: finding.source });

  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled' && outcome.value !== 'busy') continue;
    telemetry.count('FindingNotRemembered', { source: finding.source });
    if (outcome.status === 'rejected') telemetry.error('finding not remembered', { incidentId }, outcome.reason);
  }
}
