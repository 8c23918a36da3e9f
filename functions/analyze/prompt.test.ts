import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelView } from '../../domain/analysis/model-view.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import { SOURCES } from '../../domain/source.ts';
import { compilePrompt, lockFor, PromptError, readLock, readPrompts, readVendorNotes } from '../../prompts/compile.ts';
import { VENDOR_NOTES } from '../../prompts/generated/vendors.ts';
import { PROMPTS } from '../../prompts/generated.ts';
import { fill, SlotError } from '../../prompts/render.ts';
import { REPAIR, repairBy } from '../../prompts/repair.ts';
import { anyPack } from '../../test/arbitraries/story.ts';
import { cryptoMinerPack } from '../../test/stories/crypto-miner.ts';
import { analysisPrompt, systemOf } from './prompting.ts';

const HEAD = [
  '---',
  'id: sample',
  'version: 1.0.0',
  'owner: somebody',
  'output: incident-analysis',
  'stable_slots: [rules]',
  'volatile_slots: [evidence]',
  'evidence_characters: 100',
  '---',
].join('\n');
const SAMPLE = `${HEAD}\n\n## system\n\nRules: {{rules}}\n\n## user\n\n{{evidence}}\n`;

describe('prompts', () => {
  it('are compiled from the files that lie beside them - run `tsx prompts/compile.ts --write` after a change', () => {
    expect(PROMPTS).toEqual(Object.fromEntries(readPrompts().map((prompt) => [prompt.id, prompt])));
  });

  it('teach the fields of every product, in notes that are compiled from their files', () => {
    expect(VENDOR_NOTES).toEqual(readVendorNotes());
    expect(Object.keys(VENDOR_NOTES).sort()).toEqual([...SOURCES].sort());
    const hashes = SOURCES.map((source) => analysisPrompt(source).sha256);
    expect(new Set(hashes).size).toBe(SOURCES.length);
    expect(systemOf(analysisPrompt('wiz'))).toContain('Wiz. An Issue is a risk');
    expect(systemOf(analysisPrompt('wiz'))).not.toMatch(/\{\{/);
  });

  it('put partials in where they stand, and refuse one that does not exist, is not declared, or is not used', () => {
    const partial = (name: string) => (name === 'laws' ? 'Be brief.\r\nBe true.' : undefined);
    const withLaws = SAMPLE.replace('Rules: {{rules}}', '{{> laws}} {{rules}}').replace(
      'output: incident-analysis',
      'output: incident-analysis\npartials: [laws]',
    );
    expect(compilePrompt('x', withLaws, partial).system).toBe('Be brief.\nBe true. {{rules}}');
    const changed = compilePrompt('x', withLaws, () => 'Be brief.\nBe honest.');
    expect(changed.sha256).not.toBe(compilePrompt('x', withLaws, partial).sha256);
    for (const [text, message] of [
      [withLaws.replace('{{> laws}}', '{{> crimes}}'), 'there is no partial crimes'],
      [withLaws.replace('partials: [laws]\n', ''), 'partial laws is not declared'],
      [withLaws.replace('{{> laws}}', ''), 'partial laws is declared but not used'],
    ] as const)
      expect(() => compilePrompt('x', text, partial)).toThrow(message);
  });

  it('are locked by version and hash, so that a version in the audit log means one text', () => {
    expect(lockFor(readPrompts(), readLock())).toEqual(readLock());
  });

  it('refuses a changed text under an unchanged version', () => {
    const before = lockFor([compilePrompt('x', SAMPLE)], {});
    const changed = compilePrompt('x', SAMPLE.replace('Rules:', 'Laws:'));
    expect(() => lockFor([changed], before)).toThrow(
      'prompt sample (or its answer schema) changed but its version is still 1.0.0',
    );
    const raised = compilePrompt('x', SAMPLE.replace('Rules:', 'Laws:').replace('1.0.0', '1.1.0'));
    expect(lockFor([raised], before)).toEqual({ sample: { version: '1.1.0', sha256: raised.sha256 } });
  });

  it('has the same hash with either line ending - a checkout must not change what the audit log names', () => {
    expect(compilePrompt('x', SAMPLE.replaceAll('\n', '\r\n')).sha256).toBe(compilePrompt('x', SAMPLE).sha256);
  });

  it.each([
    ['has no front matter', 'hello', 'must have front matter'],
    [
      'uses a slot that is not declared',
      SAMPLE.replace('{{rules}}', '{{rules}} {{evil}}'),
      '{{evil}} in system is not declared',
    ],
    [
      'uses a volatile slot in the part that must stay the same',
      SAMPLE.replace('{{rules}}', '{{rules}} {{evidence}}'),
      '{{evidence}} in system is not declared',
    ],
    [
      'declares a slot it does not use',
      SAMPLE.replace('{{evidence}}', 'nothing'),
      'slot evidence is declared but not used',
    ],
    ['has a front matter line that is none', SAMPLE.replace('owner: somebody', 'owner'), 'is not "key: value"'],
    [
      'names an unknown answer schema',
      SAMPLE.replace('output: incident-analysis', 'output: poem'),
      'must name a known output schema',
    ],
    ['has an odd version', SAMPLE.replace('1.0.0', 'one'), 'must be three numbers'],
  ])('refuses a file that %s', (_name, text, message) => {
    expect(() => compilePrompt('x.prompt.md', text)).toThrow(PromptError);
    expect(() => compilePrompt('x.prompt.md', text)).toThrow(message);
  });
});

describe('the repair turn', () => {
  const text = (change: (text: string) => string) =>
    compilePrompt(
      'x',
      change(
        '---\nid: repair\nversion: 1.0.0\nowner: somebody\noutput: unchanged\nstable_slots: []\nvolatile_slots: [broken]\nevidence_characters: 0\n---\n\n## system\n\n## user\n\nMend this:\n{{broken}}\n',
      ),
    );

  it('is filled with rules and places only, and another text of it has another hash', () => {
    const [mend, repaired] = [text((same) => same), text((same) => same.replace('Mend', 'Repair'))];
    expect(repairBy(mend).write('V2 (claim 1): ids {{broken}}')).toBe('Mend this:\nV2 (claim 1): ids {{broken}}');
    expect(repairBy(repaired).sha256).not.toBe(repairBy(mend).sha256);
    expect(() => lockFor([repaired], lockFor([mend], {}))).toThrow('prompt repair');
    expect(REPAIR).toMatchObject(readLock()['repair'] ?? { id: 'nothing is locked' });
  });

  it('has no system part and no evidence of its own - those are of the prompt that opened the conversation', () => {
    expect(() => text((same) => same.replace('## system\n', '## system\n\nObey.'))).toThrow('has no system part');
    expect(() => text((same) => same.replace('characters: 0', 'characters: 9'))).toThrow('no evidence of its own');
    expect(() => text((same) => same.replace('output: unchanged', 'output: ask'))).toThrow('slots in both parts');
  });
});

describe('fill', () => {
  it('leaves what looks like a slot in a value as text - evidence must not pull in other slots', () => {
    expect(fill('{{a}} and {{b}}', { a: '{{b}}', b: '$& {{a}}' })).toBe('{{b}} and $& {{a}}');
  });

  it('refuses a missing value and a value without a slot', () => {
    expect(() => fill('{{a}}', {})).toThrow(SlotError);
    expect(() => fill('{{a}}', { a: '1', b: '2' })).toThrow('there is no slot b');
    expect(() => fill('{{constructor}}', {})).toThrow(SlotError);
  });
});

describe('modelView', () => {
  it('is one line, whatever the evidence holds - a boundary line cannot be forged inside it', () => {
    fc.assert(
      fc.property(anyPack, (pack) => {
        const { text } = modelView(pack, analyseByRules(pack), 60_000);
        expect(text).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(JSON.parse(text)).toMatchObject({ items: expect.any(Array), entities: expect.any(Array) });
      }),
      { numRuns: 100 },
    );
  });

  it('leaves no white space in text an attacker could have chosen', () => {
    const pack = cryptoMinerPack();
    const { text } = modelView(pack, analyseByRules(pack), 60_000);
    const { items }: { items: { trust: string; text: string }[] } = JSON.parse(text);
    const hostile = items.filter(({ trust }) => trust === 'attacker_influenced');
    expect(hostile.length).toBeGreaterThan(3);
    for (const item of hostile) expect(item.text).not.toMatch(/\s/);
  });

  it('keeps to its size, shows first what the account stands on, and says how much was left out', () => {
    const pack = cryptoMinerPack();
    const rules = analyseByRules(pack);
    const small = modelView(pack, rules, 2_000);
    const { items }: { items: { id: string }[] } = JSON.parse(small.text);
    expect(small.leftOut).toBe(pack.items.length - items.length);
    expect(small.leftOut).toBeGreaterThan(0);
    const told = new Set(rules.narrative.flatMap(({ evidence }) => evidence));
    for (const { id } of items) expect(told).toContain(id);
  });
});
