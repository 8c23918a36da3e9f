import type { Fact } from '../../domain/evidence/fact.ts';
import { composePack, type EntityRef, type EvidenceDraft, type EvidencePack } from '../../domain/evidence/pack.ts';
import { OPEN_BUCKET_POLICIES } from '../../domain/playbooks/vocabulary.ts';
import { DORMANT } from './dormant-key.ts';

export const BUCKET = {
  kind: 'resource',
  account: DORMANT.account,
  region: 'eu-central-1',
  resourceType: 'storage bucket',
  name: 'exports-example',
  uid: 'arn:aws:s3:::exports-example',
} as const;

/** What Prisma Cloud says of an open bucket, and whose its inventory says it is. */
export function bucketPack(
  change: {
    readonly confirmed?: boolean;
    readonly policy?: string;
    readonly team?: string;
    readonly uid?: string;
  } = {},
): EvidencePack {
  const uid = change.uid ?? BUCKET.uid;
  const subject: EntityRef = {
    kind: 'workload',
    canonical: `${BUCKET.account}/${BUCKET.resourceType}/${uid}`,
    label: `${BUCKET.resourceType} ${BUCKET.name}`,
  };
  const policy = change.policy ?? OPEN_BUCKET_POLICIES[0];
  const alert: Fact = {
    kind: 'alert',
    findingUid: 'f1',
    title: policy,
    category: 'misconfiguration',
    rule: policy,
    message: 'Anybody can read it. Recommended: Block public access.',
    severity: 'medium',
    occurredAt: DORMANT.readAt,
    techniques: [],
  };
  const owner: Fact = {
    kind: 'ownership',
    subject: BUCKET.name,
    ...(change.team === undefined ? {} : { team: change.team }),
    tags: {},
  };
  const draft = (fact: Fact): EvidenceDraft => ({
    source: 'cwpp_api',
    field: 'x',
    trust: 'vendor',
    observedAt: DORMANT.readAt,
    fact,
    entities: [subject],
  });
  const confirmation: Fact = { kind: 'confirmation', confirmed: change.confirmed ?? true, reason: 'r' };
  return composePack({
    incidentId: DORMANT.incidentId,
    workload: { ...BUCKET, uid },
    vendorSeverity: 'medium',
    parts: [
      {
        part: 'alert-details',
        gatheredAt: DORMANT.readAt,
        drafts: [draft(confirmation), draft(alert), draft(owner)],
        cost: { calls: 0, bytes: 0, milliseconds: 0 },
      },
    ],
  });
}
