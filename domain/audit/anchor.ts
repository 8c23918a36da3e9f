import * as z from 'zod';
import { sha256Schema } from '../events.ts';
import { digestOf } from '../json/canonical.ts';
import { type ChainHead, merkleRoot } from './merkle.ts';

const headSchema = z.strictObject({
  chain: z.string().min(1),
  sequence: z.number().int().nonnegative(),
  hash: sha256Schema,
});

/** What the anchor job writes to the Object Lock bucket under `anchors/<at>.json`. */
export const anchorSchema = z.strictObject({
  version: z.literal(1),
  at: z.iso.datetime(),
  root: sha256Schema,
  heads: z.array(headSchema),
  /** Base64 of the DER-encoded ECDSA signature (KMS, ECDSA_SHA_256) over `anchorDigest`. */
  signature: z.string(),
  keyId: z.string(),
});
export type Anchor = z.infer<typeof anchorSchema>;

/**
 * The digest that is signed: version, time, number of heads and root, so that neither the time of an anchor nor its
 * heads can be changed. Lower-case hex; KMS signs its 32 bytes with message type DIGEST.
 */
export function anchorDigest(anchor: Pick<Anchor, 'version' | 'at' | 'root' | 'heads'>): string {
  return digestOf({ version: anchor.version, at: anchor.at, root: anchor.root, heads: anchor.heads.length });
}

/** Whether an anchor's root is that of its heads. Its signature is checked apart, with the public key. */
export function rootHolds(anchor: Pick<Anchor, 'root' | 'heads'>): boolean {
  return merkleRoot(anchor.heads) === anchor.root;
}

/**
 * Whether a chain still contains what an anchor fixed: the entry at that place has that hash. A chain may have grown
 * since; it may not have become shorter or other. Verify the chain itself first (`verifyChain`).
 */
export function stillContains(
  entries: readonly { readonly sequence: number; readonly hash: string }[],
  head: ChainHead,
): boolean {
  const entry = entries[head.sequence];
  return entry?.sequence === head.sequence && entry.hash === head.hash;
}
