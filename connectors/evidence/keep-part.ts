import type * as z from 'zod';
import type { EvidencePart } from '../../domain/evidence/pack.ts';
import type { gatherOutputSchema } from '../../domain/orchestration.ts';
import type { AuditLog, BlobStore } from '../store/ports.ts';

/**
 * Stores what a gatherer read, logs its digest, and answers the pointer the state machine passes on. One place, because
 * evidence that is stored and not logged proves nothing.
 * @param kept.by the function that gathered; `gaps` in words for people
 * @throws what the evidence bucket and the audit log throw
 */
export async function keepPart(
  stores: { readonly blobs: Pick<BlobStore, 'put'>; readonly audit: Pick<AuditLog, 'append'> },
  kept: {
    readonly incidentId: string;
    readonly by: string;
    readonly gathered: EvidencePart;
    readonly gaps: readonly string[];
    readonly now: () => Date;
  },
): Promise<z.infer<typeof gatherOutputSchema>> {
  const { incidentId, by, gathered } = kept;
  const { part, drafts, cost } = gathered;
  const gaps = [...kept.gaps];
  const { key, sha256 } = await stores.blobs.put(
    `incidents/${incidentId}/evidence/${part}.json`,
    JSON.stringify(gathered),
  );
  await stores.audit.append({
    chain: incidentId,
    at: kept.now().toISOString(),
    actor: { type: 'function', id: by },
    kind: 'evidence.gathered',
    data: { part, key, sha256, items: drafts.length, gaps, cost },
  });
  return { part, key, sha256, items: drafts.length, gaps };
}
