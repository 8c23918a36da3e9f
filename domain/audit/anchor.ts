import { verify } from 'node:crypto';
import * as z from 'zod';
import { sha256Schema } from '../events.ts';
import { canonicalJson, sha256Hex } from '../json/canonical.ts';
import { type ChainHead, merkleRoot } from './merkle.ts';

const headSchema = z.strictObject({
  chain: z.string().min(1),
  sequence: z.number().int().nonnegative(),
  hash: sha256Schema,
});

/** What the anchor job writes to the Object Lock bucket under `anchors/<at>.json`. */
export const anchorSchema = z.lazy(() =>
  z.strictObject({
    version: z.literal(1),
    at: z.iso.datetime(),
    root: sha256Schema,
    heads: z.array(headSchema),
    /** Base64 of the DER-encoded ECDSA signature (KMS, ECDSA_SHA_256); see `signatureHolds`. */
    signature: z.string(),
    keyId: z.string(),
  }),
);
export type Anchor = z.infer<typeof anchorSchema>;

type Unsigned = Pick<Anchor, 'version' | 'at' | 'root' | 'heads'>;

/** What the signature is about: version, time, number of heads and root, so that neither the time nor a head can be changed. */
function signedText({ version, at, root, heads }: Unsigned): string {
  return canonicalJson({ version, at, root, heads: heads.length });
}

/** SHA-256 of the signed text in lower-case hex; KMS signs these 32 bytes as they are (message type DIGEST). */
export function anchorDigest(anchor: Unsigned): string {
  return sha256Hex(signedText(anchor));
}

/** Whether an anchor was signed with the private half of this key (PEM, SPKI); false for anything that is no signature. */
export function signatureHolds(anchor: Anchor, publicKeyPem: string): boolean {
  const signature = Buffer.from(anchor.signature, 'base64');
  return verify('sha256', Buffer.from(signedText(anchor)), publicKeyPem, signature);
}

/** Whether an anchor's root is that of its heads. Its signature is checked apart (`signatureHolds`). */
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
