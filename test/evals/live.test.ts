import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realHttp } from '../../connectors/http/request.ts';
import { loadModel } from '../../connectors/models/registry.ts';
import { digestOf } from '../../domain/json/canonical.ts';
import type { ModelSandbox } from '../../local/sandbox/models/sandbox.ts';
import { openAiSandbox } from '../../local/sandbox/openai/openai.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { sampleProfile } from '../fakes/model-profile.ts';
import { memorySecrets } from '../fakes/secrets.ts';
import { type Built, build } from './golden/build.ts';
import { GOLDEN } from './golden/golden.ts';
import { figuresOf, PROMPT, runLive } from './run/live.ts';
import { keepIn, readRecordings } from './run/recordings.ts';

const PRICE = { input: 1, output: 10, asOf: '2026-11-01' };
let sandbox: ModelSandbox;
let server: SandboxServer;
let folder: string;
let built: readonly Built[];

beforeEach(async () => {
  sandbox = openAiSandbox();
  server = await serve({ systems: { models: sandbox }, mount: 'root' });
  folder = mkdtempSync(join(tmpdir(), 'parapet-evals-'));
  built = await Promise.all(GOLDEN.slice(0, 3).map(build));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function run(
  change: Readonly<Record<string, unknown>> = {},
  options: { readonly repeats?: number; readonly maxUsd?: number } = {},
) {
  const profile = sampleProfile('openai-compatible', {
    endpoint: `${server.url}/v1`,
    pricePerMTok: PRICE,
    structured: ['prompt'],
    ...change,
  });
  const http = { ...realHttp, sleep: async () => undefined, random: () => 0.5 };
  const port = await loadModel(profile, { http, secrets: async () => memorySecrets({}) });
  let calls = 0;
  return await runLive({
    port,
    built,
    repeats: options.repeats ?? 1,
    maxUsd: options.maxUsd ?? 5,
    now: () => new Date('2026-11-25T12:00:00.000Z'),
    nonce: () => String(calls++).padStart(24, '0'),
    keep: keepIn(pathToFileURL(`${folder}/`)),
  });
}

describe('a live run', () => {
  it('asks for every incident as often as told, and adds up tokens and money by the price of the profile', async () => {
    const { recorded, microUsd, stopped } = await run({}, { repeats: 2 });
    expect(stopped).toBeUndefined();
    expect(recorded.map(({ case: id, n, outcome }) => `${id} ${n} ${outcome}`)).toEqual(
      [1, 2].flatMap((n) => built.map(({ golden }) => `${golden.id} ${n} json`)),
    );
    // Of each call 1,260 tokens in (60 from a cache without a price of its own) and 300 out.
    expect(microUsd).toBe(6 * (1_260 * PRICE.input + 300 * PRICE.output));
    expect(figuresOf(recorded, built)).toMatchObject({
      answers: 6,
      wellFormed: 6,
      errors: 0,
      unused: 0,
      breaches: 0,
      after: { unsupported: 0 },
    });
  });

  it('stops before the call that could go beyond the budget, and says so', async () => {
    const { recorded, stopped, microUsd } = await run({}, { repeats: 10, maxUsd: 0.06 });
    expect(recorded.length).toBeGreaterThan(0);
    expect(recorded.length).toBeLessThan(30);
    expect(stopped).toMatch(/the budget of 0\.06 USD would not cover the next call/);
    expect(microUsd).toBeLessThanOrEqual(60_000);
  });

  it('asks nothing of a profile without a price: what costs an unknown amount keeps no budget', async () => {
    const { recorded, stopped } = await run({ pricePerMTok: undefined });
    expect(recorded).toEqual([]);
    expect(stopped).toMatch(/no pricePerMTok/);
    expect(server.calls).toEqual([]);
  });

  it('counts answers of no use and errors as what they are, and goes on', async () => {
    sandbox.enqueue(
      { play: 'text', text: 'Close it.', end: 'end' },
      { play: 'error', name: 'unsupported_country', status: 403, message: 'no' },
    );
    const { recorded } = await run();
    expect(recorded.map(({ outcome }) => outcome)).toEqual(['unparseable', 'error', 'json']);
    expect(figuresOf(recorded, built)).toMatchObject({ answers: 3, errors: 1, wellFormed: 1, unused: 2, breaches: 0 });
  });

  it('measures what was made up before the verifier and that nothing of it stands after', async () => {
    sandbox.otherwise({
      play: 'answer',
      json: {
        outcome: 'analysed',
        headline: 'Contact with 192.0.2.217',
        verdict: 'benign',
        narrative: [
          { text: 'It reached 192.0.2.217.', kind: 'observed', evidence: ['E1', 'E999'], entities: ['N999'] },
        ],
        rootCause: null,
        techniques: [],
        unknowns: [],
      },
    });
    const figures = figuresOf((await run()).recorded, built);
    expect(figures?.before.unsupported).toBeGreaterThanOrEqual(9);
    expect(figures).toMatchObject({ after: { unsupported: 0 }, breaches: 0, verdictExact: 0 });
  });
});

describe('recordings', () => {
  const digests = () => new Map(built.map(({ golden, pack }) => [golden.id, digestOf(pack)]));
  const read = (prompt: string = PROMPT.sha256, packs = digests()) =>
    readRecordings(pathToFileURL(`${folder}/`), prompt, packs).get('analysis-default');

  it('are read again as they were made', async () => {
    const { recorded } = await run();
    const byCase = [...recorded].sort((a, b) => (a.case < b.case ? -1 : 1));
    expect(read()).toEqual({ usable: byCase, orphaned: 0 });
  });

  it('of another prompt, or of evidence that has changed, are not measured and never green', async () => {
    await run();
    expect(read('another')).toEqual({ usable: [], orphaned: 3 });
    const [first = ''] = digests().keys();
    expect(read(PROMPT.sha256, new Map([...digests(), [first, 'changed']]))).toMatchObject({ orphaned: 1 });
    expect(figuresOf([], built)).toBeUndefined();
  });

  it('are none where none were made', () => {
    expect(readRecordings(pathToFileURL(`${folder}/none/`), PROMPT.sha256, new Map()).size).toBe(0);
  });
});
