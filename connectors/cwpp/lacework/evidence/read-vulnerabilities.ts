import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { parseReadBack } from '../read-back.ts';
import { hostEntity, imageEntity } from './entities.ts';
import { alertIdsOf, entitiesOf, firstOf, machinesOf, type PartContext, type PartReader, rangeOf } from './part.ts';
import { vulnerabilityDrafts } from './vulnerabilities.ts';

const CONTAINERS = 'POST /Vulnerabilities/Containers/search';
const HOSTS = 'POST /Vulnerabilities/Hosts/search';
const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;
const DAY_MS = 24 * 3_600_000;

/** What is known to be wrong with the image or the machine before anything happened. */
export const readVulnerabilities: PartReader = async (context) => {
  const { attempts, lacework, now } = context;
  const drafts: EvidenceDraft[] = [];
  // Assessments are made daily: a wider range than that of the alert.
  const range = { ...rangeOf(context), from: new Date(Date.parse(rangeOf(context).to) - 2 * DAY_MS).toISOString() };
  const images = await imagesOf(context);
  for (const { imageId, name } of firstOf(context, 'images', images)) {
    const records = await attempts.list(CONTAINERS, 'the vulnerabilities of the image', () =>
      lacework.imageVulnerabilities(range, imageId),
    );
    const of = { field: CONTAINERS, observedAt: now().toISOString(), subject: imageEntity(imageId, name) };
    drafts.push(...vulnerabilityDrafts(records, of));
  }
  const machines = await machinesOf(context);
  for (const { mid, hostname } of machines) {
    const records = await attempts.list(HOSTS, 'the vulnerabilities of the machine', () =>
      lacework.hostVulnerabilities(range, mid),
    );
    const of = { field: HOSTS, observedAt: now().toISOString(), subject: hostEntity(hostname ?? `machine ${mid}`) };
    drafts.push(...vulnerabilityDrafts(records, of));
  }
  if (images.length + machines.length === 0) {
    attempts.note(
      'findings',
      'the vulnerabilities',
      'neither the alert nor its record names an image by its id or a machine by its number',
    );
  }
  return drafts;
};

interface ImageSubject {
  readonly imageId: string;
  readonly name: string | undefined;
}

async function imagesOf(context: PartContext): Promise<readonly ImageSubject[]> {
  const images = new Map<string, ImageSubject>();
  const add = (imageId: string | undefined, name: string | undefined): void => {
    if (imageId !== undefined && IMAGE_ID.test(imageId) && !images.has(imageId)) images.set(imageId, { imageId, name });
  };
  for (const { workload, readBack } of context.findings) {
    add(parseReadBack(readBack)?.imageId, 'image' in workload ? workload.image : undefined);
    if ('imageDigest' in workload) add(workload.imageDigest, workload.image);
  }
  if (images.size > 0) return [...images.values()];
  for (const id of alertIdsOf(context.findings).slice(0, 1)) {
    for (const row of (await entitiesOf(context, id)).rows('ImageId'))
      add(row.text('IMAGE_ID'), row.text('IMAGE_REPO') || undefined);
  }
  return [...images.values()];
}
