import type { BlobStore } from '../../connectors/store/ports.ts';
import type { Fact } from '../../domain/evidence/fact.ts';
import { type EvidencePartName, evidencePartSchema } from '../../domain/evidence/pack.ts';

/** Parts whose facts name what others can be asked about; they are read by others at the same time. */
export const WAITED_PARTS = ['vulnerabilities', 'network'] as const satisfies readonly EvidencePartName[];

/** How often it is looked whether they are there. */
const EVERY_MS = 250;

export interface ReadParts {
  readonly facts: readonly Fact[];
  /** Parts that were not there in time. */
  readonly missing: readonly EvidencePartName[];
}

/**
 * The facts of parts that are gathered side by side with this one. A runtime alert names no vulnerability; the scan of its
 * image does. So this waits a little for them, and goes on without: the findings themselves are always asked about.
 */
export async function readParts(
  deps: { readonly blobs: Pick<BlobStore, 'get'>; readonly sleep: (ms: number) => Promise<void> },
  incidentId: string,
  waitMs: number,
): Promise<ReadParts> {
  const read = new Map<EvidencePartName, readonly Fact[]>();
  for (let waited = 0; ; waited += EVERY_MS) {
    for (const part of WAITED_PARTS) {
      const facts = read.has(part) ? undefined : await factsOfPart(deps.blobs, incidentId, part);
      if (facts !== undefined) read.set(part, facts);
    }
    const missing = WAITED_PARTS.filter((part) => !read.has(part));
    if (missing.length === 0 || waited >= waitMs) return { facts: [...read.values()].flat(), missing };
    await deps.sleep(EVERY_MS);
  }
}

async function factsOfPart(
  blobs: Pick<BlobStore, 'get'>,
  incidentId: string,
  part: EvidencePartName,
): Promise<readonly Fact[] | undefined> {
  try {
    const parsed = evidencePartSchema.safeParse(
      JSON.parse(await blobs.get(`incidents/${incidentId}/evidence/${part}.json`)),
    );
    return parsed.success && parsed.data.part === part ? parsed.data.drafts.map(({ fact }) => fact) : [];
  } catch {
    // Not there yet: a bucket that may not be listed refuses a key it does not hold.
    return undefined;
  }
}
