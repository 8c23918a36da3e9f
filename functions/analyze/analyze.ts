import type * as z from 'zod';
import type { Models } from '../../connectors/models/compose.ts';
import type { StoredPack } from '../../connectors/models/question.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { AnswerStore } from '../../connectors/store/answers-port.ts';
import type { BaselineStore } from '../../connectors/store/context-ports.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { Analysis, AnalysisBody } from '../../domain/analysis/analysis.ts';
import { confirmationOf } from '../../domain/analysis/confirmation.ts';
import { composePack } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { canonicalJson, digestOf } from '../../domain/json/canonical.ts';
import { analyzeInputSchema, type analyzeOutputSchema } from '../../domain/orchestration.ts';
import { formatTrait, traitsOf } from '../../domain/retrieval/traits.ts';
import { gatherParts } from './gather-parts.ts';
import { learnProfile } from './learn-profile.ts';
import type { Told } from './tell.ts';
import type { Whole } from './tell-whole.ts';

export interface AnalyzeDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'findings' | 'update'>;
  readonly blobs: BlobStore;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly telemetry: Pick<Telemetry, 'warn' | 'count'>;
  /** Absent: no model is configured and the rules analyst writes alone. */
  readonly models?: Models | undefined;
  /** What models wrote before, for when the same thing happens again. */
  readonly answers: AnswerStore;
  /** Where the vendor's profile is kept for the next incident. */
  readonly baselines?: Pick<BaselineStore, 'learn'>;
  readonly nonce: () => string;
  readonly now: () => Date;
}

/**
 * Analyze: from gathered parts to one pack, one analysis and what the incident says about itself. A second run of the same
 * input gives the same pack and verdict; the audit entry is written last, so that a run that fails before it and is
 * repeated leaves one.
 *
 * @throws NotFoundError for an unknown incident; store errors, which the state machine repeats
 */
export async function analyze(deps: AnalyzeDeps, event: unknown): Promise<z.infer<typeof analyzeOutputSchema>> {
  const { incidentId, parts } = analyzeInputSchema.parse(event);
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
  // A third of the code is the rules analyst: it is loaded while the evidence is on its way.
  const [{ analyseByRules, RULES_VERSION }, gatheredParts] = await Promise.all([
    import('../../domain/analysis/rules/analyse.ts'),
    gatherParts(deps.blobs, parts, deps.now()),
  ]);
  const pack = composePack({
    incidentId,
    workload: incident.workload,
    vendorSeverity: incident.severity,
    parts: gatheredParts,
  });
  const findings = await deps.incidents.findings(incidentId);
  const gathered = await deps.blobs.put(`incidents/${incidentId}/pack.json`, canonicalJson(pack));
  const evidence = { key: gathered.key, sha256: gathered.sha256, pack };
  const told = await tell(deps, evidence, analyseByRules(pack), incident.source);
  await learnProfile(deps, pack, deps.now());
  const analysis = signed(told, RULES_VERSION);
  const confirmed = confirmationOf(pack).all;
  const packBlob = told.evidence;
  const analysisBlob = await deps.blobs.put(`incidents/${incidentId}/analysis.json`, canonicalJson(analysis));
  const triaged = deps.now().toISOString();
  await deps.incidents.update(incidentId, {
    headline: analysis.headline,
    verdict: analysis.verdict,
    traits: traitsOf(findings).map(formatTrait),
    confirmed,
    times: { triaged },
    blobs: { pack: packBlob.key, analysis: analysisBlob.key },
  });
  await deps.audit.append({
    chain: incidentId,
    at: triaged,
    actor: { type: 'function', id: 'analyze' },
    kind: 'analysis.made',
    data: {
      ...auditData(told, analysis),
      confirmed,
      packKey: packBlob.key,
      packSha256: packBlob.sha256,
      analysisKey: analysisBlob.key,
      analysisSha256: analysisBlob.sha256,
    },
  });
  return {
    incidentId,
    packKey: packBlob.key,
    analysisKey: analysisBlob.key,
    verdict: analysis.verdict,
    severity: analysis.severity,
    confirmed,
  };
}

/**
 * The rules decide on what was gathered; a model that looks up more finds words, and moves no verdict (decision 0004). What
 * speaks with models is loaded when there are any.
 */
async function tell(
  deps: AnalyzeDeps,
  evidence: StoredPack,
  rules: AnalysisBody,
  source: Incident['source'],
): Promise<Whole> {
  const { models } = deps;
  if (models === undefined) return { body: rules, dropped: [], evidence, fellBack: [] };
  const { tellWhole } = await import('./tell-whole.ts');
  return await tellWhole({ ...deps, models }, evidence, rules, source);
}

/** The model is named as an author only if something of its answer was used. */
function signed(
  { body, dropped, evidence, tellings, author, fallback, reusedFrom, fellBack, cost }: Whole,
  rulesVersion: string,
): Analysis {
  return {
    ...body,
    ...(tellings === undefined ? {} : { tellings }),
    incidentId: evidence.pack.incidentId,
    packDigest: digestOf(evidence.pack),
    writtenBy: {
      rules: { name: 'rules-analyst', version: rulesVersion },
      ...(author === undefined ? {} : { model: { ...author } }),
      ...(fallback === undefined ? {} : { fallback }),
      ...(reusedFrom === undefined ? {} : { reusedFrom }),
      ...(fellBack.length === 0 ? {} : { fellBack: [...fellBack] }),
      ...(cost === undefined ? {} : { cost }),
    },
    dropped: [...dropped],
  };
}

/** Ids, digests and counts: enough to show later on which evidence, with which rules, prompt and model it was made. */
function auditData({ evidence: { pack }, callIds }: Told, analysis: Analysis): Record<string, unknown> {
  const { model, fallback, reusedFrom, fellBack, cost } = analysis.writtenBy;
  return {
    packDigest: analysis.packDigest,
    evidence: pack.items.map(({ id, digest }) => ({ id, digest })),
    rulesVersion: analysis.writtenBy.rules.version,
    verdict: analysis.verdict,
    severity: analysis.severity,
    confidence: analysis.confidence,
    outcome: analysis.outcome,
    gaps: pack.items.filter(({ fact }) => fact.kind === 'gap').length,
    suspectedInjection: analysis.suspectedInjection.map(({ evidence }) => evidence),
    dropped: analysis.dropped.length,
    ...(fallback === undefined ? {} : { fallback }),
    ...(reusedFrom === undefined ? {} : { reusedFrom }),
    ...(fellBack === undefined ? {} : { fellBack }),
    ...(model === undefined ? {} : { model }),
    ...(cost === undefined ? {} : { modelCost: cost, modelCalls: callIds }),
  };
}
