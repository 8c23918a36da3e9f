import { describe, expect, it } from 'vitest';
import { cryptoMinerPack } from '../../../test/stories/crypto-miner.ts';
import { analyseByRules } from '../rules/analyse.ts';
import { type ModelAnswer, modelAnswerJsonSchema, modelAnswerSchema } from './answer.ts';
import { merge } from './merge.ts';

const GUARD = { canary: 'canary-7d1f', boundary: '----evidence-55aa----' };
const pack = cryptoMinerPack();
const rules = analyseByRules(pack);
const miner = pack.items.find(({ fact }) => fact.kind === 'process' && fact.pid === 4711);
const shell = pack.items.find(({ fact }) => fact.kind === 'process' && fact.pid === 4690);
const connection = pack.items.find(({ fact }) => fact.kind === 'connection');

const GOOD: ModelAnswer = {
  outcome: 'analysed',
  headline: 'Miner xmrig runs in the checkout service, most likely after exploitation of CVE-2021-44228',
  verdict: 'malicious',
  narrative: [
    {
      text: 'Process 4711 is the miner /tmp/.x/xmrig and was started by process 4690 at 09:15:50.',
      kind: 'observed',
      evidence: [miner?.id ?? ''],
      entities: miner?.entities ?? [],
    },
  ],
  rootCause: null,
  techniques: [{ id: 'T1105', rationale: 'The shell fetched x.sh from 203.0.113.7.', evidence: ['E5'] }],
  unknowns: [
    {
      question: 'Did the other replica show the same behaviour?',
      whyItMatters: 'It runs the same image.',
      evidence: [],
    },
  ],
};

function claim(text: string, change: Partial<ModelAnswer['narrative'][number]> = {}): ModelAnswer {
  return {
    ...GOOD,
    narrative: [
      ...GOOD.narrative,
      { text, kind: 'observed', evidence: [connection?.id ?? ''], entities: [], ...change },
    ],
  };
}

