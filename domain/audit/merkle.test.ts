import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChainHead, leafOf, merkleRoot } from './merkle.ts';

const head = (chain: string, sequence = 0, hash = 'a'.repeat(64)): ChainHead => ({ chain, sequence, hash });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const anyHeads = fc.uniqueArray(
  fc.record({
    chain: fc.string({ minLength: 1, maxLength: 12 }),
    sequence: fc.nat(1000),
    hash: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)),
  }),
  { selector: ({ chain }) => chain, minLength: 1, maxLength: 20 },
);

describe('merkleRoot', () => {
  it('is what the definition says for three heads, so that another program can check it', () => {
    const leaf = (chain: string) => sha256(`\u0000["${chain}",0,"${'a'.repeat(64)}"]`);
    const left = sha256(`\u0001${leaf('a')}${leaf('b')}`);
    expect(leafOf(head('a'))).toBe(leaf('a'));
    expect(merkleRoot([head('a')])).toBe(leaf('a'));
    expect(merkleRoot([head('a'), head('b'), head('c')])).toBe(sha256(`\u0001${left}${leaf('c')}`));
    expect(merkleRoot([])).toBe(sha256(''));
  });

  it('does not depend on the order the heads are given in', () => {
    fc.assert(
      fc.property(anyHeads, fc.func(fc.integer()), (heads, rank) => {
        const shuffled = [...heads].sort((a, b) => rank(a.chain) - rank(b.chain));
        expect(merkleRoot(shuffled)).toBe(merkleRoot(heads));
      }),
    );
  });

  it('changes with any change of any head, and with every head removed', () => {
    fc.assert(
      fc.property(anyHeads, fc.nat(), (heads, pick) => {
        const index = pick % heads.length;
        const root = merkleRoot(heads);
        const without = heads.filter((_, at) => at !== index);
        const grown = heads.map((one, at) => (at === index ? { ...one, sequence: one.sequence + 1 } : one));
        const other = heads.map((one, at) => (at === index ? { ...one, hash: 'c'.repeat(64) } : one));
        for (const changed of [without, grown, other]) expect(merkleRoot(changed)).not.toBe(root);
      }),
    );
  });

  it('cannot be shifted by a chain whose name looks like another head', () => {
    expect(leafOf(head('a",1,"b', 0))).not.toBe(leafOf(head('a', 1, 'b')));
  });

  it('refuses a chain with two heads', () => {
    expect(() => merkleRoot([head('a', 0), head('a', 1)])).toThrow(RangeError);
  });
});
