import { parseArgs } from 'node:util';
import { ConfigurationError } from '../../../domain/config/parse.ts';
import { live, recordedModels } from '../live/command.ts';
import { askWithoutModel } from './ask.ts';
import { evaluate } from './evaluate.ts';
import { gatesOf, modelGate } from './gates.ts';
import { printReport } from './print.ts';
import type { CaseScore } from './score-case.ts';
import { summarise } from './summary.ts';

const HELP = `Usage: npm run eval [-- --json] [-- --misses]
       npm run eval -- --profile NAME [--repeats 5] [--twins 38] [--max-usd 5] [--cases TEXT] [--record] [--json]

Without a profile: no network. Measures the rules analyst, the verifier, the questions without a model and the attacked
twins, and what was recorded of models as far as the code would still ask the same. With a profile of the configuration
(PARAPET_CONFIG): holds the conversation of the analysis with that model, look-ups and repair turn included, about every
golden incident and some attacked twins.
--twins   attacked twins to ask about; 0: none
--misses  what the rules miss on the incidents they may be tuned on; the held-out ones are never listed
--cases   only incidents and twins whose id holds this text
Exit 0: all gates passed. Exit 1: one did not. Exit 2: wrong usage or set-up.`;

const OPTIONS = {
  profile: { type: 'string' },
  repeats: { type: 'string', default: '1' },
  twins: { type: 'string', default: '38' },
  'max-usd': { type: 'string', default: '5' },
  cases: { type: 'string', default: '' },
  record: { type: 'boolean', default: false },
  misses: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;
type Values = ReturnType<typeof valuesOf>;

try {
  process.exitCode = await run(valuesOf());
} catch (error) {
  // What nobody expects keeps its stack.
  if (!(error instanceof ConfigurationError) && !isWrongUsage(error)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

function valuesOf() {
  return parseArgs({ options: OPTIONS }).values;
}

function isWrongUsage(error: unknown): error is TypeError {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

async function run(values: Values): Promise<number> {
  const { help, profile, repeats, twins, 'max-usd': maxUsd, cases, record, json } = values;
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (profile === undefined) return await measure(values);
  const numbers = { repeats: Number(repeats), twins: Number(twins), maxUsd: Number(maxUsd) };
  return await live({ profile, ...numbers, cases, record, json });
}

async function measure(values: Pick<Values, 'json' | 'misses'>): Promise<number> {
  const report = await evaluate({ answerByQuery: askWithoutModel });
  const models = await recordedModels();
  const gates = [...gatesOf(report), ...models.map(modelGate)];
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
        models,
        modelQuality: models.length === 0 ? 'not measured' : 'recorded conversations only',
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
