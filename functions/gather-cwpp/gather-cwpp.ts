import * as z from 'zod';
import { CWPP_PARTS, type EvidenceSource, type Gathered } from '../../connectors/cwpp/evidence-source.ts';
import { keepPart } from '../../connectors/evidence/keep-part.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { EvidenceDraft, EvidencePart } from '../../domain/evidence/pack.ts';
import { gatherInputSchema, type gatherOutputSchema } from '../../domain/orchestration.ts';
import type { Source } from '../../domain/source.ts';

export interface GatherCwppDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'findings'>;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly audit: Pick<AuditLog, 'append'>;
  /** Undefined for a source the configuration no longer names. */
  readonly evidenceOf: (source: Source) => EvidenceSource | undefined | Promise<EvidenceSource | undefined>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

const inputSchema = gatherInputSchema.extend({ part: z.enum(CWPP_PARTS) });

/**
 * Reads one part of the evidence from the vendor that sent the alerts and stores it. Trouble with the vendor ends as gaps
 * in the part (rule 9), and an alert that could not be read back as one the vendor did not confirm (rule 7).
 * @throws NotFoundError (there is no such incident), z.ZodError, and what the stores throw
 */
export async function gatherCwpp(
  deps: GatherCwppDeps,
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<z.infer<typeof gatherOutputSchema>> {
  const { incidentId, part } = inputSchema.parse(event);
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
  const findings = await deps.incidents.findings(incidentId);
  const source = await deps.evidenceOf(incident.source);
  const deadline = new Date(deps.now().getTime() + context.getRemainingTimeInMillis());
  const { drafts, cost } = source
    ? await source.gather(part, findings, deadline)
    : unconfigured(part, incident.source, deps.now().toISOString());
  const gathered: EvidencePart = { part, gatheredAt: deps.now().toISOString(), drafts: [...drafts], cost };
  const gaps = drafts.flatMap(({ fact }) => (fact.kind === 'gap' ? [`${fact.missing}: ${fact.reason}`] : []));
  if (gaps.length > 0) deps.telemetry.warn('evidence has gaps', { incidentId, part, gaps });
  return await keepPart(deps, { incidentId, by: 'gather-cwpp', gathered, gaps, now: deps.now });
}

function unconfigured(part: EvidencePart['part'], source: Source, observedAt: string): Gathered {
  const reason = `source ${source} is not in the configuration`;
  const draft = (fact: EvidenceDraft['fact']): EvidenceDraft => ({
    source: 'cwpp_api',
    field: `sources.${source}`,
    trust: 'own',
    observedAt,
    fact,
    entities: [],
  });
  return {
    drafts: [
      ...(part === 'alert-details' ? [draft({ kind: 'confirmation', confirmed: false, reason })] : []),
      draft({ kind: 'gap', missing: `${part} from the vendor`, reason }),
    ],
    cost: { calls: 0, bytes: 0, milliseconds: 0 },
  };
}
