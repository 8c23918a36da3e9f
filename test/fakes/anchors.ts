import { generateKeyPairSync, sign } from 'node:crypto';
import type { AnchorReader } from '../../connectors/store/s3/anchor-reader.ts';
import { type Anchor, anchorDigest } from '../../domain/audit/anchor.ts';
import type { FoundAnchor } from '../../domain/audit/judge-anchors.ts';
import { type ChainHead, merkleRoot } from '../../domain/audit/merkle.ts';
import { canonicalJson, sha256Hex } from '../../domain/json/canonical.ts';

export interface AnchorSigner {
  readonly publicKey: string;
  anchor(at: string, heads: readonly ChainHead[]): Anchor;
}

/** A key of its own, and anchors signed with it as KMS would. */
export function anchorSigner(): AnchorSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    anchor(at, heads) {
      const unsigned = { version: 1 as const, at, root: merkleRoot(heads), heads: [...heads] };
      const text = canonicalJson({ version: 1, at, root: unsigned.root, heads: heads.length });
      // ECDSA_SHA_256 over a ready digest, as KMS is asked, is ECDSA with SHA-256 over the text the digest is of.
      if (sha256Hex(text) !== anchorDigest(unsigned)) throw new Error('the signed text of an anchor has another form');
      return {
        ...unsigned,
        signature: sign('sha256', Buffer.from(text), privateKey).toString('base64'),
        keyId: 'key-1',
      };
    },
  };
}

/** The anchor bucket: what is in it, and from when on it was asked. */
export interface MemoryAnchors extends AnchorReader {
  readonly held: FoundAnchor[];
  readonly asked: Date[];
  keep(anchor: Anchor): void;
}

export function memoryAnchors(): MemoryAnchors {
  const held: FoundAnchor[] = [];
  const asked: Date[] = [];
  return {
    held,
    asked,
    keep: (anchor) => held.push({ name: `anchors/${anchor.at}.json`, text: JSON.stringify(anchor), hidden: false }),
    async since(from) {
      asked.push(from);
      return held.filter(({ name }) => name > `anchors/${from.toISOString()}.json`);
    },
  };
}
