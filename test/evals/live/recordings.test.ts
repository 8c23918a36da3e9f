import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordedModels } from './command.ts';
import { keepIn, readRecordings } from './files.ts';
import { type ModelReport, reportOn } from './report.ts';
import { LiveStage, reportedOn } from './stage.ts';
import { goldenSubjects, type Subject, twinSubjects } from './subjects.ts';

let subjects: readonly Subject[];
let stage: LiveStage;
let folder: string;

beforeAll(async () => {
  subjects = [
    ...(await goldenSubjects('compute-miner-bare')),
    ...(await goldenSubjects('lacework-login')),
    ...(await twinSubjects(1, '')),
  ];
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-evals-'));
});
afterEach(async () => {
  await stage.server.close();
  rmSync(folder, { recursive: true });
});

const at = () => pathToFileURL(`${folder}/`);

/** A look-up, answers of which parts are thrown away, a repair turn, and a failure: all that a conversation may hold. */
async function record(
  provider: 'bedrock' | 'openai-compatible' | 'anthropic' = 'openai-compatible',
): Promise<ModelReport> {
  stage = await LiveStage.open(provider);
  stage.sandbox.otherwise({ play: 'scripted', sentences: 6 });
  stage.sandbox.enqueue(
    { play: 'scripted', sentences: 6 },
    { play: 'text', text: 'It is a miner.', end: 'end' },
    { play: 'scripted', sentences: 4 },
    { play: 'error', name: 'unsupported_country', status: 403, message: 'no' },
  );
  const run = await stage.run(subjects, { repeats: 2, keep: keepIn(at()) });
  expect(run.notMeasured).toEqual([]);
  return await reportedOn(run, subjects);
}

const recorded = () => [...readRecordings(at()).values()].flat();
const known = (all: readonly Subject[] = subjects) => new Map(all.map((subject) => [subject.id, subject]));

describe('recordings', () => {
  it.each(['bedrock', 'openai-compatible', 'anthropic'] as const)(
    'give the report of the run they were made in, word for word, and ask nobody (%s)',
    async (provider) => {
      const live = await record(provider);
      const asked = stage.server.calls.length;
      expect(live.notMeasured).toEqual({});
      expect(live.quality).toMatchObject({ answers: 4, repairs: { used: { answers: 4 } } });
      expect(live.injection).toMatchObject({ twins: { answers: 2 } });
      expect(await recordedModels(at())).toEqual([live]);
      expect(stage.server.calls).toHaveLength(asked);
    },
  );

  it('hold no key, and what the profile names of its secret is its name', async () => {
    await record('anthropic');
    const text = JSON.stringify(recorded());
    expect(text).not.toContain('sesame-key');
    expect(text).toContain('parapet/models/anthropic');
  });

  it.each<readonly [string, RegExp, (one: ReturnType<typeof recorded>[number]) => object]>([
    ['of another prompt', /another prompt/, () => ({ promptSha256: 'another' })],
    ['of evidence that has changed', /other evidence/, () => ({ packDigest: 'another' })],
    ['of an incident that is gone', /no such incident/, () => ({ case: 'gone' })],
    ['whose questions our code would put otherwise', /something else would now be asked/, () => ({ seed: 'another' })],
    ['that end earlier than our code would', /more calls/, ({ calls }) => ({ calls: calls.slice(0, -1) })],
    ['that go on longer', /fewer calls/, ({ calls }) => ({ calls: [...calls, ...calls] })],
  ])('%s are not measured and never green', async (_, why, change) => {
    await record();
    const changed = recorded().map((one) => ({ ...one, ...change(one) }));
    const report = await reportOn(changed, known());
    expect(report).toMatchObject({ quality: 'not measured', injection: 'not measured' });
    expect(Object.values(report?.notMeasured ?? {}).every((reason) => why.test(reason))).toBe(true);
    expect(report?.cost.calls).toBe(0);
  });

  it('are none where none were made', async () => {
    stage = await LiveStage.open();
    expect(readRecordings(pathToFileURL(`${folder}/none/`)).size).toBe(0);
    expect(await recordedModels(pathToFileURL(`${folder}/none/`))).toEqual([]);
    expect(await reportOn([], known())).toBeUndefined();
  });
});
