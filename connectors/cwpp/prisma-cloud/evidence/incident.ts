import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { readMessage } from '../../prisma-cloud-compute/message.ts';
import { readTime } from '../time.ts';
import { isWorkloadIncident } from '../vocabulary.ts';
import { fromVendor } from './draft.ts';
import { subjectEntities } from './entities.ts';
import type { Answered } from './part.ts';

/**
 * The process a Defender's sentence names, from the vendor's record of an incident on a workload. The sentence quotes the
 * workload, so it is not the vendor's word.
 */
export function incidentDrafts({ found, record }: Answered, observedAt: string): EvidenceDraft[] {
  if (record === undefined || !isWorkloadIncident(record.alert)) return [];
  const { auditMessage = '', auditUser, auditTime } = record.alert.metadata;
  const { processPath, commandLine } = readMessage(auditMessage);
  if (processPath === undefined) return [];
  const startedAt = readTime(auditTime, Date.parse(observedAt));
  const fact = present({
    kind: 'process' as const,
    path: processPath,
    commandLine,
    user: auditUser || undefined,
    startedAt: startedAt === undefined ? undefined : new Date(startedAt).toISOString(),
  });
  const draft = fromVendor(
    `GET /alert/${record.alert.alertId} metadata.auditMessage`,
    observedAt,
    fact,
    subjectEntities(found),
  );
  return [{ ...draft, trust: 'attacker_influenced' }];
}
