import type * as z from 'zod';
import { type BlobStore, NotFoundError } from '../../connectors/store/ports.ts';
import { cleanText } from '../../domain/evidence/clean.ts';
import {
  EVIDENCE_PARTS,
  type EvidencePart,
  type EvidencePartName,
  type EvidenceSource,
  evidencePartSchema,
} from '../../domain/evidence/pack.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import type { analyzeInputSchema } from '../../domain/orchestration.ts';

type Gathered = z.infer<typeof analyzeInputSchema>['parts'][number];

/** Where a part would have come from, for the gap that stands in its place. */
const SOURCES: Readonly<Record<EvidencePartName, EvidenceSource>> = {
  'alert-details': 'cwpp_api',
  'runtime-activity': 'cwpp_api',
  vulnerabilities: 'cwpp_api',
  workload: 'kubernetes_api',
  identity: 'kubernetes_api',
  network: 'kubernetes_api',
  'recent-deployments': 'kubernetes_api',
  baseline: 'history',
  'threat-intel': 'threat_intel',
  history: 'history',
};

/**
 * Every part of the evidence, in the order of numbering. A part that failed, is missing, or is not what its gatherer stored
 * becomes a gap (rule 9); a store that cannot be read at all is thrown, because trying again will help.
 */
export async function gatherParts(blobs: BlobStore, gathered: readonly Gathered[], now: Date): Promise<EvidencePart[]> {
  return await Promise.all(
    EVIDENCE_PARTS.map(async (part) => {
      const entry = gathered.find((candidate) => candidate.part === part);
      if (entry === undefined) return gapPart(part, 'it was not gathered', now);
      if ('error' in entry) return gapPart(part, `gathering it failed: ${cleanText(entry.error, { max: 300 })}`, now);
      return await load(blobs, entry, now);
    }),
  );
}

async function load(blobs: BlobStore, entry: Exclude<Gathered, { error: string }>, now: Date): Promise<EvidencePart> {
  const body = await blobs.get(entry.key).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  if (body === undefined) return gapPart(entry.part, 'what was gathered is no longer stored', now);
  if (sha256Hex(body) !== entry.sha256)
    return gapPart(entry.part, 'what was gathered was changed after it was stored', now);
  const parsed = evidencePartSchema.safeParse(jsonOf(body));
  if (!parsed.success || parsed.data.part !== entry.part)
    return gapPart(entry.part, 'what was gathered cannot be read as evidence', now);
  return parsed.data;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Named as a gap by the caller, as every other shape that is no evidence.
    return undefined;
  }
}

function gapPart(part: EvidencePartName, reason: string, now: Date): EvidencePart {
  const at = now.toISOString();
  return {
    part,
    gatheredAt: at,
    drafts: [
      {
        source: SOURCES[part],
        field: 'the whole part',
        trust: 'own',
        observedAt: at,
        fact: { kind: 'gap', missing: part.replaceAll('-', ' '), reason },
        entities: [],
      },
    ],
    cost: { calls: 0, bytes: 0, milliseconds: 0 },
  };
}
