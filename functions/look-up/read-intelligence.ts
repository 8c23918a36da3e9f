import { askAll } from '../../connectors/intel/ask.ts';
import type { CacheStore } from '../../connectors/intel/cache.ts';
import { intelDrafts } from '../../connectors/intel/evidence.ts';
import type { IntelSource } from '../../connectors/intel/port.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { Entity, EvidencePack } from '../../domain/evidence/pack.ts';
import { type Indicators, indicatorsOf, type OwnThings } from '../../domain/intelligence/indicators.ts';
import type { LookUpOutput } from '../../domain/models/tools.ts';
import { refused, type Subject } from './subject.ts';

export interface IntelDeps {
  readonly cache: CacheStore;
  readonly sources: readonly IntelSource[];
  readonly own: OwnThings;
  readonly budgetMs: number;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/**
 * What others know of one address, name, hash or vulnerability that the evidence holds. What may not leave (private
 * addresses, internal names, files of the image) is not asked about, whoever asks.
 */
export async function readIntelligence(
  deps: IntelDeps,
  { incident, findings, pack, deadline }: Subject,
  entity: Entity,
): Promise<LookUpOutput> {
  const started = deps.now();
  const found = onlyOf(
    indicatorsOf(
      findings,
      pack.items.map(({ fact }) => fact),
      deps.own,
    ),
    pack,
    entity,
  );
  const subjects = [
    ...found.indicators.map(({ kind, value, ourSide }) => ({ kind, value, ourSide })),
    ...found.cves.map((value) => ({ kind: 'cve' as const, value, ourSide: 'unknown' as const })),
  ];
  if (subjects.length === 0) return refused('it is nothing that others may be asked about');
  const budget = Math.max(0, Math.min(deps.budgetMs, deadline.getTime() - started.getTime()));
  const asked = await askAll(
    {
      ...deps,
      onCacheTrouble: (error) =>
        deps.telemetry.error('intelligence cache failed', { incidentId: incident.incidentId }, error),
    },
    subjects,
    budget,
  );
  const drafts = intelDrafts(asked, found.indicators, started.toISOString());
  return {
    outcome: 'answered',
    drafts,
    cost: {
      calls: asked.calls,
      bytes: JSON.stringify(drafts).length,
      milliseconds: deps.now().getTime() - started.getTime(),
    },
  };
}

/** Of all that may leave, what the entity is; for a process or file, the hashes of the items that name it. */
function onlyOf(all: Indicators, pack: EvidencePack, { id, kind, canonical }: Entity): Indicators {
  const value = canonical.toLowerCase();
  if (kind === 'cve') return { ...all, indicators: [], cves: all.cves.filter((cve) => cve.toLowerCase() === value) };
  const texts = new Set(
    kind === 'process' || kind === 'file'
      ? pack.items.flatMap(({ entities, fact }) =>
          entities.includes(id) && fact.kind === 'process' && fact.md5 !== undefined ? [fact.md5.toLowerCase()] : [],
        )
      : [value],
  );
  return { ...all, indicators: all.indicators.filter((one) => texts.has(one.value.toLowerCase())), cves: [] };
}
