import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { realHttp } from '../../../connectors/http/request.ts';
import { loadModel } from '../../../connectors/models/registry.ts';
import { secretsOf } from '../../../connectors/secrets/secrets-of.ts';
import { digestOf } from '../../../domain/json/canonical.ts';
import { loadConfiguration } from '../../../infra/config/load.ts';
import { buildGolden } from '../golden/golden.ts';
import { askWithoutModel } from './ask.ts';
import { evaluate } from './evaluate.ts';
import { gatesOf } from './gates.ts';
import { figuresOf, type ModelFigures, PROMPT, runLive } from './live.ts';
import { printReport } from './print.ts';
import { keepIn, RECORDINGS, readRecordings } from './recordings.ts';
import type { CaseScore } from './score-case.ts';
import { summarise } from './summary.ts';

const HELP = `Usage: npm run eval [-- --json] [-- --misses]
       npm run eval -- --profile NAME [--repeats 5] [--max-usd 5] [--cases TEXT] [--record] [--json]

Without a profile: no network. Measures the rules analyst, the verifier, the questions without a model and the attacked
twins, and what was recorded of models for the present prompt. With a profile of the configuration (PARAPET_CONFIG): asks
that model for every golden incident.
--misses  what the rules miss on the incidents they may be tuned on; the held-out ones are never listed
--cases   only incidents whose id holds this text
Exit 0: all gates passed. Exit 1: one did not. Exit 2: wrong usage or set-up.`;

const { values } = parseArgs({
  options: {
    profile: { type: 'string' },
    repeats: { type: 'string', default: '1' },
    'max-usd': { type: 'string', default: '5' },
    cases: { type: 'string', default: '' },
    record: { type: 'boolean', default: false },
    misses: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = values.profile === undefined ? await measure() : await live(values.profile);

async function measure(): Promise<number> {
  const report = await evaluate({ answerByQuery: askWithoutModel });
  const gates = gatesOf(report);
  const models = await recordedModels();
  const tuned = report.cases.filter(({ heldOut }) => !heldOut);
  const summaries = {
    tuned: summarise(tuned),
    heldOut: summarise(report.cases.filter(({ heldOut }) => heldOut)),
    all: summarise(report.cases),
  };
  if (values.json) {
    const { cases, ...rest } = report;
    console.log(
      JSON.stringify({
        rules: summaries,
        ...rest,
        cases,
        models: Object.fromEntries(models),
        modelQuality: models.length === 0 ? 'not measured' : 'recorded answers only',
        gates,
      }),
    );
  } else console.log(printReport(report, gates, models));
  if (values.misses) for (const line of tuned.flatMap(missesOf)) console.log(line);
  return gates.every(({ passed }) => passed) ? 0 : 1;
}

function missesOf({ id, missedTechniques, verdict, actions }: CaseScore): string[] {
  const lines = [
    ...(missedTechniques.length > 0 ? [`techniques ${missedTechniques.join(', ')}`] : []),
    ...(verdict.score === 'exact' ? [] : [`verdict ${verdict.given}, expected ${verdict.expected} (${verdict.score})`]),
    ...(actions.forbidden.length > 0 ? [`must not: ${actions.forbidden.join(', ')}`] : []),
  ];
  return lines.length === 0 ? [] : [`  ${id}: ${lines.join('; ')}`];
}

async function recordedModels(): Promise<(readonly [string, ModelFigures | string])[]> {
  const built = await buildGolden();
  const digests = new Map(built.map(({ golden, pack }) => [golden.id, digestOf(pack)]));
  return [...readRecordings(RECORDINGS, PROMPT.sha256, digests)].map(([profile, { usable, orphaned }]) => {
    const figures = figuresOf(usable, built);
    return [
      profile,
      figures ?? `not measured: ${orphaned} recordings are of another prompt or other evidence`,
    ] as const;
  });
}

async function live(name: string): Promise<number> {
  const [repeats, maxUsd] = [Number(values.repeats), Number(values['max-usd'])];
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > 50 || !(maxUsd > 0)) {
    console.error('--repeats must be a whole number from 1 to 50 and --max-usd a number above 0');
    return 2;
  }
  const configuration = loadConfiguration();
  const profile = configuration.models?.profiles[name];
  if (profile === undefined) {
    console.error(`the configuration has no model profile ${name}`);
    return 2;
  }
  const port = await loadModel({ ...profile, name }, { http: realHttp, secrets: async () => secretsOf(configuration) });
  const built = (await buildGolden()).filter(({ golden }) => golden.id.includes(values.cases));
  const run = await runLive({
    port,
    built,
    repeats,
    maxUsd,
    now: () => new Date(),
    nonce: () => randomBytes(12).toString('hex'),
    ...(values.record ? { keep: keepIn(RECORDINGS) } : {}),
  });
  const figures = figuresOf(run.recorded, built);
  const usd = (run.microUsd / 1_000_000).toFixed(4);
  if (values.json)
    console.log(
      JSON.stringify({
        profile: name,
        figures: figures ?? 'not measured',
        usd,
        ...(run.stopped === undefined ? {} : { stopped: run.stopped }),
      }),
    );
  else {
    console.log(figures === undefined ? `${name}: not measured` : JSON.stringify(figures, undefined, 2));
    console.log(
      `cost about ${usd} USD by the price of the profile${run.stopped === undefined ? '' : `; stopped: ${run.stopped}`}`,
    );
  }
  if (figures === undefined) return 2;
  return figures.breaches === 0 && figures.after.unsupported === 0 ? 0 : 1;
}
