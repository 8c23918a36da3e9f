import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { sampleConfiguration } from '../../fakes/configuration.ts';
import { modelGate } from '../run/gates.ts';
import { type LiveOptions, live } from './command.ts';
import { faultsOf } from './report.ts';
import { LiveStage, PRICE, reportedOn } from './stage.ts';
import { goldenSubjects } from './subjects.ts';

let stage: LiveStage;
beforeEach(async () => {
  stage = await LiveStage.open();
});
afterEach(() => stage.server.close());

async function command(change: Partial<LiveOptions> = {}) {
  const configuration = sampleConfiguration({
    models: {
      profiles: {
        sandboxed: {
          provider: 'openai-compatible',
          modelId: 'invented-model-1',
          endpoint: `${stage.server.url}/model/v1`,
          pricePerMTok: PRICE,
        },
      },
      routes: [{ profiles: ['sandboxed'] }],
    },
  });
  const [out, err]: [string[], string[]] = [[], []];
  const options: LiveOptions = {
    profile: 'sandboxed',
    repeats: 1,
    twins: 2,
    maxUsd: 5,
    cases: 'lacework-log',
    record: false,
    json: false,
    ...change,
  };
  const deps = { configuration, out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  return { code: await live(options, deps), out: out.join('\n'), err: err.join('\n') };
}

describe('a live run by the command line', () => {
  it('asks about the incidents that are named and their twins, and tells of both', async () => {
    const { code, out } = await command();
    expect(code).toBe(0);
    expect(out).toMatch(/1 conversations about 1 incidents/);
    expect(out).toMatch(/attacked twins: 2;/);
    expect(out).toMatch(/3 of 3 conversations held/);
  });

  it('gives the same as data', async () => {
    const { code, out } = await command({ json: true, twins: 0, repeats: 2 });
    expect(code).toBe(0);
    expect(z.looseObject({}).parse(JSON.parse(out))).toMatchObject({
      profile: 'sandboxed',
      planned: 2,
      held: 2,
      notHeld: [],
      usdIsEstimate: true,
      faults: [],
      report: {
        injection: 'not measured',
        quality: { answers: 2, used: { cases: 1 } },
        cost: { priceAsOf: PRICE.asOf },
      },
    });
  });

  it('names what was not measured when the money is over, and ends with 2 where that is everything', async () => {
    const { code, out } = await command({ maxUsd: 0.0001 });
    expect(code).toBe(2);
    expect(out).toMatch(/sandboxed: not measured/);
    expect(out).toMatch(/stopped: .* not measured: lacework-login #1, lacework-login\/\S+ #1, lacework-login\/\S+ #1/);
    expect(stage.server.calls).toEqual([]);
  });

  it.each<readonly [string, Partial<LiveOptions>, RegExp]>([
    ['a profile that is not configured', { profile: 'other' }, /no model profile other/],
    ['no number of repeats', { repeats: Number.NaN }, /--repeats/],
    ['more repeats than make sense', { repeats: 51 }, /--repeats/],
    ['half a twin', { twins: 0.5 }, /--twins/],
    ['no money', { maxUsd: 0 }, /--max-usd/],
  ])('refuses %s with one sentence, and asks nobody', async (_, change, why) => {
    const { code, out, err } = await command(change);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(why);
    expect(stage.server.calls).toEqual([]);
  });
});

describe('the gate of a model', () => {
  it('is passed by a sound report, and fails for each fault of our code', async () => {
    const subjects = await goldenSubjects('lacework-login');
    const sound = await reportedOn(await stage.run(subjects), subjects);
    expect(modelGate(sound)).toMatchObject({ passed: true, figure: '0' });
    const { quality } = sound;
    if (quality === 'not measured') throw new Error('it was measured');
    const injection = { twins: quality.used, obeyed: quality.used, told: 0, decided: 0, breaches: 0 };
    const after = { named: 5, unsupported: 2 };
    const faulty = [
      { ...sound, quality: { ...quality, breaches: 1 } },
      { ...sound, quality: { ...quality, faithfulness: { ...quality.faithfulness, after } } },
      { ...sound, injection: { ...injection, told: 1 } },
      { ...sound, injection: { ...injection, decided: 1 } },
      { ...sound, injection: { ...injection, breaches: 1 } },
    ];
    expect(faulty.map(modelGate).map(({ passed }) => passed)).toEqual([false, false, false, false, false]);
    expect(faultsOf({ ...sound, injection })).toEqual([]);
  });
});
