import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../test/growth.ts';
import { answerOf, BOTH, GUARD, PACK, RULES, said } from '../../../test/stories/verified.ts';
import { merge } from './merge.ts';

/**
 * Sizes that cost a pattern its life if it were quadratic. The limit is wide, so that a slow machine does not fail; what was
 * quadratic over a megabyte would take hours.
 */
const LIMIT_MS = 20_000;
const MEGABYTE = 1_000_000;

function texts(): readonly (readonly [string, string])[] {
  const pieces = [
    'a ',
    '-',
    '/',
    '.',
    'CVE-',
    '0',
    '`',
    '**',
    '<',
    '&',
    '[',
    'a.b-',
    'password',
    '://',
    'eyJ',
    '\u001b]',
    '\ufdfa',
    '\u200b',
    'b e n ',
    '\ud800',
  ];
  return pieces.map((piece) => [JSON.stringify(piece), piece.repeat(Math.ceil(MEGABYTE / piece.length))]);
}

describe('an answer of hostile size', () => {
  it.each(texts())('takes bounded time with a megabyte of %s in every place', (_name, text) => {
    const answer = (piece: string) => ({
      ...answerOf(said(piece), said(piece.slice(0, 600)), said('The pod runs.')),
      headline: piece,
      rootCause: said(piece.slice(0, 600)),
      techniques: [{ id: piece, rationale: piece.slice(0, 600), evidence: [piece] }],
      unknowns: [{ question: piece.slice(0, 600), whyItMatters: piece, evidence: [] }],
    });
    // All of it, and as much as is read at most.
    const spent = cpuMs(() => {
      expect(merge(RULES, answer(text), PACK, GUARD).fallback).toBe('the answer is too long to be read');
      const { body } = merge(RULES, answer(text.slice(0, 10_000)), PACK, GUARD);
      expect(body.narrative[0]?.text.length).toBeLessThanOrEqual(600);
    });
    expect(spent).toBeLessThan(LIMIT_MS);
  });

  it('reads ten thousand sentences with ten thousand citations no further than its limits', () => {
    const evidence = Array.from({ length: 10_000 }, () => BOTH[0] ?? '');
    const answer = answerOf(...Array.from({ length: 10_000 }, () => said('The pod runs.', { evidence })));
    const spent = cpuMs(() => {
      expect(merge(RULES, answer, PACK, GUARD).fallback).toBe('the answer is too long to be read');
    });
    expect(spent).toBeLessThan(LIMIT_MS);
  });

  it('is not led astray by depth, and takes no key for more than a key', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    const answers = [
      deep,
      { ...answerOf(said('The pod runs.')), extra: deep },
      JSON.parse(
        '{"__proto__":{"outcome":"analysed","narrative":[]},"constructor":{"prototype":{"verdict":"benign"}}}',
      ),
      { ...answerOf(said('The pod runs.', { evidence: ['__proto__', 'constructor'] })) },
    ];
    for (const answer of answers) {
      const { body } = merge(RULES, answer, PACK, GUARD);
      expect(body.verdict).toBe(RULES.verdict);
      expect(body.actions).toEqual(RULES.actions);
    }
    expect(Object.prototype).not.toHaveProperty('verdict');
  });
});
