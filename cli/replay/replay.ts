import { randomUUID } from 'node:crypto';
import type { RepairPrompt, StoredPack } from '../../connectors/models/question.ts';
import { type Analysis, type AnalysisBody, analysisSchema } from '../../domain/analysis/analysis.ts';
import { type Difference, differencesBetween } from '../../domain/analysis/difference.ts';
import { analyseByRules, RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { type EvidencePack, evidencePackSchema } from '../../domain/evidence/pack.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { modelPlaceOf } from '../../domain/models/place.ts';
import { allowedFor, type NamedProfile } from '../../domain/models/route.ts';
import type { Source } from '../../domain/source.ts';
import { forSource, type Prompt } from '../../functions/analyze/prompting.ts';
import { type Told, tellBy } from '../../functions/analyze/tell.ts';
import type { Connection } from '../context.ts';
import { SetupError } from '../setup-error.ts';
import { nothingKept } from './nothing-kept.ts';

export interface ReplayReport {
  readonly incidentId: string;
  readonly before: {
    readonly rules: string;
    readonly model?: string | undefined;
    readonly fallback?: string | undefined;
  };
  readonly after: {
    readonly rules: string;
    readonly model?: string | undefined;
    readonly fallback?: string | undefined;
  };
  /** True when nothing that leads to a response would be decided differently. */
  readonly sameDecision: boolean;
  readonly differences: readonly Difference[];
  /** Sentences of the model that were thrown away, with the rule they broke. */
  readonly dropped: Told['dropped'];
  /** What the replay took; the money is an estimate. */
  readonly cost?: Told['cost'] | undefined;
}

export interface Recording {
  readonly source: Source;
  readonly analysis: Analysis;
  /** As it was gathered: what the rules decided on. */
  readonly gathered: EvidencePack;
  /** With what a model looked up then. */
  readonly seen: StoredPack;
}

/** What is stored of an incident's analysis; undefined when it was not analysed yet. @throws what the evidence bucket throws */
export async function readRecording(
  { incidents, blobs }: Pick<Connection, 'incidents' | 'blobs'>,
  incidentId: string,
): Promise<Recording | undefined> {
  const incident = await incidents.get(incidentId);
  const { pack: key, analysis } = incident?.blobs ?? {};
  if (incident === undefined || key === undefined || analysis === undefined) return undefined;
  const body = await blobs.get(key);
  const gathered = `incidents/${incidentId}/pack.json`;
  return {
    source: incident.source,
    analysis: analysisSchema.parse(JSON.parse(await blobs.get(analysis))),
    gathered: evidencePackSchema.parse(JSON.parse(key === gathered ? body : await blobs.get(gathered))),
    seen: { key, sha256: sha256Hex(body), pack: evidencePackSchema.parse(JSON.parse(body)) },
  };
}

/** The rules of this version on the evidence of then. Asks nobody. */
export function replayByRules({ analysis, gathered }: Recording): ReplayReport {
  return reportOf(analysis, analyseByRules(gathered), { dropped: [] });
}

/**
 * The same with a model. No tools are offered: what was looked up then is in the evidence. A profile that may not see
 * evidence of this place may not see it here either.
 * @throws SetupError when the profile does not exist or is bound elsewhere
 */
export async function replayWithModel(
  connection: Pick<Connection, 'loadModel'>,
  config: Configuration,
  recording: Recording,
  ask: {
    readonly profile: string;
    readonly prompt: Prompt;
    readonly repair?: RepairPrompt | undefined;
    readonly now: () => Date;
  },
): Promise<ReplayReport> {
  const { models } = config;
  const profile = models?.profiles[ask.profile];
  if (models === undefined || profile === undefined)
    throw new SetupError(`There is no model profile ${ask.profile} in the configuration.`);
  const place = modelPlaceOf(config, recording.seen.pack);
  if (!allowedFor(models, place).has(ask.profile))
    throw new SetupError(`Evidence of this incident is bound to other profiles than ${ask.profile} (models.bindings).`);
  const named: NamedProfile = { ...profile, name: ask.profile };
  const kept = nothingKept();
  const told = await tellBy(
    {
      ...kept,
      models: {
        configuration: models,
        placeOf: () => place,
        spending: kept.spending,
        load: (one) => connection.loadModel(one),
      },
      telemetry: { warn: () => undefined, count: () => undefined },
      now: ask.now,
      nonce: () => randomUUID(),
    },
    recording.seen,
    analyseByRules(recording.gathered),
    { route: { asked: true, profiles: [named] }, prompt: forSource(ask.prompt, recording.source), repair: ask.repair },
  );
  return reportOf(recording.analysis, told.body, told);
}

function reportOf(
  analysis: Analysis,
  body: AnalysisBody,
  told: Pick<Told, 'dropped' | 'author' | 'fallback' | 'cost'>,
): ReplayReport {
  const { rules, model, fallback } = analysis.writtenBy;
  const differences = differencesBetween(analysis, body);
  return {
    incidentId: analysis.incidentId,
    before: { rules: rules.version, model: model && authorWords(model), fallback },
    after: { rules: RULES_VERSION, model: told.author && authorWords(told.author), fallback: told.fallback },
    sameDecision: !differences.some(({ decisive }) => decisive),
    differences,
    dropped: told.dropped,
    ...(told.cost === undefined ? {} : { cost: told.cost }),
  };
}

function authorWords({ profile, modelId, promptVersion }: NonNullable<Analysis['writtenBy']['model']>): string {
  return `${profile} (${modelId}, prompt ${promptVersion})`;
}
