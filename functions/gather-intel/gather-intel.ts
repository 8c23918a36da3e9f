import * as z from 'zod';
import { keepPart } from '../../connectors/evidence/keep-part.ts';
import { askAll } from '../../connectors/intel/ask.ts';
import type { CacheStore } from '../../connectors/intel/cache.ts';
import { gapOf, intelDrafts } from '../../connectors/intel/evidence.ts';
import type { IntelSource, Subject } from '../../connectors/intel/port.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { EvidenceDraft, EvidencePart } from '../../domain/evidence/pack.ts';
import { type Indicators, indicatorsOf, type OwnThings } from '../../domain/intelligence/indicators.ts';
import { gatherInputSchema, type gatherOutputSchema } from '../../domain/orchestration.ts';
import { type ReadParts, readParts } from './read-parts.ts';

export interface GatherIntelDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'findings'>;
  readonly blobs: Pick<BlobStore, 'get' | 'put'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly cache: CacheStore;
  readonly sources: readonly IntelSource[];
  readonly own: OwnThings;
  /** The most the sources are waited for, all together. */
  readonly budgetMs: number;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

const inputSchema = gatherInputSchema.extend({ part: z.literal('threat-intel') });

/** The longest wait for the parts that are read at the same time. */
const WAIT_MS = 10_000;
/** What storing the part and answering takes. */
const RESERVE_MS = 5_000;

/**
 * Asks what others know of the vulnerabilities, addresses, names and hashes of an incident. Only what may leave is asked
 * about; whoever does not answer leaves a gap (rule 9); nobody's silence is read as harmlessness.
 * @throws NotFoundError (there is no such incident), z.ZodError, and what the stores throw
 */
export async function gatherIntel(
  deps: GatherIntelDeps,
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<z.infer<typeof gatherOutputSchema>> {
  const { incidentId, part } = inputSchema.parse(event);
  const started = deps.now();
  if ((await deps.incidents.get(incidentId)) === undefined)
    throw new NotFoundError(`there is no incident ${incidentId}`);
  const findings = await deps.incidents.findings(incidentId);
  const mayTake = Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS);
  const parts = await readParts(deps, incidentId, Math.min(WAIT_MS, Math.max(0, mayTake - deps.budgetMs)));
  const found = indicatorsOf(findings, parts.facts, deps.own);
  const asked = await askAll(
    { ...deps, onCacheTrouble: (error) => deps.telemetry.error('intelligence cache failed', { incidentId }, error) },
    subjectsOf(found),
    Math.min(deps.budgetMs, mayTake),
  );
  const observedAt = deps.now().toISOString();
  const drafts = [...intelDrafts(asked, found.indicators, observedAt), ...missingParts(parts, observedAt)];
  const gaps = drafts.flatMap(({ fact }) => (fact.kind === 'gap' ? [`${fact.missing}: ${fact.reason}`] : []));
  if (found.keptBack > 0) deps.telemetry.info('indicators kept back', { incidentId, part, count: found.keptBack });
  if (gaps.length > 0) deps.telemetry.warn('intelligence has gaps', { incidentId, part, gaps });
  const gathered: EvidencePart = {
    part,
    gatheredAt: observedAt,
    drafts,
    cost: {
      calls: asked.calls,
      bytes: JSON.stringify(drafts).length,
      milliseconds: deps.now().getTime() - started.getTime(),
    },
  };
  return await keepPart(deps, { incidentId, by: 'gather-intel', gathered, gaps, now: deps.now });
}

function subjectsOf({ indicators, cves }: Indicators): Subject[] {
  return [
    ...indicators.map(({ kind, value, ourSide }) => ({ kind, value, ourSide })),
    ...cves.map((value) => ({ kind: 'cve' as const, value, ourSide: 'unknown' as const })),
  ];
}

function missingParts({ missing }: ReadParts, observedAt: string): EvidenceDraft[] {
  return missing.map((part) =>
    gapOf(
      part === 'vulnerabilities' ? 'vuln_db' : 'threat_intel',
      observedAt,
      `what is known elsewhere of what the part "${part}" holds`,
      'the part was not there in time; only the findings themselves were asked about',
    ),
  );
}
