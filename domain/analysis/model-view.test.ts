import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPack } from '../../test/arbitraries/story.ts';
import { cryptoMinerPack, cryptoMinerParts, WORKLOAD } from '../../test/stories/crypto-miner.ts';
import { SECRETS } from '../../test/stories/secrets.ts';
import { type Fact, factSchema } from '../evidence/fact.ts';
import { composePack, type EvidencePack } from '../evidence/pack.ts';
import { judgementView, modelView } from './model-view.ts';
import { analyseByRules } from './rules/analyse.ts';

/** The fact with the text added to every string that may be any string: closed words and times refuse it. */
function planted(fact: Fact, text: string): Fact {
  let current: unknown = fact;
  let strings = 0;
  JSON.stringify(fact, (_key, value: unknown) => {
    if (typeof value === 'string') strings += 1;
    return value;
  });
  for (let at = 0; at < strings; at += 1) {
    const changed = factSchema.safeParse(withString(current, at, text));
    if (changed.success) current = changed.data;
  }
  return factSchema.parse(current);
}

function withString(value: unknown, at: number, text: string): unknown {
  let left = at;
  return JSON.parse(
    JSON.stringify(value, (_key, member: unknown) => {
      if (typeof member !== 'string') return member;
      left -= 1;
      return left === -1 ? `${member} ${text}` : member;
    }),
  );
}

function storyWith(text: string): EvidencePack {
  return composePack({
    incidentId: 'inc-planted',
    workload: WORKLOAD,
    vendorSeverity: 'high',
    parts: cryptoMinerParts().map((part) => ({
      ...part,
      drafts: part.drafts.map((draft) => ({
        ...draft,
        field: `${draft.field} ${text}`,
        fact: planted(draft.fact, text),
        entities: draft.entities.map((entity) => ({
          ...entity,
          canonical: `${entity.canonical} ${text}`,
          label: `${entity.label} ${text}`,
        })),
      })),
    })),
  });
}

describe('what leaves for a model', () => {
  it.each(SECRETS)('holds nowhere $kind that stands in every text of the evidence', ({ core, text }) => {
    const pack = storyWith(text);
    const rules = analyseByRules(pack);
    const sent = `${modelView(pack, rules, 1_000_000).text}\n${judgementView(rules)}`;
    expect(JSON.stringify(pack.items.map(({ fact }) => fact))).toContain(JSON.stringify(core).slice(1, -1));
    for (const form of [core, core.replaceAll(' ', '^')]) expect(sent).not.toContain(JSON.stringify(form).slice(1, -1));
    expect(sent).toContain('[secret]');
  });

  it('redacts a value whose name stands in another field of the same fact', () => {
    const fact: Fact = {
      kind: 'ownership',
      subject: 'checkout',
      tags: { password: 'hunter22', api_key: 'hunter33' },
    };
    const pack = composePack({
      incidentId: 'inc-tags',
      workload: WORKLOAD,
      vendorSeverity: 'high',
      parts: [
        {
          part: 'identity',
          gatheredAt: '2025-10-14T09:18:30.000Z',
          cost: { calls: 0, bytes: 0, milliseconds: 0 },
          drafts: [
            {
              source: 'cloud_api',
              field: 'tags',
              trust: 'own',
              observedAt: '2025-10-14T09:18:30.000Z',
              fact,
              entities: [],
            },
          ],
        },
      ],
    });
    expect(modelView(pack, analyseByRules(pack), 10_000).text).not.toMatch(/hunter/);
  });

  it('keeps to its size with the labels of entities counted, for any pack and any size', () => {
    fc.assert(
      fc.property(anyPack, fc.integer({ min: 100, max: 8_000 }), (pack, max) => {
        const { text, leftOut } = modelView(pack, analyseByRules(pack), max);
        expect(text.length).toBeLessThanOrEqual(max);
        const shown: { readonly items: readonly unknown[] } = JSON.parse(text);
        expect(shown.items.length + leftOut).toBe(pack.items.length);
      }),
      { numRuns: 60 },
    );
  });

  it('shows what the account stands on before the rest', () => {
    const pack = cryptoMinerPack();
    const rules = analyseByRules(pack);
    const told = new Set(rules.narrative.flatMap(({ evidence }) => evidence));
    const shown: { readonly items: readonly { readonly id: string }[] } = JSON.parse(
      modelView(pack, rules, 4_000).text,
    );
    expect(shown.items.length).toBeGreaterThan(0);
    for (const { id } of shown.items) expect(told).toContain(id);
  });
});
