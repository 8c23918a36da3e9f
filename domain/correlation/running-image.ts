import { factsOf } from '../analysis/rules/facts.ts';
import type { FactOf } from '../evidence/fact.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';

/** The images of the workload that run, by digest, with the evidence. An alert's own word is no record of what runs. */
export type RunningImages = ReadonlyMap<string, readonly EvidenceItem[]>;

export function runningImages(pack: EvidencePack): RunningImages {
  const images = new Map<string, EvidenceItem[]>();
  const note = (digest: string | undefined, item: EvidenceItem): void => {
    const key = digestOf(digest);
    if (key !== undefined && item.source !== 'alert') images.set(key, [...(images.get(key) ?? []), item]);
  };
  for (const { item, fact } of factsOf(pack, 'container')) note(fact.imageDigest, item);
  for (const { item, fact } of factsOf(pack, 'pod')) for (const { digest } of fact.images) note(digest, item);
  return images;
}

/** `same`: it runs. `other`: another image runs. `unknown`: the digest of one or the other is not known. */
export function imageMatch(
  fact: Pick<FactOf<'vulnerability'>, 'imageDigest'>,
  running: RunningImages,
): { readonly match: 'same' | 'other' | 'unknown'; readonly items: readonly EvidenceItem[] } {
  const digest = digestOf(fact.imageDigest);
  if (digest === undefined || running.size === 0) return { match: 'unknown', items: [] };
  const items = running.get(digest);
  return items === undefined
    ? { match: 'other', items: [...new Set([...running.values()].flat())] }
    : { match: 'same', items };
}

/** Vendors write the digest alone, after `sha256:`, or after the repository and an `@`. */
function digestOf(text: string | undefined): string | undefined {
  return /(?:^|sha256:)([0-9a-f]{64})$/i.exec(text ?? '')?.[1]?.toLowerCase();
}