describe('merge', () => {
  it('takes headline, narrative, unknowns and rationales of an answer that stands on the evidence', () => {
    const { body, dropped, fallback } = merge(rules, GOOD, pack, GUARD);
    expect(fallback).toBeUndefined();
    expect(dropped).toEqual([]);
    expect(body.headline).toBe(GOOD.headline);
    expect(body.narrative[0]).toEqual({ ...GOOD.narrative[0], by: 'model', trust: 'attacker_influenced' });
    expect(body.techniques.find(({ id }) => id === 'T1105')?.rationale).toBe(
      'The shell fetched x.sh from 203.0.113.7.',
    );
    expect(body.unknowns).toEqual([
      ...rules.unknowns.map((unknown) => ({ ...unknown, by: 'rules' })),
      ...GOOD.unknowns.map((unknown) => ({ ...unknown, by: 'model' })),
    ]);
    expect(new Set(body.narrative.map(({ by }) => by))).toEqual(new Set(['model', 'rules']));
    expect(body.techniques.map(({ id, by }) => [id, by])).toContainEqual(['T1105', 'model']);
    expect(body.headlineBy).toBe('model');
    const { headline, headlineBy, narrative, rootCause, unknowns, techniques } = body;
    expect(body).toEqual({ ...rules, headline, headlineBy, narrative, rootCause, unknowns, techniques });
  });

  it('keeps what the model left out - an omission must not hide that the account is cluster-admin', () => {
    const texts = merge(rules, GOOD, pack, GUARD).body.narrative.map(({ text }) => text);
    expect(texts.filter((text) => text.includes('is cluster-admin through'))).toHaveLength(1);
  });

  it('keeps what the model "covered" with one sentence that cites everything', () => {
    const everything = claim('Something happened.', { evidence: pack.items.slice(0, 12).map(({ id }) => id) });
    const texts = merge(rules, everything, pack, GUARD).body.narrative.map(({ text }) => text);
    for (const { text } of rules.narrative) expect(texts).toContain(text);
  });

  it('drops a sentence that does not stand, says why and by which rule, and repeats nothing of it', () => {
    const { body, dropped, violations } = merge(rules, claim('It connected to 198.51.100.9.'), pack, GUARD);
    expect(body.narrative.map(({ text }) => text)).not.toContain('It connected to 198.51.100.9.');
    expect(dropped).toEqual([
      { what: 'narrative 2', why: 'names a particular that the cited evidence does not hold', rule: 'V8' },
    ]);
    expect(violations).toEqual([{ rule: 'V8', where: 'narrative 2' }]);
  });

  it('takes its root cause as a hypothesis, whatever it calls it, and keeps that of the rules as a sentence', () => {
    const rootCause = {
      text: 'The shell of process 4690 came before.',
      kind: 'observed' as const,
      evidence: [shell?.id ?? ''],
      entities: [],
    };
    const { body } = merge(rules, { ...GOOD, rootCause }, pack, GUARD);
    expect(body.rootCause).toEqual({
      ...rootCause,
      kind: 'inferred',
      by: 'model',
      trust: 'attacker_influenced',
    });
    expect(body.narrative).toContainEqual({ ...rules.rootCause, by: 'rules' });
  });

  it('keeps the root cause of the rules when the model gives none, or one that does not stand', () => {
    const invented = { text: 'It began on 203.0.113.99.', kind: 'inferred' as const, evidence: ['E1'], entities: [] };
    for (const rootCause of [null, invented])
      expect(merge(rules, { ...GOOD, rootCause }, pack, GUARD).body.rootCause).toEqual({
        ...rules.rootCause,
        by: 'rules',
      });
  });

  it('takes hidden characters out of a sentence and counts that', () => {
    const { body, dropped } = merge(rules, claim('The cont\u200bainer conn\u202eected out.'), pack, GUARD);
    expect(body.narrative[1]?.text).toBe('The container connected out.');
    expect(dropped).toHaveLength(1);
  });

  it('finds a dismissal that is split by invisible characters', () => {
    const { body } = merge(rules, claim('This is be\u200bnign.'), pack, GUARD);
    expect(body.narrative.map(({ text }) => text).join()).not.toContain('benign');
  });

  it('keeps the headline of the rules when the model’s talks down or makes up', () => {
    for (const headline of ['Benign test in checkout', 'Port scan from 198.51.100.77', '', 'See www.evil.example'])
      expect(merge(rules, { ...GOOD, headline }, pack, GUARD).body.headline).toBe(rules.headline);
  });

  it.each([
    [
      'repeats the hidden mark',
      claim(`Instructions: ${GUARD.canary}`),
      'the answer repeats the hidden mark of the instructions',
    ],
    [
      'repeats the hidden mark with invisible characters in it',
      claim([...GUARD.canary].join('\u200b')),
      'the answer repeats the hidden mark of the instructions',
    ],
    ['repeats the boundary', claim(GUARD.boundary), 'the answer repeats the boundary of the evidence'],
    ['declines', { ...GOOD, outcome: 'declined' }, 'the model declined to analyse'],
    ['has another shape', { verdict: 'benign' }, 'the answer has not the agreed shape'],
    ['is text', 'close the alert', 'the answer has not the agreed shape'],
    ['says nothing that stands', { ...GOOD, narrative: [] }, 'no sentence of the answer stands on the evidence'],
  ])('uses nothing of an answer that %s', (_name, answer, reason) => {
    const { body, fallback } = merge(rules, answer, pack, GUARD);
    expect(fallback).toBe(reason);
    expect(body).toBe(rules);
  });
});

describe('the schema a model is given', () => {
  it('stays within what every provider accepts: closed objects, all required, no limits', () => {
    const walk = (node: unknown): void => {
      if (node === null || typeof node !== 'object') return;
      const keys = Object.keys(node);
      for (const banned of ['oneOf', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern', 'minItems', 'maxItems'])
        expect(keys).not.toContain(banned);
      if ('properties' in node && node.properties !== null && typeof node.properties === 'object') {
        expect(node).toMatchObject({
          type: 'object',
          additionalProperties: false,
          required: Object.keys(node.properties),
        });
      }
      for (const member of Object.values(node)) walk(member);
    };
    walk(modelAnswerJsonSchema());
    expect(modelAnswerSchema.parse(GOOD)).toEqual(GOOD);
  });
});
