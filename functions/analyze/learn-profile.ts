import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { BaselineStore } from '../../connectors/store/context-ports.ts';
import { baselineKeyOf, type Observation } from '../../domain/baseline/observe.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';

/** Of each kind: a profile may list hundreds, and must not push out what findings showed. */
const MOST = 10;

/**
 * Keeps what the vendor learned of the workload, for the next incident: this one is compared with what was known before
 * it. Best effort, as all learning.
 */
export async function learnProfile(
  deps: { readonly baselines?: Pick<BaselineStore, 'learn'>; readonly telemetry: Pick<Telemetry, 'warn'> },
  { incidentId, workload, items }: EvidencePack,
  now: Date,
): Promise<void> {
  for (const { fact } of items) {
    if (fact.kind !== 'learned-behaviour') continue;
    const seen: Observation[] = [
      ...fact.processes.slice(0, MOST).map((value) => ({ dimension: 'process' as const, value })),
      ...fact.domains.slice(0, MOST).map((value) => ({ dimension: 'domain' as const, value: value.toLowerCase() })),
    ];
    const last = now.getTime();
    const first = Math.min(last, fact.since === undefined ? last : Date.parse(fact.since));
    try {
      await deps.baselines?.learn(baselineKeyOf(workload), seen, { first, last });
    } catch (error) {
      deps.telemetry.warn('profile not remembered', { incidentId, reason: error instanceof Error ? error.name : '' });
    }
  }
}
