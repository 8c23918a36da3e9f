import { type Anchor, anchorSchema, rootHolds, signatureHolds, stillContains } from './anchor.ts';
import type { ChainHead } from './merkle.ts';

/** An anchor as it was found, unparsed: a version of an object of the anchor bucket, or a line of a file. */
export interface FoundAnchor {
  /** For people: which one it is. */
  readonly name: string;
  readonly text: string;
  /** A delete marker lies above it. Under Object Lock that hides an anchor and removes nothing. */
  readonly hidden: boolean;
}

/** What an anchor fixed, and when. */
export interface FixedHead extends ChainHead {
  readonly at: string;
}

export interface JudgedAnchors {
  readonly checked: number;
  /** Time of the newest anchor that holds. */
  readonly newest: string | undefined;
  readonly broken: readonly { readonly anchor: string; readonly reason: string }[];
  /**
   * Every head that anchors fixed, by chain and in order of sequence; an equal head by its first anchor. Not the newest one
   * alone: a chain that was written anew is anchored anew too, and only the anchors before that show it.
   */
  readonly fixed: ReadonlyMap<string, readonly FixedHead[]>;
}

/** Judges each anchor by itself. Heads of one that does not hold are not relied on. @param publicKeyPem PEM (SPKI) */
export function judgeAnchors(found: readonly FoundAnchor[], publicKeyPem: string): JudgedAnchors {
  const broken: { anchor: string; reason: string }[] = [];
  const holding: Anchor[] = [];
  for (const { name, text, hidden } of found) {
    const anchor = readAnchor(text);
    const reason = typeof anchor === 'string' ? anchor : faultOf(anchor, publicKeyPem);
    if (reason !== undefined) broken.push({ anchor: name, reason });
    else if (typeof anchor !== 'string') holding.push(anchor);
    if (hidden) broken.push({ anchor: name, reason: 'somebody deleted it; Object Lock kept it, and it was read' });
  }
  holding.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return { checked: found.length, newest: holding.at(-1)?.at, broken, fixed: headsOf(holding) };
}

function readAnchor(text: string): Anchor | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const parsed = anchorSchema.safeParse(value);
  return parsed.success ? parsed.data : 'it is not an anchor';
}

function faultOf(anchor: Anchor, publicKeyPem: string): string | undefined {
  if (!signatureHolds(anchor, publicKeyPem))
    return 'its signature is not one of this key over its time, root and heads';
  if (new Set(anchor.heads.map(({ chain }) => chain)).size < anchor.heads.length) return 'it names a chain twice';
  return rootHolds(anchor) ? undefined : 'its root is not that of its heads';
}

function headsOf(oldestFirst: readonly Anchor[]): ReadonlyMap<string, readonly FixedHead[]> {
  const fixed = new Map<string, FixedHead[]>();
  for (const { at, heads } of oldestFirst) {
    for (const head of heads) {
      const known = fixed.get(head.chain) ?? [];
      fixed.set(head.chain, known);
      if (!known.some(({ sequence, hash }) => sequence === head.sequence && hash === head.hash))
        known.push({ ...head, at });
    }
  }
  for (const known of fixed.values()) known.sort((a, b) => a.sequence - b.sequence);
  return fixed;
}

/**
 * The first thing anchors fixed that a chain no longer has. @param entries of a chain that holds (`verifyChain`), in order
 */
export function firstLost(
  entries: readonly { readonly sequence: number; readonly hash: string }[],
  fixed: readonly FixedHead[],
): { readonly at: number; readonly reason: string } | undefined {
  const lost = fixed.find((head) => !stillContains(entries, head));
  if (lost === undefined) return undefined;
  const { sequence, at } = lost;
  if (entries.length === 0)
    return { at: 0, reason: `the chain was removed: the anchor of ${at} fixed its entry ${sequence}` };
  return entries.length <= sequence
    ? { at: entries.length, reason: `entries are missing at the end: the anchor of ${at} fixed entry ${sequence}` }
    : {
        at: sequence,
        reason: `entry ${sequence} is not the one the anchor of ${at} fixed: the chain was written anew`,
      };
}
