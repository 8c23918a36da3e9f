import { canonicalJson, sha256Hex } from '../json/canonical.ts';

/** The newest entry of one chain: what an anchor fixes. */
export interface ChainHead {
  readonly chain: string;
  readonly sequence: number;
  readonly hash: string;
}

/** One byte before each hashed text keeps leaves and inner nodes apart, so that no node can be passed off as a leaf (RFC 6962). */
const LEAF = '\u0000';
const NODE = '\u0001';

/** Digest of a head over `["chain",sequence,"hash"]`: JSON, so that no name of a chain can shift the borders between the parts. */
export function leafOf({ chain, sequence, hash }: ChainHead): string {
  return sha256Hex(`${LEAF}${canonicalJson([chain, sequence, hash])}`);
}

/**
 * Root over all heads in order of their chains, whatever order they are given in. A node without a partner goes up as it
 * is. No heads at all: the digest of nothing.
 * @throws RangeError when a chain is named twice - it has one head
 */
export function merkleRoot(heads: readonly ChainHead[]): string {
  let level = sortedHeads(heads).map(leafOf);
  if (level.length === 0) return sha256Hex('');
  while (level.length > 1) level = parents(level);
  return level[0] ?? sha256Hex('');
}

export function sortedHeads(heads: readonly ChainHead[]): readonly ChainHead[] {
  const sorted = [...heads].sort((a, b) => (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : 0));
  for (const [index, { chain }] of sorted.entries()) {
    if (chain === sorted[index + 1]?.chain) throw new RangeError(`chain ${chain} is named twice`);
  }
  return sorted;
}

function parents(level: readonly string[]): string[] {
  const next: string[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const left = level[index] ?? '';
    const right = level[index + 1];
    next.push(right === undefined ? left : sha256Hex(`${NODE}${left}${right}`));
  }
  return next;
}
