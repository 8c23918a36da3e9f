import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../domain/ocsf/present.ts';
import { resultOf } from '../attempts.ts';
import { workloadEntities } from '../aws/entities.ts';
import { fromApi } from '../draft.ts';
import { detectorFor, type LookUpContext, normalizedOf } from './look-up.ts';
import { isSample } from './map.ts';
import { parseReadBack } from './read-back.ts';

/** How far back related findings are looked for. */
const DAYS_BACK = 7;
const MAX_SHOWN = 20;
const MISSING = 'further findings of GuardDuty about the same place';

/** What else GuardDuty reports about the same instance (the node of a pod) in the last days, that is not in the incident. */
export async function relatedDrafts(context: LookUpContext): Promise<EvidenceDraft[]> {
  const { client, attempts, findings, now } = context;
  if (typeof client === 'string') return [];
  const instances = [...new Set(findings.flatMap(({ finding }) => finding.device?.instance_uid ?? []))].slice(0, 3);
  if (instances.length === 0) return [];
  const known = new Set(findings.flatMap(({ readBack }) => parseReadBack(readBack)?.findingId ?? []));
  const detector = await detectorFor(client, parseReadBack(findings[0]?.readBack ?? {})?.detectorId, attempts);
  if ('failure' in detector) return [];
  const listed = await attempts.read('ListFindings', MISSING, () =>
    client.findingIds(detector.id, {
      'resource.instanceDetails.instanceId': { equals: instances },
      updatedAt: { greaterThanOrEqual: now().getTime() - DAYS_BACK * 24 * 3_600_000 },
    }),
  );
  const page = resultOf(listed);
  if (page?.nextToken !== undefined) attempts.note('ListFindings', MISSING, 'only the latest page is read');
  const ids = (page?.ids ?? []).filter((id) => !known.has(id)).slice(0, MAX_SHOWN);
  if (ids.length === 0) return [];
  const read = await attempts.read('GetFindings', MISSING, () => client.findings(detector.id, ids));
  return (resultOf(read) ?? [])
    .filter((record) => !isSample(record))
    .flatMap((record, index) => {
      const normalized = normalizedOf(record, now());
      return normalized ? [draftOf(normalized, record.service?.archived === true, index, now())] : [];
    });
}

function draftOf(found: NormalizedFinding, archived: boolean, index: number, now: Date): EvidenceDraft {
  const { finding, severity, workload } = found;
  const fact = present({
    kind: 'related-finding' as const,
    uid: finding.metadata.original_event_uid ?? finding.finding_info.uid,
    title: finding.finding_info.title ?? 'finding',
    category: finding.finding_info.types?.[0] ?? 'unknown',
    severity,
    status: archived ? 'archived' : 'active',
    at: new Date(finding.time).toISOString(),
  });
  return fromApi(`ListFindings [${index}]`, 'attacker_influenced', now.toISOString(), fact, workloadEntities(workload));
}
