import * as z from 'zod';
import { keepPart } from '../../connectors/evidence/keep-part.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { BaselineStore, LinkStore } from '../../connectors/store/context-ports.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import { anomaliesOf } from '../../domain/baseline/anomalies.ts';
import type { Baseline } from '../../domain/baseline/baseline.ts';
import { baselineKeyOf } from '../../domain/baseline/observe.ts';
import type { Fact } from '../../domain/evidence/fact.ts';
import type { EvidenceDraft, EvidencePart } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { gatherInputSchema, type gatherOutputSchema } from '../../domain/orchestration.ts';
import { linkedIncidents } from './linked.ts';

export interface GatherBaselineDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'findings'>;
  readonly baselines: Pick<BaselineStore, 'get'>;
  readonly links: Pick<LinkStore, 'sharing'>;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** Baselines of one incident: its workload runs few images. */
const MOST_BASELINES = 5;
const inputSchema = gatherInputSchema.extend({ part: z.literal('baseline') });

/**
 * What is unusual about this incident for its workload, and which other incidents share something with it. What cannot
 * be read is a gap (rule 9); a workload nothing is known of has no anomalies, which is no gap but an empty part.
 * @throws NotFoundError (the incident itself is not there), z.ZodError, and what the evidence bucket and the audit log throw
 */
export async function gatherBaseline(
  deps: GatherBaselineDeps,
  event: unknown,
): Promise<z.infer<typeof gatherOutputSchema>> {
  const { incidentId, part } = inputSchema.parse(event);
  const started = deps.now();
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
  const findings = await deps.incidents.findings(incidentId);
  const [unusual, linked] = await Promise.all([
    attempt(deps, incident, 'what is usual for this workload', () => anomalies(deps, incident, findings)),
    attempt(deps, incident, 'incidents that share something with this one', () =>
      linkedIncidents(deps.links, incident, findings, started),
    ),
  ]);
  const drafts = [...unusual.drafts, ...linked.drafts];
  const calls = 2 + unusual.calls + linked.calls;
  const gathered: EvidencePart = {
    part,
    gatheredAt: started.toISOString(),
    drafts,
    cost: { calls, bytes: JSON.stringify(drafts).length, milliseconds: deps.now().getTime() - started.getTime() },
  };
  const gaps = drafts.flatMap(({ fact }) => (fact.kind === 'gap' ? [fact.reason] : []));
  return await keepPart(deps, { incidentId, by: 'gather-baseline', gathered, gaps, now: deps.now });
}

export interface Found {
  readonly facts: readonly Fact[];
  readonly calls: number;
}

async function anomalies(
  { baselines }: GatherBaselineDeps,
  incident: Incident,
  findings: readonly NormalizedFinding[],
): Promise<Found> {
  const keys = [...new Set(findings.map(({ workload }) => baselineKeyOf(workload)))].slice(0, MOST_BASELINES);
  const known = new Map<string, Baseline>();
  await Promise.all(
    keys.map(async (key) => {
      const baseline = await baselines.get(key);
      if (baseline !== undefined) known.set(key, baseline);
    }),
  );
  return { facts: anomaliesOf(incident, findings, known), calls: keys.length };
}

async function attempt(
  deps: GatherBaselineDeps,
  { incidentId }: Incident,
  missing: string,
  read: () => Promise<Found>,
): Promise<{ readonly drafts: readonly EvidenceDraft[]; readonly calls: number }> {
  const observedAt = deps.now().toISOString();
  try {
    const { facts, calls } = await read();
    // Values and names were chosen by workloads; only that they were new or shared is ours.
    return { drafts: facts.map((fact) => draft(fact, 'attacker_influenced', observedAt)), calls };
  } catch (error) {
    deps.telemetry.error('memory unreadable', { incidentId, missing }, error);
    const reason = `the incident store could not be read (${error instanceof Error ? error.name : 'unknown error'})`;
    return { drafts: [draft({ kind: 'gap', missing, reason }, 'own', observedAt)], calls: 1 };
  }
}

function draft(fact: Fact, trust: EvidenceDraft['trust'], observedAt: string): EvidenceDraft {
  return { source: 'history', field: fieldOf(fact), trust, observedAt, fact, entities: [] };
}

function fieldOf(fact: Fact): string {
  if (fact.kind === 'anomaly') return `baseline ${fact.dimension}`;
  return fact.kind === 'linked-incident' ? `links of ${fact.incidentId}` : 'baseline and links';
}
