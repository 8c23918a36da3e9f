import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from '../../domain/json/canonical.ts';
import type { LookUpInput, LookUpOutput } from '../../domain/models/tools.ts';
import { type Play, type ScriptedModel, scriptedModel } from '../../test/fakes/model.ts';
import { memorySpendingStore } from '../../test/fakes/spending-store.ts';
import { memoryAuditLog, memoryBlobStore } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { cryptoMinerPack } from '../../test/stories/crypto-miner.ts';
import { converse } from './conversation.ts';
import { ModelError } from './port.ts';
import type { ConversationDeps, Judgement, Question, RepairPrompt } from './question.ts';

const PACK = cryptoMinerPack();
const INCIDENT = PACK.incidentId;
const START = new Date('2025-10-14T09:18:00.000Z');
const NEW_FACT: LookUpOutput = {
  outcome: 'answered',
  drafts: [
    {
      source: 'history',
      field: 'incidents by image',
      trust: 'own',
      observedAt: START.toISOString(),
      fact: {
        kind: 'past-incident',
        incidentId: 'inc-before',
        openedAt: '2025-09-01T00:00:00.000Z',
        verdict: 'malicious',
      },
      entities: [{ kind: 'image', canonical: 'sha256:abc', label: 'an image' }],
    },
  ],
  cost: { calls: 1, bytes: 10, milliseconds: 5 },
};

interface Setup {
  readonly models: readonly ScriptedModel[];
  readonly lookUp?: (input: LookUpInput) => Promise<LookUpOutput>;
  readonly limits?: Partial<ConversationDeps['limits']['tools']>;
  readonly budget?: ConversationDeps['limits']['budget'];
  readonly secondsPerCall?: number;
}

function setUp({ models, lookUp, limits, budget, secondsPerCall = 1 }: Setup) {
  const blobs = memoryBlobStore();
  const audit = memoryAuditLog();
  const spending = memorySpendingStore();
  const telemetry = recordingTelemetry();
  const asked: LookUpInput[] = [];
  let calls = 0;
  let nonces = 0;
  const deps: ConversationDeps = {
    load: async ({ name }) => {
      const found = models.find(({ port }) => port.profile.name === name);
      if (found === undefined) throw new Error('no such module');
      return {
        profile: found.port.profile,
        generate: (request) => {
          calls += 1;
          return found.port.generate(request);
        },
      };
    },
    ...(lookUp === undefined
      ? {}
      : {
          lookUp: {
            ask: (input) => {
              asked.push(input);
              return lookUp(input);
            },
          },
        }),
    blobs,
    audit,
    spending,
    telemetry,
    limits: {
      budget: budget ?? { tokensPerIncident: 1_000_000 },
      tools: { rounds: 4, calls: 8, seconds: 60, ...limits },
    },
    now: () => new Date(START.getTime() + calls * secondsPerCall * 1000),
    nonce: () => `nonce-${++nonces}`,
  };
  return { deps, blobs, audit, spending, telemetry, asked };
}

const good = (answer: unknown): Judgement<unknown> => ({ ok: true, value: answer, faults: 0 });

const REPAIR: RepairPrompt = {
  id: 'repair',
  version: '3.0.0',
  sha256: 'b'.repeat(64),
  write: (broken) => `mend ${broken}`,
};

function question(models: readonly ScriptedModel[], change: Partial<Question<unknown>> = {}): Question<unknown> {
  const [first, ...rest] = models.map(({ port }) => port.profile);
  if (first === undefined) throw new Error('a route has a profile');
  return {
    incidentId: INCIDENT,
    purpose: 'incident-analysis',
    actor: 'analyze',
    route: { asked: true, profiles: [first, ...rest] },
    prompt: { id: 'incident-analysis', version: '1.0.0', sha256: 'a'.repeat(64) },
    repair: REPAIR,
    evidence: { key: 'incidents/x/pack.json', sha256: sha256Hex(canonicalJson(PACK)), pack: PACK },
    open: (boundary) => ({ system: 'system', user: `evidence ${boundary}`, output: { name: 'answer', schema: {} } }),
    judge: good,
    deadline: new Date(START.getTime() + 600_000),
    ...change,
  };
}

const call = (name: string, input: unknown, id = 'c-1'): Play => ({ calls: [{ id, name, input }], continuation: [] });

