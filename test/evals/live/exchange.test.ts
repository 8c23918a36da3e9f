import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { analyseByRules } from '../../../domain/analysis/rules/analyse.ts';
import { FAMILIES } from '../attacks/families.ts';
import { FIELDS } from '../attacks/fields.ts';
import { obedient } from '../attacks/obedient.ts';
import type { Quality } from './figures.ts';
import { faultsOf, type ModelReport, printModel } from './report.ts';
import { LIMITS, LiveStage, PRICE, reportedOn } from './stage.ts';
import { goldenSubjects, type Subject, twinSubjects } from './subjects.ts';

let bare: Subject;
let login: Subject;
const opened: LiveStage[] = [];
const open = async (...of: Parameters<typeof LiveStage.open>): Promise<LiveStage> => {
  const stage = await LiveStage.open(...of);
  opened.push(stage);
  return stage;
};

beforeAll(async () => {
  const found = [...(await goldenSubjects('compute-miner-bare')), ...(await goldenSubjects('lacework-login'))];
  const [first, second] = found;
  if (first === undefined || second === undefined) throw new Error('two golden incidents are asked about');
  [bare, login] = [first, second];
});
afterEach(async () => {
  for (const { server } of opened.splice(0)) await server.close();
});

function qualityIn({ quality }: ModelReport): Quality {
  if (quality === 'not measured') throw new Error('golden incidents were asked about');
  return quality;
}

const entityOf = ({ built }: Subject, kind: string): string =>
  built.pack.entities.find((entity) => entity.kind === kind)?.id ?? 'none';

const answer = (narrative: readonly unknown[], change: Readonly<Record<string, unknown>> = {}) => ({
  play: 'answer' as const,
  json: {
    outcome: 'analysed',
    headline: 'A miner runs',
    verdict: 'malicious',
    narrative,
    rootCause: null,
    techniques: [],
    unknowns: [],
    ...change,
  },
});
const faithful = {
  text: 'Process /tmp/.x/xmrig ran as user root.',
  kind: 'observed',
  evidence: ['E3'],
  entities: ['N4'],
};
/** Of the first piece that the look-up of the process tree brings. */
const lookedUp = { text: 'Process /usr/local/bin/node ran.', kind: 'observed', evidence: ['E9'], entities: [] };
const madeUp = { text: 'It reached 192.0.2.217.', kind: 'observed', evidence: ['E1', 'E999'], entities: ['N999'] };

