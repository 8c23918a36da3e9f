import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Analysis, analysisSchema } from '../../domain/analysis/analysis.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import { type EvidencePack, evidencePackSchema } from '../../domain/evidence/pack.ts';
import { desk } from '../../test/desk/desk.ts';
import { writtenConfiguration } from '../../test/fakes/configuration.ts';
import { scriptedModel } from '../../test/fakes/model.ts';
import { ANALYSIS_KEY, INCIDENT_ID, PACK_KEY } from '../../test/stories/asked-action.ts';
import { cryptoMinerPack } from '../../test/stories/crypto-miner.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-replay-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PACK: EvidencePack = evidencePackSchema.parse({ ...cryptoMinerPack(), incidentId: INCIDENT_ID });
const PROCESS = PACK.items.find(({ fact }) => fact.kind === 'process')?.id ?? '';
const ANSWER = {
  outcome: 'analysed',
  headline: 'A miner runs in the checkout service',
  verdict: 'malicious',
  rootCause: null,
  narrative: [{ text: 'A process ran in the container.', kind: 'observed', evidence: [PROCESS], entities: [] }],
  techniques: [],
  unknowns: [],
};
const profile = { provider: 'bedrock', modelId: 'invented', region: 'us-east-1' };

interface Desk {
  readonly stored?: Partial<Analysis>;
  readonly bindings?: readonly object[];
  readonly answers?: readonly object[];
}

async function deskWith(options: Desk = {}) {
  const model = scriptedModel((options.answers ?? [ANSWER]).map((json) => ({ json })));
  const configuration = join(folder, 'parapet.config.json');
  const models = { profiles: { tried: profile }, routes: [{ profiles: [] }], bindings: options.bindings ?? [] };
  writeFileSync(configuration, JSON.stringify(writtenConfiguration({ models })));
  const one = await desk({ connection: { configuration, loadModel: async () => model.port } });
  const stored = analysisSchema.parse({
    ...analyseByRules(PACK),
    incidentId: INCIDENT_ID,
    packDigest: 'x',
    writtenBy: { rules: { name: 'rules-analyst', version: '0.0.0' } },
    dropped: [],
    ...options.stored,
  });
  await one.stores.blobs.put(PACK_KEY, JSON.stringify(PACK));
  await one.stores.blobs.put(ANALYSIS_KEY, JSON.stringify(stored));
  return { one, model, blobs: one.stores.blobs };
}

describe('replay', () => {
  it('says that the rules of today decide the same', async () => {
    const { one } = await deskWith();
    expect(await one.type('replay', INCIDENT_ID, '--json')).toBe(0);
    expect(one.json()).toMatchObject({ incidentId: INCIDENT_ID, sameDecision: true, differences: [], dropped: [] });
  });

  it('answers no when they would decide otherwise, and shows what', async () => {
    const { one } = await deskWith({ stored: { verdict: 'benign' } });
    expect(await one.type('replay', INCIDENT_ID)).toBe(1);
    expect(one.out.join('\n')).toMatch(/! verdict\n {4}- benign\n {4}\+ malicious/);
  });

  it('lets a model tell it, compares, and touches nothing - no body, no audit entry, no budget', async () => {
    const { one, model, blobs } = await deskWith();
    const [bodies, entries] = [blobs.keys(), await one.stores.audit.read(INCIDENT_ID)];
    expect(await one.type('replay', INCIDENT_ID, '--model', 'tried', '--json')).toBe(0);
    expect(one.json()).toMatchObject({
      sameDecision: true,
      differences: expect.arrayContaining([
        { what: 'headline', before: expect.any(String), after: ANSWER.headline, decisive: false },
      ]),
      after: { model: expect.stringMatching(/^tried \(/) },
      cost: { calls: 1 },
    });
    expect(model.requests[0]).not.toHaveProperty('tools');
    expect(blobs.keys()).toEqual(bodies);
    expect(await one.stores.audit.read(INCIDENT_ID)).toEqual(entries);
  });

  it('tries another prompt, and refuses a file that is none', async () => {
    const { one, model } = await deskWith();
    const good = join(folder, 'my.prompt.md');
    const head = 'id: incident-analysis\nversion: 9.9.9\nowner: me\noutput: incident-analysis';
    const slots = 'stable_slots: [canary]\nvolatile_slots: [boundary, judgement, evidence]\nevidence_characters: 5000';
    const body = '## system\n\nTell it as a haiku. {{canary}}\n\n## user\n\n{{judgement}} {{boundary}} {{evidence}}\n';
    writeFileSync(good, `---\n${head}\n${slots}\n---\n\n${body}`);
    expect(await one.type('replay', INCIDENT_ID, '--model', 'tried', '--prompt', good, '--json')).toBe(0);
    expect(model.requests[0]?.system).toContain('haiku');
    expect(one.json()).toMatchObject({ after: { model: expect.stringContaining('prompt 9.9.9') } });
    const bad = join(folder, 'bad.prompt.md');
    writeFileSync(bad, 'Be nice.');
    expect(await one.type('replay', INCIDENT_ID, '--model', 'tried', '--prompt', bad)).toBe(2);
    expect(await one.type('replay', INCIDENT_ID, '--prompt', good)).toBe(2);
  });

  it('tries another repair turn in its place, within the deployed analysis', async () => {
    const bad = { ...ANSWER, narrative: [{ ...ANSWER.narrative[0], evidence: ['E9999'] }] };
    const { one, model } = await deskWith({ answers: [bad, ANSWER] });
    const file = join(folder, 'repair.prompt.md');
    const head = 'id: repair\nversion: 9.9.9\nowner: me\noutput: unchanged\nstable_slots: []\nvolatile_slots: [broken]';
    writeFileSync(file, `---\n${head}\nevidence_characters: 0\n---\n\n## system\n\n## user\n\nOnce more: {{broken}}\n`);
    expect(await one.type('replay', INCIDENT_ID, '--model', 'tried', '--prompt', file, '--json')).toBe(0);
    expect(model.requests[1]?.turns.at(-1)).toEqual({
      role: 'user',
      text: expect.stringMatching(/^Once more: V2 \(narrative 1\)/),
    });
    expect(one.json()).toMatchObject({ after: { model: expect.not.stringContaining('9.9.9') }, cost: { calls: 2 } });
  });

  it('shows evidence to no profile that it is not bound to - data sovereignty holds for replays too', async () => {
    const { one, model } = await deskWith({ bindings: [{ scope: { cluster: '*' }, profiles: [] }] });
    expect(await one.type('replay', INCIDENT_ID, '--model', 'tried')).toBe(2);
    expect(one.err.join('\n')).toContain('bound to other profiles');
    expect(model.requests).toEqual([]);
  });

  it('says what is missing: the profile, the incident', async () => {
    const { one } = await deskWith();
    expect(await one.type('replay', INCIDENT_ID, '--model', 'unheard-of')).toBe(2);
    expect(await one.type('replay', 'inc-none')).toBe(1);
  });
});
