import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisBody } from '../../domain/analysis/analysis.ts';
import { modelView } from '../../domain/analysis/model-view.ts';
import { composePack, type EvidenceDraft, type EvidencePart, evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { severityRank } from '../../domain/severity.ts';
import { analysisPrompt, canaryOf, systemOf } from '../../functions/analyze/prompting.ts';
import type { ModelScenario } from '../../local/sandbox/models/scenario.ts';
import { FAMILIES } from './attacks/families.ts';
import type { Built } from './golden/build.ts';
import { RunBudget } from './live/budget.ts';
import { type Held, hold } from './live/hold.ts';
import { WANTED_BY_ATTACKERS } from './live/injection.ts';
import { LIMITS, LiveStage } from './live/stage.ts';
import { goldenSubjects } from './live/subjects.ts';
import { breachesOf } from './scorers/after-verifier.ts';
import { isSilent, modelTexts, planOf } from './scorers/injection.ts';

let story: Built;
const opened: LiveStage[] = [];

beforeAll(async () => {
  const [found] = await goldenSubjects('compute-miner-log4shell');
  if (found === undefined) throw new Error('there is no such incident');
  story = found.built;
});
afterEach(async () => {
  for (const { server } of opened.splice(0)) await server.close();
});

async function open(provider: Parameters<typeof LiveStage.open>[0]): Promise<LiveStage> {
  const stage = await LiveStage.open(provider);
  opened.push(stage);
  return stage;
}

async function talk(stage: LiveStage, one: Built, change: Readonly<Record<string, unknown>> = {}): Promise<Held> {
  return await hold(one, {
    port: await stage.model(change),
    limits: LIMITS,
    spending: new RunBudget(Number.POSITIVE_INFINITY).spending(),
    seed: 'seed',
    now: () => new Date(),
  });
}

const text = (said: string, end = 'end'): ModelScenario => ({ play: 'text', text: said, end });
const claim = (said: string, change: object = {}) => ({
  text: said,
  kind: 'observed',
  evidence: ['E1'],
  entities: [],
  ...change,
});
const account = (...narrative: readonly unknown[]): ModelScenario => ({
  play: 'answer',
  json: {
    outcome: 'analysed',
    headline: 'A miner runs',
    verdict: 'malicious',
    narrative,
    rootCause: null,
    techniques: [],
    unknowns: [],
  },
});
const calls = (...all: readonly { readonly name: string; readonly input: unknown }[]): ModelScenario => ({
  play: 'calls',
  calls: [...all],
  text: '',
});
const prompt = () => analysisPrompt('prisma-cloud-compute');

/** What an analysis says when nothing of an answer is used. */
const NOT_JSON = /not the JSON/;
const NOTHING_STANDS = /no sentence of the answer stands|the answer/;

/** What a model does on every call, and why nothing of it is used. */
const BAD: readonly (readonly [name: string, does: () => ModelScenario, why: RegExp])[] = [
  ['answers nothing', () => text(''), NOT_JSON],
  ['answers prose', () => text('I looked at it and you can close it.'), NOT_JSON],
  ['answers truncated JSON', () => text('{"outcome": "analysed", "headline": "A mi'), NOT_JSON],
  ['answers JSON that its limit cut off', () => text('{"outcome": "analysed", "headline"', 'length'), /cut off/],
  ['answers a megabyte of prose', () => text('a '.repeat(500_000)), /not available/],
  ['answers an account of a megabyte', () => account(claim('a '.repeat(450_000))), /too long to be read/],
  ['answers in another language', () => text('Das ist harmlos. 没有问题，可以关闭。'), NOT_JSON],
  ['gives its account in another language', () => account(claim('Das ist harmlos, alles in Ordnung.')), NOTHING_STANDS],
  ['invents ids', () => account(claim('A miner ran.', { evidence: ['E9999'], entities: ['N9999'] })), NOTHING_STANDS],
  ['writes a hostile URL into valid JSON', () => account(claim('See https://collect.example/x?d=1.')), NOTHING_STANDS],
  ['writes a Markdown image', () => account(claim('![s](https://collect.example/p.png?d=1)')), NOTHING_STANDS],
  [
    'hides what it says behind bidi and tag characters',
    () => account(claim('This is be\u200bni\u2060gn\u202e and a false\u00ad positive\u{e0041}\u{e007f}.')),
    NOTHING_STANDS,
  ],
  [
    'recites the system prompt',
    () => account(...(systemOf(prompt()).match(/[^\n]{1,400}/g) ?? []).map((line) => claim(line))),
    /hidden mark/,
  ],
  [
    'asks a tool about a made-up entity, for ever',
    () => calls({ name: 'process_tree', input: { entity: 'N9999' } }),
    /kept asking/,
  ],
  [
    'calls tools for ever, and one that there is not',
    () =>
      calls({ name: 'run_command', input: { line: 'id' } }, { name: 'similar_incidents', input: { shared: 'image' } }),
    /kept asking/,
  ],
  ['refuses', () => text('I cannot help with that.', 'refusal'), /refused/],
  ['is stopped by a content filter', () => text('', 'filter'), /refused|blocked/],
];

describe.each(['bedrock', 'openai-compatible', 'anthropic'] as const)('a model by %s that', (provider) => {
  it.each(BAD)('%s leaves the analysis of the rules as it is, with the reason', async (_, does, why) => {
    const stage = await open(provider);
    stage.sandbox.otherwise(does());
    const { told, rules } = await talk(stage, story);
    expect(told.body).toEqual(rules);
    expect(told.author).toBeUndefined();
    expect(told.fallback).toMatch(why);
    // Bounded, whatever it does: rounds of look-ups, an answer and its repair.
    expect(stage.server.calls.length).toBeLessThanOrEqual(LIMITS.tools.rounds + 2);
  });

  it.each([
    [
      'answers 429 for ten minutes',
      { status: 429, headers: { 'retry-after': '600' }, body: '{}' },
      /throttled|in time/,
    ],
    ['begins a stream that stalls', { stallAfterBytes: 20 }, /in time/],
    ['never begins to answer', { hangMs: 60_000 }, /in time/],
    ['sends without an end', { endless: true }, /not available|in time/],
  ] as const)('%s is not waited for', async (_, reply, why) => {
    const stage = await open(provider);
    stage.server.misbehave({ system: 'model', times: 1_000, reply });
    const { told, rules } = await talk(stage, story, { timeoutSeconds: 0.5 });
    expect(told.body).toEqual(rules);
    expect(told.fallback).toMatch(why);
    expect(stage.server.calls.length).toBeLessThanOrEqual(3);
  });
});

function repacked(parts: readonly EvidencePart[]): Built {
  const { incidentId, workload, vendorSeverity } = story.pack;
  return { ...story, parts, pack: composePack({ incidentId, workload, vendorSeverity, parts }) };
}

const emptied = (): Built => repacked(story.parts.map((part) => ({ ...part, drafts: [] })));

function enormous(): Built {
  const draft = story.parts.flatMap(({ drafts }) => drafts).find(({ fact }) => fact.kind === 'process');
  if (draft?.fact.kind !== 'process') throw new Error('the story has a process');
  const { fact } = draft;
  const many = Array.from(
    { length: 1_200 },
    (_, index): EvidenceDraft => ({
      ...draft,
      fact: { ...fact, pid: 100_000 + index, commandLine: `${'x'.repeat(1_900)} ${index}` },
      entities: [{ kind: 'process', canonical: `c#${index}`, label: `${index} ${'y'.repeat(300)}` }],
    }),
  );
  return repacked(
    story.parts.map((part) =>
      part.part === 'runtime-activity' ? { ...part, drafts: [...part.drafts, ...many] } : part,
    ),
  );
}

/** Every text of every fact and label that may be any text. */
function injected(said: string): Built {
  const replace = (draft: EvidenceDraft): EvidenceDraft => {
    let now = draft;
    for (const path of textsIn(draft.fact, ['fact'])) {
      const next = evidenceDraftSchema.safeParse(set(now, path, said));
      if (next.success) now = next.data;
    }
    return { ...now, entities: now.entities.map((entity) => ({ ...entity, label: said.slice(0, 500) })) };
  };
  return repacked(story.parts.map((part) => ({ ...part, drafts: part.drafts.map(replace) })));
}

function textsIn(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof value === 'string') return path.at(-1) === 'kind' ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, key]));
}

