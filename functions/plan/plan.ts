import type * as z from 'zod';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { ReadingTargets } from '../../connectors/targets/reading.ts';
import { type Advice, type Plan, type PlannedAction, planDigest, planSchema } from '../../domain/actions/action.ts';
import { type Analysis, analysisSchema, type RecommendedAction } from '../../domain/analysis/analysis.ts';
import { placeOfTarget } from '../../domain/approval/link.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { placementOf, rolloutOf } from '../../domain/config/scope.ts';
import { type EvidencePack, evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { canonicalJson, digestOf } from '../../domain/json/canonical.ts';
import { planInputSchema, type planOutputSchema } from '../../domain/orchestration.ts';
import { CONFIGURATION_CHAIN, configurationRecord } from '../../domain/phase/configuration-record.ts';
import { playbookFor } from '../../domain/playbooks/registry.ts';
import { maxSeverity } from '../../domain/severity.ts';
import { bind } from './bind.ts';
import { gateOf } from './gate.ts';

export interface PlanDeps {
  readonly config: Configuration;
  readonly incidents: IncidentStore;
  readonly blobs: BlobStore;
  readonly audit: AuditLog;
  readonly targets: Pick<ReadingTargets, 'prepare' | 'traitsOf'>;
  readonly now: () => Date;
}

/**
 * The state machine waits this much longer than people may decide, so that a decision in the last second still arrives
 * before the wait ends.
 */
const DELIVERY_GRACE_SECONDS = 30;

/** Plan: from recommendations to exact, digested actions and to advice with its reason. */
export async function makePlan(deps: PlanDeps, event: unknown): Promise<z.infer<typeof planOutputSchema>> {
  const { incidentId, packKey, analysisKey } = planInputSchema.parse(event);
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
  const pack = evidencePackSchema.parse(JSON.parse(await deps.blobs.get(packKey)));
  const analysis = analysisSchema.parse(JSON.parse(await deps.blobs.get(analysisKey)));
  await noteConfiguration(deps);
  const version = nextVersion(incident.blobs.plan);
  const planned = await planActions(deps, { incident, pack, analysis });
  const plan: Plan = {
    incidentId,
    version,
    plannedAt: deps.now().toISOString(),
    phase: rolloutOf(deps.config, placementOf(deps.config, incident.workload)).phase,
    analysisDigest: digestOf(analysis),
    packDigest: digestOf(pack),
    ...planned,
  };
  const stored = await deps.blobs.put(
    `incidents/${incidentId}/plan-v${version}.json`,
    canonicalJson(planSchema.parse(plan)),
  );
  await deps.incidents.update(incidentId, { blobs: { plan: stored.key } });
  await deps.audit.append({
    chain: incidentId,
    at: plan.plannedAt,
    actor: { type: 'function', id: 'plan' },
    kind: 'plan.made',
    data: auditData(plan, stored),
  });
  return {
    incidentId,
    planKey: stored.key,
    actions: plan.actions.map(({ prepared, gate, expiresAfterSeconds }) => ({
      incidentId,
      actionId: prepared.actionId,
      planKey: stored.key,
      gate,
      timeoutSeconds: expiresAfterSeconds + DELIVERY_GRACE_SECONDS,
    })),
  };
}

/**
 * A configuration that nobody planned under before is written to the log, so that when a scope was moved can be proved there. Two that
 * plan at the same moment may both write it, which says the same twice.
 */
async function noteConfiguration({ audit, config, now }: PlanDeps): Promise<void> {
  const record = configurationRecord(config, await audit.head(CONFIGURATION_CHAIN), now().toISOString());
  if (record !== undefined) await audit.append(record);
}

/** A plan made again (a redriven execution) gets its own key: an approval names the plan it was asked for. */
function nextVersion(previousKey: string | undefined): number {
  const version = /plan-v(\d{1,6})\.json$/.exec(previousKey ?? '')?.[1];
  return version === undefined ? 1 : Number(version) + 1;
}

interface Case {
  readonly incident: Incident;
  readonly pack: EvidencePack;
  readonly analysis: Analysis;
}

async function planActions(deps: PlanDeps, of: Case): Promise<Pick<Plan, 'actions' | 'advice'>> {
  const actions: PlannedAction[] = [];
  const advice: Advice[] = [];
  for (const recommended of of.analysis.actions) {
    const result = await planOne(deps, of, recommended, `A${actions.length + 1}`);
    if ('prepared' in result) actions.push(result);
    else advice.push(result);
  }
  return { actions, advice };
}

async function planOne(
  deps: PlanDeps,
  of: Case,
  recommended: RecommendedAction,
  actionId: string,
): Promise<PlannedAction | Advice> {
  const advise = (target: string, reason: string): Advice => ({
    action: recommended.action,
    target,
    text: recommended.rationale,
    reason,
    evidence: [...recommended.evidence],
  });
  const bound = bind(recommended, of.pack);
  if (!bound.ok) return advise(bound.target, bound.reason);
  const { action, target, parameters } = bound;
  const place = placeOfTarget(deps.config, of.incident.workload, target);
  const severity = maxSeverity(of.incident.severity, of.analysis.severity);
  const { confirmed, source } = of.incident;
  const { verdict } = of.analysis;
  const playbook = playbookFor(deps.config, action, place);
  const assessment = playbook?.assess({ pack: of.pack, target, source, confirmed, severity, verdict });
  const prepared = await deps.targets.prepare(action, {
    incidentId: of.incident.incidentId,
    actionId,
    target,
    parameters: assessment?.holds === true ? { ...parameters, ...playbook?.parameters } : parameters,
  });
  if (!prepared.ok) return advise(target.entity.label, prepared.reason);
  const gate = gateOf(deps.config, {
    action,
    reversible: deps.targets.traitsOf(action).reversible,
    target,
    place,
    confirmed,
    severity,
    verdict,
    now: deps.now(),
    assessment,
  });
  return {
    prepared: prepared.prepared,
    digest: planDigest(prepared.prepared),
    preview: prepared.preview,
    rationale: recommended.rationale,
    evidence: [...recommended.evidence],
    gate: gate.gate,
    gateReasons: [...gate.reasons],
    approvers: [...gate.approvers],
    expiresAfterSeconds: gate.expiresAfterSeconds,
    ...(assessment === undefined ? {} : { playbook: assessment }),
  };
}

function auditData(plan: Plan, stored: { readonly key: string; readonly sha256: string }): Record<string, unknown> {
  return {
    planKey: stored.key,
    planSha256: stored.sha256,
    version: plan.version,
    phase: plan.phase,
    analysisDigest: plan.analysisDigest,
    packDigest: plan.packDigest,
    actions: plan.actions.map(({ prepared, digest, gate, gateReasons, approvers, evidence, playbook }) => ({
      actionId: prepared.actionId,
      action: prepared.action,
      target: prepared.target.entity.canonical,
      digest,
      gate,
      gateReasons,
      approvers,
      evidence,
      ...(playbook === undefined ? {} : { playbook }),
    })),
    advice: plan.advice.map(({ action, target, reason }) => ({ action, target, reason })),
  };
}