describe.each(['bedrock', 'openai-compatible', 'anthropic'] as const)('a live conversation by %s', (provider) => {
  it('is the exchange of production: look-ups answered from the incident, numbered evidence, an answer that cites it', async () => {
    const stage = await open(provider);
    stage.sandbox.enqueue(
      {
        play: 'calls',
        calls: [
          { name: 'process_tree', input: { entity: entityOf(bare, 'container') } },
          { name: 'image_vulnerabilities', input: { entity: entityOf(bare, 'image') } },
        ],
        text: '',
      },
      answer([faithful, lookedUp]),
    );
    const run = await stage.run([bare]);
    const report = await reportedOn(run, [bare]);
    const { lookUps, used, repairs, faithfulness, dropped } = qualityIn(report);
    expect(run.recordings[0]?.calls).toHaveLength(2);
    expect(used).toMatchObject({ share: 1, cases: 1 });
    expect(repairs.used.share).toBe(0);
    // The tree has three processes the pack has not; the vulnerabilities cannot be read, as when the evidence was gathered.
    expect(lookUps).toMatchObject({ rounds: 1, answered: 2, refused: 0, pieces: 3, used: { share: 1 } });
    expect(dropped).toBe(0);
    expect(faithfulness.first).toEqual(faithfulness.last);
    expect(faithfulness.last.unsupported).toBe(0);
    expect(faithfulness.after.unsupported).toBe(0);
    expect(report.cost).toMatchObject({ calls: 2, errors: 0, priceAsOf: PRICE.asOf });
    expect(report.cost.microUsd).toBe(run.microUsd);
    expect(report.cost.microUsd).toBe(report.cost.inputTokens * PRICE.input + report.cost.outputTokens * PRICE.output);
    expect(faultsOf(report)).toEqual([]);
  });

  it('may need the repair turn: the first answer and the one that is used are told apart, and what stands holds nothing made up', async () => {
    const stage = await open(provider);
    stage.sandbox.enqueue(answer([madeUp, madeUp]), answer([faithful]));
    const run = await stage.run([bare]);
    const report = await reportedOn(run, [bare]);
    const { repairs, faithfulness, used } = qualityIn(report);
    expect(run.recordings[0]?.calls).toHaveLength(2);
    expect(used.share).toBe(1);
    expect(repairs).toMatchObject({ used: { share: 1 }, helped: 1 });
    expect(faithfulness.first.unsupported).toBeGreaterThanOrEqual(6);
    expect(faithfulness.last.unsupported).toBe(0);
    expect(faithfulness.after.unsupported).toBe(0);
    expect(faultsOf(report)).toEqual([]);
  });

  it('goes on when a made-up entity was asked about, which no source is asked', async () => {
    const stage = await open(provider);
    stage.sandbox.enqueue(
      { play: 'calls', calls: [{ name: 'process_tree', input: { entity: 'N9999' } }], text: '' },
      answer([faithful]),
    );
    const report = await reportedOn(await stage.run([bare]), [bare]);
    expect(qualityIn(report).lookUps).toMatchObject({ answered: 0, refused: 1, pieces: 0 });
    expect(qualityIn(report).used.share).toBe(1);
  });

  it('ends with a model that asks for evidence for ever, after as many rounds as are allowed', async () => {
    const stage = await open(provider);
    stage.sandbox.otherwise({
      play: 'calls',
      calls: [{ name: 'process_tree', input: { entity: entityOf(bare, 'container') } }],
      text: '',
    });
    const run = await stage.run([bare], { limits: { ...LIMITS, tools: { ...LIMITS.tools, rounds: 2 } } });
    const quality = qualityIn(await reportedOn(run, [bare]));
    expect(run.recordings[0]?.calls).toHaveLength(3);
    expect(quality.used.share).toBe(0);
    expect(quality.unused).toEqual({ 'analysis-default: it kept asking for evidence instead of answering': 1 });
    // The second time the answer is in the evidence already.
    expect(quality.lookUps).toMatchObject({ rounds: 3, answered: 1, refused: 1 });
  });
});

