import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureJson } from './json-limits.ts';

/** The same measure by way of the parsed value: the slow, recursive truth. */
function truth(value: unknown): { depth: number; members: number } {
  if (value === null || typeof value !== 'object') return { depth: 0, members: 0 };
  const inner = Object.values(value).map(truth);
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    members: inner.length + inner.reduce((sum, { members }) => sum + members, 0),
  };
}

const limits = { maxDepth: 100, maxMembers: 50_000 };
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('measureJson', () => {
  it('measures any JSON exactly as its parsed value is built, in every spacing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t', '  '), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(measureJson(text, { maxDepth: 1e9, maxMembers: 1e9 })).toEqual({ ok: true, ...truth(JSON.parse(text)) });
      }),
      { numRuns: 500 },
    );
  });

  it('is not led astray by brackets, commas, quotes and backslashes inside strings', () => {
    const text = JSON.stringify({ 'a","b":[[': '\\"{[,' });
    expect(measureJson(text)).toEqual({ ok: true, depth: 1, members: 1 });
  });

  it('takes the deepest allowed nesting and refuses one level more', () => {
    expect(measureJson(nested(100), limits)).toEqual({ ok: true, depth: 100, members: 99 });
    expect(measureJson(nested(101), limits)).toEqual({ ok: false, reason: 'too deep' });
  });

  it('refuses a nesting of 10,000 - the first log line of it would fail', () => {
    expect(measureJson(nested(10_000), limits)).toEqual({ ok: false, reason: 'too deep' });
  });

  it('takes as many members as allowed and refuses one more, in one level or in many', () => {
    const flat = (count: number) => JSON.stringify(Array.from({ length: count }, () => 0));
    expect(measureJson(flat(50_000), limits)).toEqual({ ok: true, depth: 1, members: 50_000 });
    expect(measureJson(flat(50_001), limits)).toEqual({ ok: false, reason: 'too many members' });
    const pairs = JSON.stringify(Array.from({ length: 25_001 }, () => ({ a: 1 })));
    expect(measureJson(pairs, limits)).toEqual({ ok: false, reason: 'too many members' });
  });

  it('ends on any text, JSON or not, and never throws', () => {
    const pieces = fc.array(fc.constantFrom('[', ']', '{', '}', '"', '\\', ',', ':', ' ', '\ud800', 'a', '1'));
    fc.assert(
      fc.property(pieces, (parts) => {
        expect(typeof measureJson(parts.join('')).ok).toBe('boolean');
      }),
    );
    expect(measureJson('"unterminated \\')).toEqual({ ok: true, depth: 0, members: 0 });
    expect(measureJson(']]]]')).toEqual({ ok: true, depth: 0, members: 0 });
  });

  it('never lets anything through that a parser accepts and the limits forbid', () => {
    const pieces = fc.array(fc.constantFrom('[', ']', '{', '}', '"a"', '"]"', ',', ':', '1', ' '), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, fc.nat(4), fc.nat(6), (parts, maxDepth, maxMembers) => {
        const text = parts.join('');
        if (!measureJson(text, { maxDepth, maxMembers }).ok || !isJson(text)) return;
        // Equal keys are counted each, so the measure may be higher than what is built, never lower.
        const { depth, members } = truth(JSON.parse(text));
        expect(depth).toBeLessThanOrEqual(maxDepth);
        expect(members).toBeLessThanOrEqual(maxMembers);
      }),
      { numRuns: 2000 },
    );
  });

  it('is not deceived by closing brackets that come first', () => {
    expect(measureJson(`${']'.repeat(500)}${nested(101)}`, limits)).toEqual({ ok: false, reason: 'too deep' });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
