import { randomBytes } from 'node:crypto';
import { realHttp } from '../../../connectors/http/request.ts';
import { loadModel } from '../../../connectors/models/registry.ts';
import { secretsOf } from '../../../connectors/secrets/secrets-of.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { loadConfiguration } from '../../../infra/config/load.ts';
import { keepIn, RECORDINGS, readRecordings } from './files.ts';
import { faultsOf, type ModelReport, printModel, reportOn } from './report.ts';
import { type LiveRun, runLive } from './run.ts';
import { goldenSubjects, subjectsNamed, twinSubjects } from './subjects.ts';

export interface LiveOptions {
  readonly profile: string;
  readonly repeats: number;
  readonly twins: number;
  readonly maxUsd: number;
  readonly cases: string;
  readonly record: boolean;
  readonly json: boolean;
}

export interface LiveDeps {
  readonly configuration: Configuration;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** Asks a profile of the configuration about the golden incidents and some attacked twins. @returns the exit code */
export async function live(
  options: LiveOptions,
  { configuration, out, err }: LiveDeps = { configuration: loadConfiguration(), out: console.log, err: console.error },
): Promise<number> {
  const wrong = wrongIn(options);
  const { models } = configuration;
  const profile = models?.profiles[options.profile];
  if (wrong !== undefined || models === undefined || profile === undefined) {
    err(wrong ?? `the configuration has no model profile ${options.profile}`);
    return 2;
  }
  const named = { ...profile, name: options.profile };
  const port = await loadModel(named, { http: realHttp, secrets: async () => secretsOf(configuration) });
  const [golden, twins] = [await goldenSubjects(options.cases), await twinSubjects(options.twins, options.cases)];
  const subjects = [...golden, ...twins];
  const run = await runLive({
    port,
    subjects,
    repeats: options.repeats,
    limits: { tokensPerIncident: models.budget.tokensPerIncident, tools: models.tools },
    maxUsd: options.maxUsd,
    now: () => new Date(),
    seed: () => randomBytes(16).toString('hex'),
    ...(options.record ? { keep: keepIn(RECORDINGS) } : {}),
  });
  const report = await reportOn(run.recordings, new Map(subjects.map((subject) => [subject.id, subject])));
  for (const line of told(options, run, report)) out(line);
  if (report === undefined) return 2;
  return faultsOf(report).length === 0 && Object.keys(report.notMeasured).length === 0 ? 0 : 1;
}

function wrongIn({ repeats, twins, maxUsd }: LiveOptions): string | undefined {
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > 50) return '--repeats must be a whole number from 1 to 50';
  if (!Number.isInteger(twins) || twins < 0) return '--twins must be a whole number, 0 for none';
  return maxUsd > 0 ? undefined : '--max-usd must be a number above 0';
}

function told({ json, profile }: LiveOptions, run: LiveRun, report: ModelReport | undefined): readonly string[] {
  const { planned, recordings, notMeasured, microUsd, stopped } = run;
  const faults = report === undefined ? [] : faultsOf(report);
  const usd = microUsd / 1_000_000;
  if (json) {
    const counts = { planned, held: recordings.length, notHeld: notMeasured, usd, usdIsEstimate: true };
    return [JSON.stringify({ profile, report: report ?? 'not measured', ...counts, stopped, faults })];
  }
  return [
    ...(report === undefined ? [`  ${profile}: not measured`] : printModel(report)),
    `  ${recordings.length} of ${planned} conversations held, about ${usd.toFixed(4)} USD (estimate)`,
    ...(stopped === undefined ? [] : [`  stopped: ${stopped}; not measured: ${notMeasured.join(', ')}`]),
    ...faults.map((fault) => `  FAILED ${fault}`),
  ];
}

/** What was recorded of each profile, measured by the code of now. */
export async function recordedModels(folder: URL = RECORDINGS): Promise<readonly ModelReport[]> {
  const recorded = [...readRecordings(folder).values()];
  const subjects = await subjectsNamed(new Set(recorded.flat().map((one) => one.case)));
  const reports = await Promise.all(recorded.map((recordings) => reportOn(recordings, subjects)));
  return reports.filter((report) => report !== undefined);
}
