import * as z from 'zod';
import { keepPart } from '../../connectors/evidence/keep-part.ts';
import { pastIncident, similarIncidents } from '../../connectors/retrieval/similar.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { EvidenceDraft, EvidencePart } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { gatherInputSchema, type gatherOutputSchema } from '../../domain/orchestration.ts';

export interface GatherHistoryDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'history' | 'findings' | 'list'>;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** More says nothing new to an analyst and costs room in the pack. */
const MOST = 10;
const MOST_SIMILAR = 5;

const inputSchema = gatherInputSchema.extend({ part: z.literal('history') });

/**
 * What was known before: earlier incidents of this workload and of others that look alike, their verdicts and outcomes. An unreadable history is a gap
 * (rule 9); that there was no earlier incident is no gap, it is an empty part.
 * @throws NotFoundError (the incident itself is not there), z.ZodError, and what the evidence bucket and the audit log throw
 */
export async function gatherHistory(
  deps: GatherHistoryDeps,
  event: unknown,
): Promise<z.infer<typeof gatherOutputSchema>> {
  const { incidentId, part } = inputSchema.parse(event);
  const started = deps.now();
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
  const { drafts, gaps } = await read(deps, incident, started.toISOString());
  const gathered: EvidencePart = {
    part,
    gatheredAt: started.toISOString(),
    drafts,
    cost: { calls: 3, bytes: JSON.stringify(drafts).length, milliseconds: deps.now().getTime() - started.getTime() },
  };
  return await keepPart(deps, { incidentId, by: 'gather-history', gathered, gaps, now: deps.now });
}

async function read(
  deps: GatherHistoryDeps,
  incident: Incident,
  observedAt: string,
): Promise<{ drafts: EvidenceDraft[]; gaps: string[] }> {
  try {
    const [past, similar] = await Promise.all([
      deps.incidents.history(incident.workloadKey, { except: incident.incidentId, limit: MOST }),
      deps.incidents
        .findings(incident.incidentId)
        .then((findings) => similarIncidents(deps.incidents, incident, findings, { most: MOST_SIMILAR })),
    ]);
    const drafts = [
      ...past.map((one) => pastIncident(one, observedAt)),
      ...similar.map(({ incident: one, shared }) => pastIncident(one, observedAt, shared)),
    ];
    return { drafts, gaps: [] };
  } catch (error) {
    deps.telemetry.error('history unreadable', { incidentId: incident.incidentId }, error);
    const reason = `the incident store could not be read (${error instanceof Error ? error.name : 'unknown error'})`;
    return { drafts: [gapOf(reason, observedAt)], gaps: [reason] };
  }
}

function gapOf(reason: string, observedAt: string): EvidenceDraft {
  return {
    source: 'history',
    field: 'incidents',
    trust: 'own',
    observedAt,
    fact: { kind: 'gap', missing: 'earlier incidents of this workload', reason },
    entities: [],
  };
}
