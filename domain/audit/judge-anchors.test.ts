import { describe, expect, it } from 'vitest';
import { anchorSigner } from '../../test/fakes/anchors.ts';
import { type AuditEntry, nextEntry } from './entry.ts';
import { firstLost, judgeAnchors } from './judge-anchors.ts';

const signer = anchorSigner();
const head = (chain: string, sequence: number, letter = 'a') => ({ chain, sequence, hash: letter.repeat(64) });
const early = signer.anchor('2025-10-20T12:00:00.000Z', [head('inc-a', 3), head('inc-b', 0, 'b')]);
const late = signer.anchor('2025-10-20T13:00:00.000Z', [head('inc-a', 5, 'c'), head('inc-b', 0, 'b')]);
const found = (anchor: unknown, change: { readonly name?: string; readonly hidden?: boolean } = {}) => ({
  name: 'one',
  text: JSON.stringify(anchor),
  hidden: false,
  ...change,
});

describe('judgeAnchors', () => {
  it('gathers every head of all anchors that hold, each by the anchor that fixed it first', () => {
    expect(judgeAnchors([found(late), found(early)], signer.publicKey)).toEqual({
      checked: 2,
      newest: late.at,
      broken: [],
      fixed: new Map([
        [
          'inc-a',
          [
            { ...head('inc-a', 3), at: early.at },
            { ...head('inc-a', 5, 'c'), at: late.at },
          ],
        ],
        ['inc-b', [{ ...head('inc-b', 0, 'b'), at: early.at }]],
      ]),
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['another time', { ...early, at: '2025-10-21T12:00:00.000Z' }, /signature/],
    ['a head less', { ...early, heads: early.heads.slice(1) }, /signature/],
    ['another hash of a head', { ...early, heads: [head('inc-a', 3, 'f'), head('inc-b', 0, 'b')] }, /root/],
    ['a head twice', { ...early, heads: [head('inc-a', 3), head('inc-a', 3)] }, /twice/],
    ['the key of somebody else', anchorSigner().anchor(early.at, early.heads), /signature/],
    ['no signature', { ...early, signature: '' }, /signature/],
    ['another shape', { ...early, more: true }, /not an anchor/],
    ['nothing in it', null, /not an anchor/],
  ])('names an anchor with %s and relies on none of its heads', (_, anchor, reason) => {
    const judged = judgeAnchors([found(anchor, { name: 'forged' }), found(late)], signer.publicKey);
    expect(judged.broken).toEqual([{ anchor: 'forged', reason: expect.stringMatching(reason) }]);
    expect(judged).toEqual({ ...judgeAnchors([found(late)], signer.publicKey), checked: 2, broken: judged.broken });
  });

  it('names what is no JSON', () => {
    const judged = judgeAnchors([{ name: 'torn', text: '{"version":1', hidden: false }], signer.publicKey);
    expect(judged.broken).toEqual([{ anchor: 'torn', reason: 'it is not JSON' }]);
  });

  it('names an anchor that somebody deleted, and still relies on it: Object Lock kept it', () => {
    const judged = judgeAnchors([found(early, { name: 'hidden', hidden: true })], signer.publicKey);
    expect(judged.broken).toEqual([{ anchor: 'hidden', reason: expect.stringContaining('deleted') }]);
    expect([...judged.fixed.keys()]).toEqual(['inc-a', 'inc-b']);
  });
});

describe('firstLost', () => {
  const actor = { type: 'function' as const, id: 'test' };
  const chainOf = (...numbers: readonly number[]): AuditEntry[] => {
    const entries: AuditEntry[] = [];
    for (const number of numbers) {
      const record = { chain: 'inc-a', at: '2025-10-20T11:00:00.000Z', actor, kind: 'published' as const };
      entries.push(nextEntry(entries.at(-1), { ...record, data: { number } }));
    }
    return entries;
  };
  const whole = chainOf(1, 2, 3, 4);
  const fixedAt = (...sequences: readonly number[]) =>
    sequences.map((sequence) => ({ chain: 'inc-a', sequence, hash: whole[sequence]?.hash ?? '', at: early.at }));

  it('finds nothing in a chain that has only grown, nor where nothing was fixed', () => {
    expect(firstLost(whole, fixedAt(0, 2))).toBeUndefined();
    expect(firstLost([], [])).toBeUndefined();
  });

  it.each<[string, AuditEntry[], readonly number[], { at: number; reason: RegExp }]>([
    ['removed', [], [2], { at: 0, reason: /removed: the anchor of 2025-10-20T12:00:00.000Z fixed its entry 2/ }],
    ['cut', chainOf(1, 2), [1, 3], { at: 2, reason: /missing at the end: .* fixed entry 3/ }],
    ['written anew', chainOf(1, 9, 3, 4), [0, 2, 3], { at: 2, reason: /entry 2 is not the one .* written anew/ }],
  ])('names a chain that was %s, by the first thing that is lost', (_, entries, sequences, lost) => {
    expect(firstLost(entries, fixedAt(...sequences))).toEqual({ ...lost, reason: expect.stringMatching(lost.reason) });
  });

  it('names a chain written anew after an anchor although a later anchor fixed the new one', () => {
    const anew = chainOf(1, 9, 3);
    const later = { chain: 'inc-a', sequence: 2, hash: anew[2]?.hash ?? '', at: late.at };
    expect(firstLost(anew, [...fixedAt(1), later])).toMatchObject({ at: 1 });
  });
});
