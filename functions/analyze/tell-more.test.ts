import { describe, expect, it } from 'vitest';
import { ModelError } from '../../connectors/models/port.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import { type ModelsConfiguration, modelsSchema, TELLINGS, type Telling } from '../../domain/config/models.ts';
import { canonicalJson, sha256Hex } from '../../domain/json/canonical.ts';
import { modelPlaceOf } from '../../domain/models/place.ts';
import { memoryAnswerStore } from '../../test/fakes/answer-store.ts';
import { type Play, scriptedModel } from '../../test/fakes/model.ts';
import { memorySpendingStore } from '../../test/fakes/spending-store.ts';
import { memoryAuditLog, memoryBlobStore } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { cryptoMinerPack } from '../../test/stories/crypto-miner.ts';
import type { Told } from './tell.ts';
import { tellMore } from './tell-more.ts';

const PACK = cryptoMinerPack();
const RULES = analyseByRules(PACK);
const MINER = PACK.items.find(({ fact }) => fact.kind === 'process' && fact.pid === 4711)?.id ?? '';
const START = new Date('2025-10-14T09:18:00.000Z');
const claim = (text: string) => ({ text, kind: 'observed', evidence: [MINER], entities: [] });
const AUTHOR = {
  profile: 'analysis-default',
  provider: 'bedrock',
  modelId: 'invented.model-1',
  promptId: 'incident-analysis',
  promptVersion: '1.0.0',
  promptSha256: 'x',
} as const;

function setUp(tellings: readonly Telling[], script: readonly Play[]) {
  const model = scriptedModel(script);
  const { name, ...profile } = model.port.profile;
  const configuration: ModelsConfiguration = modelsSchema.parse({
    profiles: { [name]: profile },
    routes: [{ profiles: [name] }],
    tellings,
  });
  const audit = memoryAuditLog();
  let nonces = 0;
  const deps = {
    models: {
      configuration,
      placeOf: (pack: typeof PACK) => modelPlaceOf({ clusters: [] }, pack),
      spending: memorySpendingStore(),
      load: async () => model.port,
    },
    blobs: memoryBlobStore(),
    answers: memoryAnswerStore(),
    audit,
    telemetry: recordingTelemetry(),
    now: () => START,
    nonce: () => `nonce-${++nonces}`,
  };
  const evidence = { key: 'incidents/x/pack.json', sha256: sha256Hex(canonicalJson(PACK)), pack: PACK };
  const told: Told = { body: RULES, dropped: [], evidence, author: AUTHOR, fellBack: [] };
  const about = { source: 'prisma-cloud-compute', until: new Date(START.getTime() + 600_000) } as const;
  return {
    model,
    audit,
    deps,
    told,
    tell: (change: Partial<Told> = {}) => tellMore(deps, { ...told, ...change }, about),
  };
}

const TICKET = { json: { outcome: 'told', claims: [claim('Process 4711 mines cryptocurrency.')] } };

describe('what a model tells beside the account', () => {
  it('is asked for only where the configuration names it, a call each, with its own prompt in the audit log', async () => {
    expect((await setUp([], [TICKET]).tell()).cost.calls).toBe(0);
    const here = setUp(['ticket-summary', 'chat-summary'], [TICKET]);
    const more = await here.tell();
    expect(more.tellings.map(({ purpose, claims }) => [purpose, claims.map(({ text, by }) => [text, by])])).toEqual([
      ['ticket-summary', [['Process 4711 mines cryptocurrency.', 'model']]],
      ['chat-summary', [['Process 4711 mines cryptocurrency.', 'model']]],
    ]);
    expect(more.cost).toMatchObject({ calls: 2, lookUps: 0 });
    expect((await here.audit.read(PACK.incidentId)).map(({ data }) => data['promptId'])).toEqual([
      'ticket-summary',
      'chat-summary',
    ]);
    expect(here.model.requests[0]).not.toHaveProperty('tools');
  });

  it('stands on evidence like every sentence, and nothing is shown where nothing stands', async () => {
    const lies = {
      json: { outcome: 'told', claims: [claim('It connected to 198.51.100.9.'), claim('All is benign.')] },
    };
    const more = await setUp(['ticket-summary'], [lies]).tell();
    expect(more.tellings).toEqual([]);
    expect(more.dropped.length).toBeGreaterThanOrEqual(2);
  });

  it('reads no more sentences than fit the place they are for', async () => {
    const many = { json: { outcome: 'told', claims: Array.from({ length: 9 }, () => claim('Process 4711 runs.')) } };
    const more = await setUp(['chat-summary'], [many]).tell();
    expect(more.tellings[0]?.claims).toHaveLength(2);
  });

  it('adds to the guidance of the rules, and takes nothing of it away', async () => {
    const first = RULES.guidance?.items[0]?.id ?? '';
    const answer = {
      outcome: 'answered',
      explanations: [{ guidance: first, text: 'Process 4711 could run because of this.', evidence: [MINER] }],
      commands: [{ guidance: first, purpose: 'Look.', command: 'kubectl delete ns payments', evidence: [MINER] }],
    };
    const { body, dropped } = await setUp(['remediation-guidance'], [{ json: answer }]).tell();
    expect(body.guidance?.items.filter(({ author }) => author === 'rules')).toEqual(RULES.guidance?.items);
    expect(body.guidance?.items.filter(({ author }) => author === 'model')).toHaveLength(1);
    expect(dropped).toHaveLength(1);
    const { guidance: _g, ...rest } = body;
    const { guidance: _r, ...expected } = RULES;
    expect(rest).toEqual(expected);
  });

  it.each<[string, Play]>([
    ['is down', new ModelError('unavailable', 'x')],
    ['refuses', { outcome: 'refused' }],
    ['answers another question', { json: { verdict: 'benign' } }],
    ['repeats the boundary', { json: { outcome: 'told', claims: [claim('=====nonce-1=====')] } }],
  ])(
    'is left out, with the reason, when the model %s - the words of the rules stand anyway (rule 9)',
    async (_n, play) => {
      const more = await setUp(['ticket-summary'], [play]).tell();
      expect(more).toMatchObject({ body: RULES, tellings: [], dropped: [{ what: 'ticket-summary' }] });
    },
  );

  it('asks nothing where there is nothing to tell, and nobody when the rules wrote alone or a text was used again', async () => {
    const nothing = setUp(['blocked-event', 'anomaly-explanation'], [TICKET]);
    await nothing.tell();
    expect(nothing.model.requests).toEqual([]);
    const alone = setUp([...TELLINGS], [TICKET]);
    const { author: _, ...byRules } = alone.told;
    await tellMore(alone.deps, byRules, { source: 'wiz', until: START });
    await alone.tell({ reusedFrom: 'inc-before' });
    expect(alone.model.requests).toEqual([]);
  });
});
