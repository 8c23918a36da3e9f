import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { resultOf } from '../../attempts.ts';
import { firstOf, type PartReader } from './part.ts';
import { vulnerabilityDrafts } from './vulnerabilities.ts';

/** The scans of the images and hosts in question. */
export const readVulnerabilities: PartReader = async (context) => {
  const { compute, attempts, subjects, now } = context;
  const drafts: EvidenceDraft[] = [];
  if (subjects.images.length + subjects.hosts.length === 0) {
    attempts.note('findings', 'the vulnerabilities', 'the alerts name no image id and no host');
  }
  for (const { imageId, name } of firstOf(context, 'images', subjects.images)) {
    const missing = 'the vulnerabilities of the image';
    const attempt = await attempts.read('GET /images', missing, () => compute.imageById(imageId));
    const record = resultOf(attempt);
    if (record)
      drafts.push(...vulnerabilityDrafts(record, { field: 'GET /images', observedAt: now().toISOString(), name }));
    else if ('value' in attempt) attempts.note('GET /images', missing, 'the console has no scan of it');
  }
  for (const hostname of firstOf(context, 'hosts', subjects.hosts)) {
    const missing = 'the vulnerabilities of the host';
    const attempt = await attempts.read('GET /hosts', missing, () => compute.hostByName(hostname));
    const record = resultOf(attempt);
    if (record)
      drafts.push(
        ...vulnerabilityDrafts(record, { field: 'GET /hosts', observedAt: now().toISOString(), name: hostname }),
      );
    else if ('value' in attempt) attempts.note('GET /hosts', missing, 'the console has no scan of it');
  }
  return drafts;
};