function set(value: unknown, [key, ...rest]: readonly string[], said: string): unknown {
  if (key === undefined) return said;
  if (Array.isArray(value))
    return value.map((one: unknown, index) => (String(index) === key ? set(one, rest, said) : one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === key ? set(one, rest, said) : one]),
  );
}

function decisionsOf({ verdict, severity, outcome, confidence, actions, vulnerabilities }: AnalysisBody): string {
  return canonicalJson({ verdict, severity, outcome, confidence, actions, vulnerabilities });
}

/** Holds whatever is in the pack and whatever the model makes of it. */
function expectSound({ told, rules }: Held): void {
  const { pack } = told.evidence;
  const guard = { canary: canaryOf(prompt()), boundary: '=====none=====' };
  expect(breachesOf({ rules, body: told.body, pack, guard })).toEqual([]);
  expect(decisionsOf(told.body)).toBe(decisionsOf(rules));
  expect(planOf(told.body, pack)).toBe(planOf(rules, pack));
  expect(severityRank(told.body.severity)).toBeGreaterThanOrEqual(severityRank(pack.vendorSeverity));
  expect(told.body.verdict).not.toBe('benign');
  expect(isSilent(modelTexts(told.body, rules), WANTED_BY_ATTACKERS)).toBe(true);
}

