import type * as z from 'zod';
import type { ModelPort } from '../../connectors/models/port.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { BaselineStore } from '../../connectors/store/context-ports.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { Analysis, AnalysisBody } from '../../domain/analysis/analysis.ts';
import { confirmationOf } from '../../domain/analysis/confirmation.ts';
import { analyseByRules, RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import { composePack, type EvidencePack } from '../../domain/evidence/pack.ts';
import { canonicalJson, digestOf } from '../../domain/json/canonical.ts';
import { analyzeInputSchema, type analyzeOutputSchema } from '../../domain/orchestration.ts';
import { type ModelRecord, type Told, tellWithModel } from './ask-model.ts';
import { gatherParts } from './gather-parts.ts';
import { learnProfile } from './learn-profile.ts';

export interface AnalyzeDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'update'>;
  readonly blobs: BlobStore;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly telemetry: Pick<Telemetry, 'warn' | 'count'>;
  /** Absent: no model is configured and the rules analyst writes alone. */
  readonly model?: () => Promise<ModelPort>;
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
  const pack = composePack({
    incidentId,
    workload: incident.workload,
    vendorSeverity: incident.severity,
    parts: await gatherParts(deps.blobs, parts, deps.now()),
  });
  const told = await tell(deps, pack, analyseByRules(pack));
  await learnProfile(deps, pack, deps.now());
  const analysis = signed(pack, told);
  const confirmed = confirmationOf(pack).all;
  const packBlob = await deps.blobs.put(`incidents/${incidentId}/pack.json`, canonicalJson(pack));
  const analysisBlob = await deps.blobs.put(`incidents/${incidentId}/analysis.json`, canonicalJson(analysis));
  const triaged = deps.now().toISOString();
  await deps.incidents.update(incidentId, {
    headline: analysis.headline,
    verdict: analysis.verdict,
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
      ...auditData(pack, analysis, told.record),
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

type Written = Omit<Told, 'record'> & { readonly record?: ModelRecord };

async function tell(deps: AnalyzeDeps, pack: EvidencePack, rules: AnalysisBody): Promise<Written> {
  if (deps.model === undefined) return { body: rules, dropped: [] };
  const told = await tellWithModel({ blobs: deps.blobs, model: deps.model, nonce: deps.nonce }, pack, rules);
  deps.telemetry.count('ModelAnalysis', { outcome: told.fallback === undefined ? 'used' : 'fallback' });
  if (told.fallback !== undefined)
    deps.telemetry.warn('rules analyst writes alone', { incidentId: pack.incidentId, reason: told.fallback });
  return told;
}

/** The model is named as an author only if something of its answer was used. */
function signed(pack: EvidencePack, { body, dropped, fallback, record }: Written): Analysis {
  return {
    ...body,
    incidentId: pack.incidentId,
    packDigest: digestOf(pack),
    writtenBy: {
      rules: { name: 'rules-analyst', version: RULES_VERSION },
      ...(fallback === undefined && record?.model !== undefined ? { model: record.model } : {}),
      ...(fallback === undefined ? {} : { fallback }),
    },
    dropped: [...dropped],
  };
}

/** Ids, digests and counts: enough to show later on which evidence, with which rules, prompt and model it was made. */
function auditData(pack: EvidencePack, analysis: Analysis, record: ModelRecord | undefined): Record<string, unknown> {
  return {
    packDigest: analysis.packDigest,
    evidence: pack.items.map(({ id, digest }) => ({ id, digest })),
    rulesVersion: RULES_VERSION,
    verdict: analysis.verdict,
    severity: analysis.severity,
    confidence: analysis.confidence,
    outcome: analysis.outcome,
    gaps: pack.items.filter(({ fact }) => fact.kind === 'gap').length,
    suspectedInjection: analysis.suspectedInjection.map(({ evidence }) => evidence),
    dropped: analysis.dropped.length,
    ...(analysis.writtenBy.fallback === undefined ? {} : { fallback: analysis.writtenBy.fallback }),
    ...(record === undefined ? {} : { model: record }),
  };
}