describe('a conversation with a model', () => {
  it('gives the answer with who gave it and what it did cost, and writes down the call', async () => {
    const models = [scriptedModel([{ json: { a: 1 } }])];
    const here = setUp({ models });
    expect(await converse(here.deps, question(models))).toMatchObject({
      ok: true,
      value: { a: 1 },
      author: { profile: 'analysis-default', modelId: 'invented.model-1', promptId: 'incident-analysis' },
      fellBack: [],
      summary: { calls: 1, lookUps: 0, tokens: 1_100, microUsd: 4_500, unpricedCalls: 0, callIds: ['nonce-2'] },
    });
    const folder = `incidents/${INCIDENT}/model/nonce-2`;
    expect(await here.audit.read(INCIDENT)).toMatchObject([
      {
        kind: 'model.called',
        actor: { type: 'function', id: 'analyze' },
        data: {
          callId: 'nonce-2',
          purpose: 'incident-analysis',
          profile: 'analysis-default',
          promptSha256: 'a'.repeat(64),
          requestKey: `${folder}/request.json`,
          requestSha256: sha256Hex(await here.blobs.get(`${folder}/request.json`)),
          responseSha256: sha256Hex(await here.blobs.get(`${folder}/response.json`)),
          outcome: 'json',
          tokens: { input: 1_000, output: 100, cacheRead: 0, cacheWrite: 0 },
          costMicroUsd: 4_500,
          priceAsOf: '2026-07-02',
          attempts: 1,
          providerRequestId: 'r-1',
        },
      },
    ]);
    expect(await here.spending.ofIncident(INCIDENT)).toEqual([
      {
        profile: 'analysis-default',
        calls: 1,
        tokens: { input: 1_000, output: 100, cacheRead: 0, cacheWrite: 0 },
        microUsd: 4_500,
        unpricedCalls: 0,
        priceAsOf: '2026-07-02',
      },
    ]);
    expect(here.spending.totals.tokens.get(INCIDENT)).toBe(1_100);
  });

  it('asks nobody where the route asks nobody', async () => {
    const models = [scriptedModel([{ json: 1 }])];
    const here = setUp({ models });
    const asked = await converse(here.deps, question(models, { route: { asked: false, why: 'bound elsewhere' } }));
    expect(asked).toMatchObject({ ok: false, reason: 'bound elsewhere', summary: { calls: 0 } });
    expect(models[0]?.requests).toEqual([]);
  });

  it.each<[string, Play, string]>([
    ['is throttled for ever', new ModelError('throttled', 'x'), 'throttled'],
    ['is down', new ModelError('unavailable', 'x'), 'not available'],
    ['is too slow', new ModelError('timeout', 'x'), 'in time'],
    ['breaks the contract of its port', new TypeError('x'), 'not available'],
    ['refuses', { outcome: 'refused' }, 'refused'],
    ['is blocked', { outcome: 'blocked' }, 'guardrail'],
    ['is cut off', { outcome: 'truncated' }, 'cut off'],
    ['talks prose, also when asked again', { outcome: 'unparseable' }, 'not the JSON'],
  ])('goes on to the next profile when one %s, and says so', async (_name, play, why) => {
    const models = [scriptedModel([play]), scriptedModel([{ json: 'second' }], { name: 'second' })];
    const here = setUp({ models });
    expect(await converse(here.deps, question(models))).toMatchObject({
      ok: true,
      value: 'second',
      author: { profile: 'second' },
      fellBack: [{ profile: 'analysis-default', why: expect.stringContaining(why) }],
    });
    expect(here.telemetry.counted('ModelFallBack', { profile: 'analysis-default' })).toBe(1);
  });

  it('goes on when an adapter cannot be loaded, and ends with every reason when nobody answers', async () => {
    const models = [
      scriptedModel([{ json: 1 }], { name: 'not-there' }),
      scriptedModel([new ModelError('denied', 'x')], { name: 'denied' }),
    ];
    const here = setUp({ models: models.slice(1) });
    expect(await converse(here.deps, question(models))).toMatchObject({
      ok: false,
      reason: 'not-there: its adapter could not be loaded; denied: access to it is denied',
    });
  });

  it('asks once for a repair, with the machine-written text, and takes the better answer', async () => {
    const models = [scriptedModel([{ json: { claims: 'bad' } }, { json: { claims: 'good' } }])];
    const judge = (answer: unknown): Judgement<unknown> =>
      JSON.stringify(answer).includes('bad')
        ? { ok: true, value: answer, faults: 3, repair: 'V2 at claim 1' }
        : good(answer);
    const here = setUp({ models });
    expect(await converse(here.deps, question(models, { judge }))).toMatchObject({
      ok: true,
      value: { claims: 'good' },
    });
    expect(models[0]?.requests[1]?.turns).toEqual([
      { role: 'user', text: expect.stringContaining('evidence') },
      { role: 'assistant', text: '{"claims":"bad"}' },
      { role: 'user', text: 'mend V2 at claim 1' },
    ]);
  });

  it('names in the audit entry of the call with the repair turn which text that was - and in no other entry', async () => {
    const models = [scriptedModel([{ outcome: 'unparseable', rawText: 'Prose.' }, { json: { claims: 'good' } }])];
    const here = setUp({ models });
    expect(await converse(here.deps, question(models))).toMatchObject({ ok: true, value: { claims: 'good' } });
    expect(models[0]?.requests[1]?.turns.at(-1)).toEqual({
      role: 'user',
      text: expect.stringMatching(/^mend V1 \(the answer, which was no JSON object\): /),
    });
    const main = { promptId: 'incident-analysis', promptVersion: '1.0.0', promptSha256: 'a'.repeat(64) };
    const repair = { repairPromptId: 'repair', repairPromptVersion: '3.0.0', repairPromptSha256: 'b'.repeat(64) };
    const [first, second] = await here.audit.read(INCIDENT);
    expect(first?.data).toMatchObject(main);
    expect(first?.data).not.toHaveProperty('repairPromptId');
    expect(second?.data).toMatchObject({ ...main, ...repair });
  });

  it.each<[string, Play]>([
    ['is worse', { json: { claims: 'worst' } }],
    ['fails', new ModelError('unavailable', 'x')],
    ['is refused', { outcome: 'refused' }],
  ])('keeps the first answer when the repair %s, and never asks a third time', async (_name, play) => {
    const models = [scriptedModel([{ json: { claims: 'bad' } }, play])];
    const judge = (answer: unknown): Judgement<unknown> => ({
      ok: true,
      value: answer,
      faults: JSON.stringify(answer).includes('worst') ? 9 : 3,
      repair: 'V2 at claim 1',
    });
    const here = setUp({ models });
    expect(await converse(here.deps, question(models, { judge }))).toMatchObject({
      ok: true,
      value: { claims: 'bad' },
    });
    expect(models[0]?.requests).toHaveLength(2);
  });

  it('does not send a huge answer back for repair, because it would be paid for twice', async () => {
    const models = [scriptedModel([{ outcome: 'unparseable', rawText: 'x'.repeat(1_000_000) }])];
    const here = setUp({ models });
    expect(await converse(here.deps, question(models))).toMatchObject({ ok: false });
    expect(models[0]?.requests).toHaveLength(1);
  });
});

