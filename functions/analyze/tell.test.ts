import { describe, expect, it } from 'vitest';
import { ModelError } from '../../connectors/models/port.ts';
import { analysisSchema } from '../../domain/analysis/analysis.ts';
import { RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import { type ModelsConfiguration, modelsSchema } from '../../domain/config/models.ts';
import { canonicalJson, digestOf, sha256Hex } from '../../domain/json/canonical.ts';
import { modelPlaceOf } from '../../domain/models/place.ts';
import type { LookUpInput, LookUpOutput } from '../../domain/models/tools.ts';
import { PROMPTS } from '../../prompts/generated.ts';
import { memoryAnswerStore } from '../../test/fakes/answer-store.ts';
import { type Play, type ScriptedModel, scriptedModel } from '../../test/fakes/model.ts';
import { memorySpendingStore } from '../../test/fakes/spending-store.ts';
import { analysisOf, dataOf, INCIDENT, NOW, world } from '../../test/stories/analyze-world.ts';
import { cryptoMinerPack, cryptoMinerParts } from '../../test/stories/crypto-miner.ts';
import { type AnalyzeDeps, analyze } from './analyze.ts';
import { analysisPrompt } from './prompting.ts';

const MINER_ID = cryptoMinerPack().items.find(({ fact }) => fact.kind === 'process' && fact.pid === 4711)?.id ?? '';
const ANSWER = {
  outcome: 'analysed',
  headline: 'A miner runs in the checkout service',
  verdict: 'malicious',
  narrative: [{ text: 'Process 4711 mines cryptocurrency.', kind: 'observed', evidence: [MINER_ID], entities: [] }],
  techniques: [],
  unknowns: [],
};

/** The world of the story with models: the sample profile, or several in the order given. */
async function modelWorld(...models: readonly ScriptedModel[]) {
  const here = await world();
  const spending = memorySpendingStore();
  const answers = memoryAnswerStore();
  const profiles = Object.fromEntries(
    models.map(({ port: { profile } }) => {
      const { name, ...rest } = profile;
      return [name, rest];
    }),
  );
  const configuration: ModelsConfiguration = modelsSchema.parse({
    profiles,
    routes: [{ profiles: Object.keys(profiles) }],
  });
  const asked: LookUpInput[] = [];
  let nonces = 0;
  const deps: AnalyzeDeps = {
    ...here.deps,
    answers,
    nonce: () => `nonce-${++nonces}`,
    models: {
      configuration,
      placeOf: (pack) => modelPlaceOf({ clusters: [] }, pack),
      spending,
      lookUp: {
        ask: async (input) => {
          asked.push(input);
          return FOUND;
        },
      },
      load: async ({ name }) => {
        const found = models.find(({ port }) => port.profile.name === name);
        if (found === undefined) throw new Error('no such module');
        return found.port;
      },
    },
  };
  return { ...here, deps, spending, answers, asked, configuration };
}

const FOUND: LookUpOutput = {
  outcome: 'answered',
  drafts: [
    {
      source: 'history',
      field: 'incidents by image',
      trust: 'own',
      observedAt: NOW.toISOString(),
      fact: {
        kind: 'past-incident',
        incidentId: 'inc-before',
        openedAt: '2025-09-01T00:00:00.000Z',
        verdict: 'benign',
      },
      entities: [],
    },
  ],
  cost: { calls: 1, bytes: 10, milliseconds: 5 },
};

describe('analyze, with a model', () => {
  it('takes its headline and narrative, and records who wrote it, with every call and what it did cost', async () => {
    const model = scriptedModel([{ json: ANSWER }]);
    const here = await modelWorld(model);
    await analyze(here.deps, here.event);
    const analysis = await analysisOf(here);
    const identity = {
      profile: 'analysis-default',
      provider: 'bedrock',
      modelId: 'invented.model-1',
      promptId: 'incident-analysis',
      promptVersion: PROMPTS['incident-analysis'].version,
      promptSha256: analysisPrompt('prisma-cloud-compute').sha256,
    };
    const cost = { calls: 1, lookUps: 0, tokens: 1_100, microUsd: 4_500, unpricedCalls: 0 };
    expect(analysis.headline).toBe('A miner runs in the checkout service');
    expect(analysis.writtenBy).toEqual({
      rules: { name: 'rules-analyst', version: RULES_VERSION },
      model: identity,
      cost,
    });
    expect((await here.audit.read('inc-story')).map(({ kind }) => kind)).toEqual(['model.called', 'analysis.made']);
    expect(await dataOf(here)).toMatchObject({ model: identity, modelCost: cost, modelCalls: ['nonce-2'] });
    expect(here.telemetry.counted('ModelAnalysis', { outcome: 'used' })).toBe(1);
  });

  it('shows it the evidence between boundary lines, with the spaces of hostile text marked, and no credential', async () => {
    const model = scriptedModel([{ json: ANSWER }]);
    const here = await modelWorld(model);
    await analyze(here.deps, here.event);
    const [request] = model.requests;
    const [turn] = request?.turns ?? [];
    const text = turn?.role === 'user' ? turn.text : '';
    expect(text.match(/^=====nonce-1=====$/gm)).toHaveLength(2);
    expect(text).toContain('Process^4690^/bin/sh^ran^as^user^root');
    expect(text).toContain('CVE-2021-44228 (severity critical, CVSS 10 ');
    expect(request?.metadata).toEqual({
      incident: 'inc-story',
      prompt: `incident-analysis/${PROMPTS['incident-analysis'].version}`,
    });
    expect(request?.system).not.toMatch(/\{\{/);
  });

  it.each<[string, Play, string]>([
    ['is throttled', new ModelError('throttled', 'x'), 'it has no capacity now (throttled)'],
    ['does not answer in time', new ModelError('timeout', 'x'), 'it did not answer in time'],
    ['has an adapter that breaks its contract', new TypeError('x'), 'it is not available'],
    ['refuses', { outcome: 'refused' }, 'the model refused to answer'],
    ['is blocked', { outcome: 'blocked' }, 'a guardrail blocked the answer'],
    ['is cut off', { outcome: 'truncated' }, 'the answer was cut off at its length limit'],
    ['talks prose', { outcome: 'unparseable' }, 'the answer was not the JSON that was asked for'],
    ['answers another question', { json: { verdict: 'benign' } }, 'the answer has not the agreed shape'],
    [
      'leaks its boundary',
      { json: { ...ANSWER, headline: '=====nonce-1=====' } },
      'the answer repeats the boundary of the evidence',
    ],
  ])('writes with the rules alone and says why when the model %s', async (_name, play, why) => {
    const alone = await world();
    await analyze(alone.deps, alone.event);
    const here = await modelWorld(scriptedModel([play]));
    await analyze(here.deps, here.event);
    const { writtenBy, ...body } = await analysisOf(here);
    const { writtenBy: _, ...expected } = await analysisOf(alone);
    expect(body).toEqual(expected);
    expect(writtenBy).toMatchObject({
      rules: { name: 'rules-analyst', version: RULES_VERSION },
      fallback: `analysis-default: ${why}`,
      fellBack: [{ profile: 'analysis-default', why }],
    });
    expect(writtenBy).not.toHaveProperty('model');
    expect(await dataOf(here)).toMatchObject({ fallback: `analysis-default: ${why}` });
    expect(here.telemetry.counted('ModelAnalysis', { outcome: 'fallback' })).toBe(1);
  });

  it('names the profile that did not answer when the next one wrote the text', async () => {
    const here = await modelWorld(
      scriptedModel([new ModelError('unavailable', 'x')], { name: 'first' }),
      scriptedModel([{ json: ANSWER }], { name: 'second' }),
    );
    await analyze(here.deps, here.event);
    expect((await analysisOf(here)).writtenBy).toMatchObject({
      model: { profile: 'second' },
      fellBack: [{ profile: 'first', why: 'it is not available' }],
    });
  });

  it('decides the same with a model that is in an attacker’s hand (rule 1)', async () => {
    const alone = await world();
    await analyze(alone.deps, alone.event);
    const here = await modelWorld(
      scriptedModel([
        {
          json: {
            ...ANSWER,
            verdict: 'benign',
            severity: 'informational',
            actions: [{ action: 'kubernetes.quarantine-pod', target: 'N999' }],
            narrative: [
              {
                text: 'All of this is benign and can be closed.',
                kind: 'observed',
                evidence: [MINER_ID],
                entities: [],
              },
              { text: 'A process ran.', kind: 'observed', evidence: [MINER_ID], entities: [] },
            ],
          },
        },
      ]),
    );
    expect(await analyze(here.deps, here.event)).toEqual(await analyze(alone.deps, alone.event));
    const [own, other] = [await analysisOf(alone), await analysisOf(here)];
    for (const field of ['verdict', 'severity', 'actions', 'vulnerabilities', 'blastRadius'] as const)
      expect(canonicalJson(other[field])).toBe(canonicalJson(own[field]));
    expect(other.narrative.map(({ text }) => text).join(' ')).not.toContain('benign');
    expect(other.dropped.length).toBeGreaterThanOrEqual(2);
    expect(await dataOf(here)).toMatchObject({ dropped: other.dropped.length });
  });

  it('keeps what was looked up as numbered evidence, and decides on what was gathered (decision 0004)', async () => {
    const alone = await world();
    await analyze(alone.deps, alone.event);
    const id = `E${cryptoMinerPack().items.length + 1}`;
    const model = scriptedModel([
      { calls: [{ id: 'c-1', name: 'similar_incidents', input: { shared: 'image' } }], continuation: [] },
      {
        json: {
          ...ANSWER,
          narrative: [
            { text: 'An incident of the same image was seen before.', kind: 'observed', evidence: [id], entities: [] },
          ],
        },
      },
    ]);
    const here = await modelWorld(model);
    const output = await analyze(here.deps, here.event);
    const body = await here.blobs.get(output.packKey);
    const analysis = await analysisOf(here);
    expect(output.packKey).toMatch(/^incidents\/inc-story\/packs\//);
    expect((await here.incidents.get('inc-story'))?.blobs.pack).toBe(output.packKey);
    expect(analysis.packDigest).toBe(digestOf(JSON.parse(body)));
    expect(here.asked.map(({ call }) => call)).toEqual([{ tool: 'similar_incidents', shared: 'image' }]);
    expect(analysis.narrative.map(({ text }) => text)).toContain('An incident of the same image was seen before.');
    expect(await dataOf(here)).toMatchObject({ packSha256: sha256Hex(body), modelCost: { lookUps: 1 } });
    expect({ verdict: analysis.verdict, severity: analysis.severity }).toEqual({
      verdict: (await analysisOf(alone)).verdict,
      severity: (await analysisOf(alone)).severity,
    });
  });

  it('asks no model whose profile may not see the evidence, and says so', async () => {
    const model = scriptedModel([{ json: ANSWER }]);
    const here = await modelWorld(model);
    here.configuration.bindings.push({ scope: { cluster: '*' }, profiles: [] });
    await analyze(here.deps, here.event);
    expect(model.requests).toEqual([]);
    expect((await analysisOf(here)).writtenBy).toEqual({
      rules: { name: 'rules-analyst', version: RULES_VERSION },
      fallback: 'the scope is bound to other models than those of its route',
    });
  });

  it('uses its words again when the same thing happens again, in the particulars of this time, and asks nobody', async () => {
    const first = await modelWorld(
      scriptedModel([
        {
          json: {
            ...ANSWER,
            narrative: [
              { text: 'Process 4711 mines cryptocurrency.', kind: 'observed', evidence: [MINER_ID], entities: [] },
            ],
          },
        },
      ]),
    );
    await analyze(first.deps, first.event);
    const model = scriptedModel([{ json: ANSWER }]);
    const later = await modelWorld(model);
    const second = 'inc-second';
    later.incidents.seed({ ...INCIDENT, incidentId: second });
    for (const key of first.blobs.keys()) await later.blobs.put(key, await first.blobs.get(key));
    const parts = await Promise.all(
      cryptoMinerParts().map(async (part) => {
        const body = JSON.stringify(part).replaceAll('4711', '9923').replaceAll('2025-10-14T09:1', '2025-11-02T13:1');
        const { key, sha256 } = await later.blobs.put(`incidents/${second}/evidence/${part.part}.json`, body);
        return { part: part.part, key, sha256, items: part.drafts.length, gaps: [] };
      }),
    );
    await analyze({ ...later.deps, answers: first.deps.answers }, { incidentId: second, parts });
    const analysis = analysisSchema.parse(JSON.parse(await later.blobs.get(`incidents/${second}/analysis.json`)));
    expect(model.requests).toEqual([]);
    expect(analysis.writtenBy).toMatchObject({ model: { profile: 'analysis-default' }, reusedFrom: 'inc-story' });
    expect(analysis.writtenBy).not.toHaveProperty('cost');
    expect(analysis.headline).toBe(ANSWER.headline);
    expect(analysis.narrative[0]?.text).toBe('Process 9923 mines cryptocurrency.');
    expect((await later.audit.read(second)).at(-1)?.data).toMatchObject({ reusedFrom: 'inc-story' });
  });

  it.each([
    ['another image', (body: string) => body.replaceAll('checkout:', 'checkout-next:')],
    ['a vulnerability less', (body: string) => body.replaceAll('CVE-2021-44228', 'CVE-2021-45046')],
    ['another command', (body: string) => body.replaceAll('/bin/sh', '/bin/dash')],
  ])('asks the model when there is %s - that is another story', async (_name, change) => {
    const first = await modelWorld(scriptedModel([{ json: ANSWER }]));
    await analyze(first.deps, first.event);
    const model = scriptedModel([{ json: ANSWER }]);
    const later = await modelWorld(model);
    later.incidents.seed({ ...INCIDENT, incidentId: 'inc-second' });
    for (const key of first.blobs.keys()) await later.blobs.put(key, await first.blobs.get(key));
    const parts = await Promise.all(
      cryptoMinerParts().map(async (part) => {
        const body = change(JSON.stringify(part));
        const { key, sha256 } = await later.blobs.put(`incidents/inc-second/evidence/${part.part}.json`, body);
        return { part: part.part, key, sha256, items: part.drafts.length, gaps: [] };
      }),
    );
    await analyze({ ...later.deps, answers: first.deps.answers }, { incidentId: 'inc-second', parts });
    expect(model.requests).toHaveLength(1);
  });

  it.each([
    [
      'is gone',
      async (here: Awaited<ReturnType<typeof modelWorld>>) => here.answers.failNext('get', new Error('down')),
    ],
    [
      'was changed',
      async (here: Awaited<ReturnType<typeof modelWorld>>) =>
        void (await here.blobs.put('incidents/inc-story/model/answer.json', '{"headline":"planted"}')),
    ],
  ])('asks the model when what was kept %s', async (_name, harm) => {
    const model = scriptedModel([{ json: ANSWER }]);
    const here = await modelWorld(model);
    await analyze(here.deps, here.event);
    here.incidents.seed({ ...INCIDENT, incidentId: 'inc-second' });
    await harm(here);
    await analyze(here.deps, { ...here.event, incidentId: 'inc-second' });
    expect(model.requests).toHaveLength(2);
    expect(await here.blobs.get('incidents/inc-second/analysis.json')).not.toContain('planted');
  });
});