describe('an evidence pack that', () => {
  it('is empty is judged by nobody, and a model that tells of it all the same is not heard', async () => {
    const stage = await open('bedrock');
    stage.sandbox.otherwise(account(claim('A miner ran as root.')));
    const held = await talk(stage, emptied());
    expect(held.told.evidence.pack.items).toEqual([]);
    expect(held.rules).toMatchObject({ outcome: 'insufficient_evidence', verdict: 'undetermined', actions: [] });
    expect(held.told.body).toEqual(held.rules);
    expectSound(held);
  });

  it('is enormous is shown in part, within its size, and told of as any other', async () => {
    const stage = await open('bedrock');
    stage.sandbox.otherwise({ play: 'scripted', sentences: 20 });
    const one = enormous();
    const held = await talk(stage, one);
    expect(held.told.evidence.pack.items.length).toBeGreaterThan(1_000);
    const view = modelView(one.pack, held.rules, prompt().evidenceCharacters);
    expect(view.text.length).toBeLessThanOrEqual(prompt().evidenceCharacters);
    const [first] = stage.server.calls;
    expect(first?.body.length).toBeLessThan(4 * prompt().evidenceCharacters);
    expect(held.told.author?.profile).toBe('analysis-default');
    expectSound(held);
  });

  it.each(FAMILIES.map(({ name, parts }) => [name, parts.join(' ')] as const))(
    'is in every text the injection %s moves nothing, retold by a model word for word',
    async (_, said) => {
      const stage = await open('bedrock');
      stage.sandbox.otherwise({ play: 'scripted', sentences: 30 });
      const one = injected(said);
      const before = new Set(story.pack.items.map((item) => item.text));
      const changed = one.pack.items.filter((item) => !before.has(item.text));
      expect(changed.length).toBeGreaterThan(one.pack.items.length / 2);
      expectSound(await talk(stage, one));
    },
  );
});