describe('look-ups of a model', () => {
  const entity = PACK.entities.find(({ kind }) => kind === 'image')?.id ?? '';

  it('become numbered evidence behind the boundary, stored, and named in the audit log', async () => {
    const models = [scriptedModel([call('image_vulnerabilities', { entity }), { json: 'done' }])];
    const here = setUp({ models, lookUp: async () => NEW_FACT });
    const said = await converse(here.deps, question(models));
    const id = `E${PACK.items.length + 1}`;
    expect(said).toMatchObject({ ok: true, value: 'done', summary: { calls: 2, lookUps: 1 } });
    if (!said.ok) throw new Error(said.reason);
    expect(said.evidence.pack.items.slice(0, PACK.items.length)).toEqual(PACK.items);
    expect(said.evidence.pack.items.at(-1)).toMatchObject({
      id,
      part: 'vulnerabilities',
      fact: { kind: 'past-incident' },
    });
    expect(sha256Hex(await here.blobs.get(said.evidence.key))).toBe(said.evidence.sha256);
    expect(here.asked).toEqual([
      {
        incidentId: INCIDENT,
        packKey: 'incidents/x/pack.json',
        packSha256: sha256Hex(canonicalJson(PACK)),
        call: { tool: 'image_vulnerabilities', entity },
      },
    ]);
    const results = models[0]?.requests[1]?.turns.at(-1);
    expect(results).toMatchObject({ role: 'results', results: [{ id: 'c-1', ok: true }] });
    expect(JSON.stringify(results)).toMatch(/=====nonce-\d+=====\\n\{\\"items\\":\[\{\\"id\\":\\"E\d+/);
    expect((await here.audit.read(INCIDENT)).map(({ kind }) => kind)).toEqual([
      'model.called',
      'evidence.looked-up',
      'model.called',
    ]);
    expect((await here.audit.read(INCIDENT))[1]?.data).toMatchObject({
      tool: 'image_vulnerabilities',
      entity,
      outcome: 'answered',
      evidence: [{ id, digest: said.evidence.pack.items.at(-1)?.digest }],
    });
  });

  it.each<[string, string, unknown]>([
    ['an unknown tool', 'run_command', { entity }],
    ['a made-up entity', 'process_tree', { entity: 'N999' }],
    ['free text as a parameter', 'process_tree', { entity: 'N1; curl evil.example' }],
    ['one parameter more', 'process_tree', { entity, note: 'the secret is hunter2' }],
    ['no parameters', 'process_tree', null],
    ['a word that is not listed', 'similar_incidents', { shared: 'password' }],
  ])('are refused for %s, and nothing of what was said leaves', async (_name, tool, input) => {
    const models = [scriptedModel([call(tool, input), { json: 'done' }])];
    const here = setUp({ models, lookUp: async () => NEW_FACT });
    expect(await converse(here.deps, question(models))).toMatchObject({ ok: true, summary: { lookUps: 0 } });
    expect(here.asked).toEqual([]);
    expect(models[0]?.requests[1]?.turns.at(-1)).toMatchObject({
      results: [{ ok: false, text: expect.stringMatching(/^Refused: /) }],
    });
    expect(JSON.stringify(await here.audit.read(INCIDENT))).not.toMatch(/evil|hunter2/);
  });

  it.each([
    ['rounds', { rounds: 2 }, 3],
    ['calls', { calls: 2 }, 3],
    ['seconds', { seconds: 5 }, 6],
  ])('end at the limit of %s however often the model asks', async (_name, limits, calls) => {
    let entities = 0;
    const endless = (): Play => call('process_tree', { entity: PACK.entities[entities++ % PACK.entities.length]?.id });
    const models = [scriptedModel([endless])];
    const here = setUp({ models, limits: { rounds: 9, calls: 30, ...limits }, lookUp: async () => NEW_FACT });
    expect(await converse(here.deps, question(models))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('kept asking for evidence'),
    });
    expect(models[0]?.requests).toHaveLength(calls);
    expect(models[0]?.requests.at(-1)).toMatchObject({ toolsClosed: true });
  });

  it('go no further than the calls that are left, also within one round, and do nothing twice', async () => {
    const many = ['container', 'pod', 'image', 'container']
      .map((kind) => PACK.entities.find((one) => one.kind === kind)?.id)
      .map((id, at) => ({ id: `c-${at}`, name: 'process_tree', input: { entity: id } }));
    const models = [scriptedModel([{ calls: many, continuation: [] }, { json: 'done' }])];
    const here = setUp({ models, limits: { calls: 2 }, lookUp: async () => NEW_FACT });
    await converse(here.deps, question(models));
    expect(here.asked).toHaveLength(2);
    expect(models[0]?.requests[1]?.turns.at(-1)).toMatchObject({
      results: [
        { id: 'c-0', ok: true },
        { id: 'c-1', ok: true, text: 'Nothing that is not in the evidence already.' },
        { id: 'c-2', ok: false, text: expect.stringContaining('no more look-ups') },
        { id: 'c-3', ok: false, text: expect.stringContaining('looked up already') },
      ],
    });
  });

  it('that cannot be made are said to be so, and the model goes on', async () => {
    const models = [scriptedModel([call('process_tree', { entity }), { json: 'done' }])];
    const here = setUp({ models, lookUp: () => Promise.reject(new Error('down')) });
    expect(await converse(here.deps, question(models))).toMatchObject({ ok: true, value: 'done' });
  });

  it('are not offered to a profile without tools', async () => {
    const models = [scriptedModel([{ json: 'done' }], { tools: false })];
    const here = setUp({ models, lookUp: async () => NEW_FACT });
    await converse(here.deps, question(models));
    expect(models[0]?.requests[0]).not.toHaveProperty('tools');
  });
});

describe('the budget of a conversation', () => {
  const asks = Array.from({ length: 4 }, (_, at) => call('process_tree', { entity: PACK.entities[at]?.id }));

  it('stops at the token ceiling of the incident, before the call that would pass it', async () => {
    const models = [scriptedModel(asks), scriptedModel([{ json: 'second' }], { name: 'second' })];
    const here = setUp({ models, budget: { tokensPerIncident: 5_500 }, lookUp: async () => NEW_FACT });
    expect(await converse(here.deps, question(models))).toMatchObject({
      ok: false,
      reason: 'analysis-default: the token ceiling of the incident is reached',
    });
    expect(here.spending.totals.tokens.get(INCIDENT)).toBeLessThanOrEqual(5_500);
    expect(models[1]?.requests).toEqual([]);
  });

  it('stops at the daily budget, which all incidents share', async () => {
    const models = [scriptedModel([{ json: 'done' }])];
    const here = setUp({ models, budget: { tokensPerIncident: 1_000_000, usdPerDay: 0.07 } });
    expect(await converse(here.deps, question(models))).toMatchObject({ ok: true });
    expect(await converse(here.deps, question(models, { incidentId: 'inc-other' }))).toMatchObject({ ok: true });
    expect(await converse(here.deps, question(models, { incidentId: 'inc-third' }))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('daily budget'),
    });
  });

  it('refuses when it cannot be checked - a guard that cannot be evaluated refuses (rule 9)', async () => {
    const models = [scriptedModel([{ json: 'done' }])];
    const here = setUp({ models });
    here.spending.failNext('reserve', new Error('the table is throttled'));
    expect(await converse(here.deps, question(models))).toMatchObject({
      ok: false,
      reason: 'analysis-default: the budget could not be checked',
    });
    expect(models[0]?.requests).toEqual([]);
  });

  it('counts a call that gave no answer as if it had been billed, and a refused one as nothing', async () => {
    const models = [scriptedModel([new ModelError('timeout', 'x')])];
    const here = setUp({ models });
    await converse(here.deps, question(models));
    expect(here.spending.totals.tokens.get(INCIDENT)).toBeGreaterThan(4_096);
    const denied = [scriptedModel([new ModelError('denied', 'x')])];
    const there = setUp({ models: denied });
    await converse(there.deps, question(denied));
    expect(there.spending.totals.tokens.get(INCIDENT)).toBe(0);
  });

  it('keeps the answer when the settlement fails; the reservation stays counted', async () => {
    const models = [scriptedModel([{ json: 'done' }])];
    const here = setUp({ models });
    here.spending.failNext('settle', new Error('down'));
    expect(await converse(here.deps, question(models))).toMatchObject({ ok: true });
    expect(here.spending.totals.tokens.get(INCIDENT)).toBeGreaterThan(4_096);
  });

  it('says that a cost is unknown where the profile has no price', async () => {
    const priceless = scriptedModel([{ json: 'done' }]);
    const { pricePerMTok: _, ...profile } = priceless.port.profile;
    const models = [{ ...priceless, port: { ...priceless.port, profile } }];
    const here = setUp({ models });
    expect(await converse(here.deps, question(models))).toMatchObject({ summary: { microUsd: 0, unpricedCalls: 1 } });
    expect((await here.audit.read(INCIDENT))[0]?.data).toMatchObject({ cost: 'unknown' });
  });

  it('begins nothing after the deadline', async () => {
    const models = [
      scriptedModel([{ calls: [{ id: 'c', name: 'process_tree', input: { entity: 'N1' } }], continuation: [] }]),
    ];
    const here = setUp({ models, secondsPerCall: 30, lookUp: async () => NEW_FACT });
    const deadline = new Date(START.getTime() + 45_000);
    expect(await converse(here.deps, question(models, { deadline }))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('time for models is over'),
    });
    expect(models[0]?.requests).toHaveLength(2);
  });
});
