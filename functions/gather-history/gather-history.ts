import * as z from 'zod';
import { keepPart } from '../../connectors/evidence/keep-part.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { EvidenceDraft, EvidencePart } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { gatherInputSchema, type gatherOutputSchema } from '../../domain/orchestration.ts';

export interface GatherHistoryDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'history'>;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** More says nothing new to an analyst and costs room in the pack. */
const MOST = 10;

const inputSchema = gatherInputSchema.extend({ part: z.literal('history') });

/**
 * What was known of this workload before: earlier incidents, their verdicts and outcomes. An unreadable history is a gap
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
    cost: { calls: 1, bytes: JSON.stringify(drafts).length, milliseconds: deps.now().getTime() - started.getTime() },
  };
  return await keepPart(deps, { incidentId, by: 'gather-history', gathered, gaps, now: deps.now });
}

async function read(
  deps: GatherHistoryDeps,
  incident: Incident,
  observedAt: string,
): Promise<{ drafts: EvidenceDraft[]; gaps: string[] }> {
  try {
    const past = await deps.incidents.history(incident.workloadKey, { except: incident.incidentId, limit: MOST });
    return { drafts: past.map((one) => draftOf(one, observedAt)), gaps: [] };
  } catch (error) {
    deps.telemetry.error('history unreadable', { incidentId: incident.incidentId }, error);
    const reason = `the incident store could not be read (${error instanceof Error ? error.name : 'unknown error'})`;
    return { drafts: [gapOf(reason, observedAt)], gaps: [reason] };
  }
}

/**
 * The headline is left out on purpose: a model may have written it from attacker-influenced text, and here it would come
 * back as our own word.
 */
function draftOf({ incidentId, times, verdict, outcome }: Incident, observedAt: string): EvidenceDraft {
  return {
    source: 'history',
    field: `incidents ${incidentId}`,
    trust: 'own',
    observedAt,
    fact: {
      kind: 'past-incident',
      incidentId,
      openedAt: times.opened,
      ...(verdict === undefined ? {} : { verdict }),
      ...(outcome === undefined ? {} : { outcome }),
    },
    entities: [],
  };
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