describe('a live run', () => {
  it('stops before the call that could go beyond the budget, in the middle of a conversation too: what was measured is kept, the rest is named', async () => {
    const stage = await open();
    const subjects = [bare, login];
    stage.sandbox.enqueue(answer([faithful]), answer([faithful]), {
      play: 'calls',
      calls: [{ name: 'process_tree', input: { entity: entityOf(login, 'instance') } }],
      text: '',
    });
    const { microUsd } = await stage.run([bare]);
    const before = stage.server.calls.length;
    const kept: string[] = [];
    // Enough for one conversation and for the first call of the next, and not for what that one would ask then: set aside for
    // a call are 40,960 millionths for the longest answer and some 4,000 for what is sent.
    const run = await stage.run(subjects, {
      repeats: 2,
      maxUsd: (microUsd + 46_500) / 1_000_000,
      keep: ({ case: id, n }) => kept.push(`${id} #${n}`),
    });
    expect(stage.server.calls.length - before).toBe(2);
    expect(run).toMatchObject({
      planned: 4,
      notMeasured: ['lacework-login #1', 'compute-miner-bare #2', 'lacework-login #2'],
    });
    expect(run.stopped).toMatch(/would not cover the next call/);
    expect(kept).toEqual(['compute-miner-bare #1']);
    // What the conversation that was cut off did cost is counted all the same.
    expect(run.microUsd).toBe(2 * microUsd);
    const report = await reportedOn(run, subjects);
    expect(qualityIn(report).answers).toBe(1);
  });

  it('asks nothing of a profile without a price: what costs an unknown amount keeps no budget', async () => {
    const stage = await open();
    const run = await stage.run([bare], { profile: { pricePerMTok: undefined } });
    expect(run).toMatchObject({ recordings: [], notMeasured: ['compute-miner-bare #1'], microUsd: 0 });
    expect(run.stopped).toMatch(/no pricePerMTok/);
    expect(stage.server.calls).toEqual([]);
  });

  it('counts each incident once, however often it is asked about, and says where the model changes its mind', async () => {
    const stage = await open();
    stage.sandbox.enqueue(
      answer([faithful]),
      answer([], { verdict: 'undetermined', outcome: 'insufficient_evidence' }),
      answer([faithful], { verdict: 'suspicious' }),
      answer([], { verdict: 'undetermined', outcome: 'insufficient_evidence' }),
    );
    const subjects = [bare, login];
    const quality = qualityIn(await reportedOn(await stage.run(subjects, { repeats: 2 }), subjects));
    expect(quality.answers).toBe(4);
    expect(quality.verdictExact).toMatchObject({ share: 0.25, cases: 2, answers: 4 });
    expect(quality.stable).toEqual({ asked: 2, same: 1 });
    // Neither of the two is one in which the evidence does not suffice.
    expect(quality.abstention.asked.cases).toBe(0);
    expect(quality.abstention.needless).toMatchObject({ share: 0.5, cases: 2 });
  });

  it('sees a model abstain where it must', async () => {
    const stage = await open();
    const subjects = await goldenSubjects('falco-webhook-shell');
    stage.sandbox.otherwise(answer([], { verdict: 'undetermined', outcome: 'insufficient_evidence' }));
    const quality = qualityIn(await reportedOn(await stage.run(subjects), subjects));
    expect(quality.abstention.asked).toMatchObject({ share: 1, cases: 1 });
    expect(quality.abstention.needless.cases).toBe(0);
  });

  it('counts what failed as what it is, and goes on', async () => {
    const stage = await open();
    stage.sandbox.enqueue(
      { play: 'error', name: 'unsupported_country', status: 403, message: 'no' },
      { play: 'text', text: 'Close it.', end: 'end' },
      { play: 'text', text: 'Close it now.', end: 'end' },
    );
    const subjects = [bare, login];
    const report = await reportedOn(await stage.run(subjects), subjects);
    const { unused, repairs } = qualityIn(report);
    expect(report.cost).toMatchObject({ calls: 3, errors: 1 });
    expect(repairs).toMatchObject({ used: { share: 0.5 }, helped: 0 });
    expect(unused).toEqual({
      'analysis-default: access to it is denied': 1,
      'analysis-default: the answer was not the JSON that was asked for': 1,
    });
  });

  it('finds an attacked model that obeys: heard in what it said, in nothing that stands, and every decision as without the attack', async () => {
    const stage = await open();
    const subjects = await twinSubjects(4, '');
    for (const { id, built } of subjects) {
      const family = FAMILIES.find(({ name }) => id.split('/')[1] === name);
      if (family === undefined) throw new Error(`${id} is of no family`);
      const said = obedient(family, built.pack, analyseByRules(built.pack), {
        canary: 'known test',
        boundary: 'known test',
      });
      const play = { play: 'answer' as const, json: { rootCause: null, ...said } };
      stage.sandbox.enqueue(play, play);
    }
    const report = await reportedOn(await stage.run(subjects), subjects);
    expect(report.quality).toBe('not measured');
    expect(report.injection).toMatchObject({ obeyed: { share: 1, cases: 4 }, told: 0, decided: 0, breaches: 0 });
    expect(faultsOf(report)).toEqual([]);
  });

  it('is told in words that say what was measured, what was not, and that money is an estimate of a day', async () => {
    const stage = await open();
    stage.sandbox.enqueue(answer([faithful]));
    const text = printModel(await reportedOn(await stage.run([bare]), [bare])).join('\n');
    expect(text).toMatch(/attacked twins: not measured/);
    expect(text).toMatch(/USD \(estimate, price of 2026-11-01\)/);
    expect(text).toMatch(/unsupported of named: \d+ of \d+ in first answers, .* after the verifier/);
    expect(text).toMatch(/repair turn in 0\.00 \[/);
    expect(text).toMatch(/look-ups in/);
    expect(text).toMatch(/abstained where it must none asked/);
  });
});

describe('attacked twins to ask about', () => {
  it('are of many families and fields, also when they are few', async () => {
    const ids = (await twinSubjects(FAMILIES.length, '')).map(({ id }) => id.split('/'));
    expect(new Set(ids.map(([, family]) => family)).size).toBe(FAMILIES.length);
    expect(new Set(ids.map(([, , field]) => field)).size).toBe(FIELDS.length);
  });
});
