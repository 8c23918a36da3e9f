import type { LinkedIncident, LinkStore } from '../../connectors/store/context-ports.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import { type EvidenceDraft, extendPack } from '../../domain/evidence/pack.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { workloadLabel } from '../../domain/workload.ts';
import type { Ground } from './ground.ts';

export interface SameImageDeps {
  readonly links: Pick<LinkStore, 'sharing'>;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly nonce: () => string;
  readonly now: () => Date;
}

const MOST_TOLD = 20;

/**
 * The evidence with the incidents that share the image digest today: others may have come since this one was analysed. They
 * are numbered behind what is there, in a pack of their own, because the analysis stands on the first one.
 */
export async function withSameImage(deps: SameImageDeps, ground: Ground): Promise<Ground> {
  const { incident, evidence } = ground;
  const { workload } = incident;
  const digest = 'imageDigest' in workload ? workload.imageDigest : undefined;
  if (digest === undefined) return ground;
  const now = deps.now();
  const sharing = await deps.links.sharing({ what: 'image', value: digest }, { except: incident.incidentId, now });
  const known = new Set(
    evidence.pack.items.flatMap(({ fact }) =>
      fact.kind === 'linked-incident' || fact.kind === 'past-incident' ? [fact.incidentId] : [],
    ),
  );
  const own = workloadLabel(workload);
  const drafts = sharing
    .filter(({ incidentId, workload: other }) => other !== own && !known.has(incidentId))
    .slice(0, MOST_TOLD)
    .map((other) => draftOf(other, digest, now.toISOString()));
  if (drafts.length === 0) return ground;
  const cost = { calls: 1, bytes: 0, milliseconds: 0 };
  const pack = extendPack(evidence.pack, { part: 'baseline', drafts, cost });
  const { key, sha256 } = await deps.blobs.put(
    `incidents/${incident.incidentId}/packs/${deps.nonce()}.json`,
    canonicalJson(pack),
  );
  return { ...ground, evidence: { key, sha256, pack } };
}

function draftOf(
  { incidentId, openedAt, workload }: LinkedIncident,
  digest: string,
  observedAt: string,
): EvidenceDraft {
  return {
    source: 'history',
    field: `links image ${incidentId}`,
    trust: 'own',
    observedAt,
    fact: { kind: 'linked-incident', incidentId, openedAt, workload, shared: [{ what: 'image', value: digest }] },
    entities: [],
  };
}
