import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditEntry, type AuditRecord, GENESIS, hashOf, nextEntry, verifyChain } from './entry.ts';

const record = (data: Record<string, unknown>, chain = 'inc-1'): AuditRecord => ({
  chain,
  at: '2025-10-14T09:16:05.000Z',
  actor: { type: 'person', id: 'payments-lead' },
  kind: 'approval.decided',
  data,
});

function chainOf(datas: readonly Record<string, unknown>[], chain = 'inc-1'): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const data of datas) entries.push(nextEntry(entries.at(-1), record(data, chain)));
  return entries;
}

const three = chainOf([{ n: 0 }, { n: 1 }, { n: 2 }]);
const replaced = (index: number, change: Record<string, unknown>): unknown[] =>
  three.map((entry, at) => (at === index ? { ...entry, ...change } : entry));

describe('a chain', () => {
  it('starts at GENESIS and links every entry to the one before', () => {
    expect(three.map(({ sequence, previous }) => ({ sequence, previous }))).toEqual([
      { sequence: 0, previous: GENESIS },
      { sequence: 1, previous: three[0]?.hash },
      { sequence: 2, previous: three[1]?.hash },
    ]);
  });

  it('verifies, and says where it ends', () => {
    expect(verifyChain('inc-1', three)).toEqual({ ok: true, chain: 'inc-1', entries: 3, head: three[2]?.hash });
  });

  it('hashes the same entry alike whatever the order of its keys - a database may return them in another one', () => {
    const [entry] = chainOf([{ b: 1, a: { d: 2, c: 3 } }]);
    const reordered = { ...entry, data: { a: { c: 3, d: 2 }, b: 1 } };
    expect(verifyChain('inc-1', [reordered])).toMatchObject({ ok: true });
  });

  it.each<[string, unknown[], number, string]>([
    ['an entry is changed', replaced(1, { data: { n: 9 } }), 1, 'was changed'],
    ['its actor is changed', replaced(1, { actor: { type: 'person', id: 'someone-else' } }), 1, 'was changed'],
    ['its time is changed', replaced(2, { at: '2025-10-14T09:16:06.000Z' }), 2, 'was changed'],
    ['an entry is removed', three.filter((_, index) => index !== 1), 1, 'is missing'],
    ['the first is removed', three.slice(1), 0, 'is missing'],
    ['two are exchanged', [three[0], three[2], three[1]], 1, 'is missing'],
    ['one is repeated', [three[0], three[0], three[1]], 1, 'is missing'],
    ['an attribute is planted', replaced(0, { note: 'planted' }), 0, 'not an audit entry'],
    ['an entry is no entry', [three[0], 'text'], 1, 'not an audit entry'],
    ['an entry is of another chain', chainOf([{ n: 0 }], 'inc-2'), 0, 'belongs to chain inc-2'],
    ['there is none', [], 0, 'no entries'],
  ])('does not verify when %s', (_, entries, firstBroken, reason) => {
    expect(verifyChain('inc-1', entries)).toMatchObject({
      ok: false,
      firstBroken,
      reason: expect.stringContaining(reason),
    });
  });

  it('does not verify an entry written anew with a correct hash but without its predecessor', () => {
    const anew = { ...record({ n: 9 }), sequence: 1, previous: 'f'.repeat(64) };
    const verdict = verifyChain('inc-1', [three[0], { ...anew, hash: hashOf(anew) }]);
    expect(verdict).toMatchObject({ ok: false, firstBroken: 1, reason: expect.stringContaining('does not follow') });
  });

  it('shows that its end was cut off, when its head is known', () => {
    const head = { sequence: 2, hash: three[2]?.hash ?? '' };
    expect(verifyChain('inc-1', three, head)).toMatchObject({ ok: true });
    expect(verifyChain('inc-1', three.slice(0, 2), head)).toMatchObject({ ok: false, firstBroken: 2 });
    expect(verifyChain('inc-1', chainOf([{ n: 0 }, { n: 1 }, { n: 7 }]), head)).toMatchObject({ ok: false });
  });

  it('verifies an honest entry whose data has a key named __proto__, and names one into which it was planted', () => {
    const honest: AuditEntry[] = chainOf([JSON.parse('{"__proto__":null}')]);
    expect(verifyChain('inc-1', honest)).toMatchObject({ ok: true });
    const planted: unknown = JSON.parse(JSON.stringify(three[0]).replace('{', '{"__proto__":{"a":1},'));
    expect(verifyChain('inc-1', [planted])).toMatchObject({ ok: false, firstBroken: 0 });
  });

  it('names an entry that is nested deeper than anything we write, instead of giving up', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`);
    expect(verifyChain('inc-1', replaced(1, { data: { deep } }))).toMatchObject({ ok: false, firstBroken: 1 });
  });

  it('verifies for any data, and not after any single change of it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        (datas, pick) => {
          // As a store returns it: through JSON, which turns -0 into 0.
          const entries: AuditEntry[] = JSON.parse(JSON.stringify(chainOf(datas)));
          expect(verifyChain('inc-1', entries)).toMatchObject({ ok: true, entries: datas.length });
          const index = pick % entries.length;
          const changed = entries.map((entry, at) =>
            at === index ? { ...entry, data: { ...entry.data, planted: entry.data } } : entry,
          );
          expect(verifyChain('inc-1', changed)).toMatchObject({ ok: false, firstBroken: index });
        },
      ),
    );
  });
});
