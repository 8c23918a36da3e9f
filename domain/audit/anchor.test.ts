import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../json/canonical.ts';
import { type Anchor, anchorDigest, rootHolds, signatureHolds, stillContains } from './anchor.ts';
import { nextEntry } from './entry.ts';
import { merkleRoot } from './merkle.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ type: 'spki', format: 'pem' });

const heads = [
  { chain: 'inc-a', sequence: 3, hash: 'a'.repeat(64) },
  { chain: 'inc-b', sequence: 0, hash: 'b'.repeat(64) },
];
const unsigned = { version: 1 as const, at: '2025-10-20T12:00:00.000Z', root: merkleRoot(heads), heads };
/** ECDSA_SHA_256 over a ready digest is ECDSA with SHA-256 over the text the digest is of; written out here independently. */
const text = canonicalJson({ at: unsigned.at, heads: 2, root: unsigned.root, version: 1 });
const anchor: Anchor = {
  ...unsigned,
  signature: sign('sha256', Buffer.from(text), privateKey).toString('base64'),
  keyId: 'key-1',
};

describe('an anchor', () => {
  it('holds as it was written', () => {
    expect(rootHolds(anchor)).toBe(true);
    expect(signatureHolds(anchor, String(pem))).toBe(true);
    expect(anchorDigest(anchor)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['another time', { at: '2025-10-21T12:00:00.000Z' }],
    ['another root', { root: 'c'.repeat(64) }],
    ['a head less', { heads: heads.slice(1) }],
    ['no signature', { signature: '' }],
    ['a signature that is none', { signature: 'bm9uc2Vuc2U=' }],
  ])('is not confirmed with %s', (_, change) => {
    expect(signatureHolds({ ...anchor, ...change }, String(pem))).toBe(false);
  });

  it('is not confirmed by another key', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    expect(signatureHolds(anchor, String(other.export({ type: 'spki', format: 'pem' })))).toBe(false);
  });

  it('shows a head that was changed, although the number of heads is the same', () => {
    const changed = heads.map((head) => ({ ...head, hash: 'c'.repeat(64) }));
    expect(rootHolds({ ...anchor, heads: changed })).toBe(false);
  });
});

describe('stillContains', () => {
  const actor = { type: 'function' as const, id: 'test' };
  const record = { chain: 'inc-a', at: '2025-10-20T12:00:00.000Z', actor, kind: 'published' as const, data: {} };
  const first = nextEntry(undefined, record);
  const second = nextEntry(first, record);
  const head = { chain: 'inc-a', sequence: 0, hash: first.hash };

  it('holds for a chain that has grown since', () => {
    expect(stillContains([first, second], head)).toBe(true);
  });

  it('does not hold for a chain that was cut, removed or written anew', () => {
    const anew = nextEntry(undefined, { ...record, data: { other: true } });
    expect(stillContains([first], { ...head, sequence: 1, hash: second.hash })).toBe(false);
    expect(stillContains([], head)).toBe(false);
    expect(stillContains([anew], head)).toBe(false);
  });
});
