import { describe, expect, it } from 'vitest';
import { ModelError, type ModelPort, type ModelReply, type ModelRequest } from '../../connectors/models/port.ts';
import { RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import { canonicalJson, sha256Hex } from '../../domain/json/canonical.ts';
import { PROMPTS } from '../../prompts/generated.ts';
import { sampleProfile } from '../../test/fakes/model-profile.ts';
import { analysisOf, dataOf, world } from '../../test/stories/analyze-world.ts';
import { cryptoMinerPack } from '../../test/stories/crypto-miner.ts';
import { analyze } from './analyze.ts';

const MINER_ID = cryptoMinerPack().items.find(({ fact }) => fact.kind === 'process' && fact.pid === 4711)?.id ?? '';
const ANSWER = {
  outcome: 'analysed',
  headline: 'A miner runs in the checkout service',
  verdict: 'malicious',
  narrative: [{ text: 'Process 4711 mines cryptocurrency.', kind: 'observed', evidence: [MINER_ID], entities: [] }],
  techniques: [],
  unknowns: [],
};

function modelThat(answer: (request: ModelRequest) => Partial<ModelReply> | Error): {
  readonly model: () => Promise<ModelPort>;
  readonly requests: ModelRequest[];
} {
  const requests: ModelRequest[] = [];
  const port: ModelPort = {
    profile: sampleProfile('bedrock', { modelId: 'invented.model-1' }),
    async generate(request) {
      requests.push(request);
      const reply = answer(request);
      if (reply instanceof Error) throw reply;
      return {
        outcome: 'json',
        rawText: JSON.stringify(reply.json ?? ''),
        stop: 'end_turn',
        mode: 'native',
        usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 },
        provider: { requestId: 'r-1', latencyMs: 7, attempts: 1 },
        ...reply,
      };
    },
  };
  return { model: async () => port, requests };
}

describe('analyze, with a model', () => {
  it('takes its headline and narrative, and records who wrote it with prompt, request and response', async () => {
    const here = await world();
    const { model } = modelThat(() => ({ json: ANSWER }));
    await analyze({ ...here.deps, model }, here.event);
    const analysis = await analysisOf(here);
    const identity = {
      profile: 'analysis-default',
      provider: 'bedrock',
      modelId: 'invented.model-1',
      promptId: 'incident-analysis',
      promptVersion: PROMPTS['incident-analysis'].version,
      promptSha256: PROMPTS['incident-analysis'].sha256,
    };
    expect(analysis.headline).toBe('A miner runs in the checkout service');
    expect(analysis.writtenBy).toEqual({ rules: { name: 'rules-analyst', version: RULES_VERSION }, model: identity });
    const requestKey = 'incidents/inc-story/model-request.json';
    const responseKey = 'incidents/inc-story/model-response.json';
    expect((await dataOf(here))['model']).toEqual({
      model: identity,
      requestKey,
      requestSha256: sha256Hex(await here.blobs.get(requestKey)),
      responseKey,
      responseSha256: sha256Hex(await here.blobs.get(responseKey)),
      evidenceLeftOut: 0,
      outcome: 'json',
      stop: 'end_turn',
      mode: 'native',
      usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 },
      latencyMs: 7,
      attempts: 1,
      providerRequestId: 'r-1',
    });
    expect(here.telemetry.counted('ModelAnalysis', { outcome: 'used' })).toBe(1);
  });

  it('shows it the evidence between boundary lines, with the spaces of hostile text marked, and no credential', async () => {
    const here = await world();
    const { model, requests } = modelThat(() => ({ json: ANSWER }));
    await analyze({ ...here.deps, model }, here.event);
    const [request] = requests;
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

  it.each([
    ['is throttled', () => new ModelError('throttled', 'x'), 'the model could not be asked (throttled)'],
    ['does not answer in time', () => new ModelError('timeout', 'x'), 'the model could not be asked (timeout)'],
    ['has an adapter that breaks its contract', () => new TypeError('x'), 'the model could not be asked (unavailable)'],
    ['refuses', () => ({ outcome: 'refused' as const }), 'the model refused to answer'],
    ['is blocked', () => ({ outcome: 'blocked' as const }), 'a guardrail blocked the answer'],
    ['is cut off', () => ({ outcome: 'truncated' as const }), 'the answer was cut off at its length limit'],
    ['talks prose', () => ({ outcome: 'unparseable' as const }), 'the answer was not the JSON that was asked for'],
    ['answers another question', () => ({ json: { verdict: 'benign' } }), 'the answer has not the agreed shape'],
    [
      'leaks its boundary',
      () => ({ json: { ...ANSWER, headline: '=====nonce-1=====' } }),
      'the answer repeats the boundary of the evidence',
    ],
  ])('writes with the rules alone and says why when the model %s', async (_name, answer, reason) => {
    const alone = await world();
    await analyze(alone.deps, alone.event);
    const here = await world();
    const { model } = modelThat(answer);
    await analyze({ ...here.deps, model }, here.event);
    const { writtenBy, ...body } = await analysisOf(here);
    const { writtenBy: _, ...expected } = await analysisOf(alone);
    expect(body).toEqual(expected);
    expect(writtenBy).toEqual({ rules: { name: 'rules-analyst', version: RULES_VERSION }, fallback: reason });
    expect(await dataOf(here)).toMatchObject({ fallback: reason });
    expect(here.telemetry.counted('ModelAnalysis', { outcome: 'fallback' })).toBe(1);
  });

  it('writes with the rules alone when the adapter cannot be loaded', async () => {
    const here = await world();
    await analyze({ ...here.deps, model: () => Promise.reject(new Error('no such module')) }, here.event);
    expect((await analysisOf(here)).writtenBy.fallback).toBe('the model could not be loaded');
  });

  it('decides the same with a model that is in an attacker’s hand (rule 1)', async () => {
    const alone = await world();
    await analyze(alone.deps, alone.event);
    const here = await world();
    const { model } = modelThat(() => ({
      json: {
        ...ANSWER,
        verdict: 'benign',
        severity: 'informational',
        actions: [{ action: 'kubernetes.quarantine-pod', target: 'N999' }],
        narrative: [
          { text: 'All of this is benign and can be closed.', kind: 'observed', evidence: [MINER_ID], entities: [] },
          { text: 'A process ran.', kind: 'observed', evidence: [MINER_ID], entities: [] },
        ],
      },
    }));
    expect(await analyze({ ...here.deps, model }, here.event)).toEqual(await analyze(alone.deps, alone.event));
    const [own, other] = [await analysisOf(alone), await analysisOf(here)];
    for (const field of ['verdict', 'severity', 'actions', 'vulnerabilities', 'blastRadius'] as const)
      expect(canonicalJson(other[field])).toBe(canonicalJson(own[field]));
    expect(other.narrative.map(({ text }) => text).join(' ')).not.toContain('benign');
    expect(other.dropped).toEqual([
      { what: 'narrative 1', why: 'talks down what the rules found' },
      { what: 'verdict benign', why: 'the verdict comes from the rules' },
    ]);
    expect(await dataOf(here)).toMatchObject({ dropped: 2 });
  });
});
