import type { AwsTarget } from '../../domain/actions/target.ts';
import type { Fact, FactOf } from '../../domain/evidence/fact.ts';
import {
  composePack,
  type EntityRef,
  type EvidenceDraft,
  type EvidencePack,
  type Trust,
} from '../../domain/evidence/pack.ts';
import { present } from '../../domain/ocsf/present.ts';
import { UNUSED_KEY_POLICIES } from '../../domain/playbooks/dormancy.ts';

export const DORMANT = {
  incidentId: 'inc-0123456789abcdef0123',
  account: '111122223333',
  user: 'report-bot',
  arn: 'arn:aws:iam::111122223333:user/report-bot',
  key: 'AKIADORMANT000000001',
  readAt: '2026-02-01T10:00:00.000Z',
  /** 200 days before it was read. */
  lastUsedAt: '2025-07-16T10:00:00.000Z',
} as const;

export interface DormantChange {
  readonly confirmed?: boolean;
  readonly recordTrust?: Trust;
  readonly policy?: string;
  readonly lastUsedAt?: string;
  readonly status?: FactOf<'access-key'>['status'] | undefined;
}

export const DORMANT_WORKLOAD = {
  kind: 'resource',
  account: DORMANT.account,
  resourceType: 'iam user',
  name: DORMANT.user,
  uid: DORMANT.arn,
} as const;

/** What the evidence of a dormant key is made of: the webhook, the answer, the vendor's record, and what IAM lists. */
export function dormantDrafts(change: DormantChange = {}): readonly EvidenceDraft[] {
  const policy = change.policy ?? UNUSED_KEY_POLICIES[0];
  const subject: EntityRef = {
    kind: 'workload',
    canonical: `${DORMANT.account}/iam user/${DORMANT.arn}`,
    label: `iam user ${DORMANT.user}`,
  };
  const alert: Fact = {
    kind: 'alert',
    findingUid: 'f1',
    title: policy,
    category: 'misconfiguration',
    rule: policy,
    message: 'A key was not used.',
    severity: 'medium',
    occurredAt: DORMANT.readAt,
    techniques: [],
  };
  const key: Fact = present({
    kind: 'access-key' as const,
    accessKeyId: DORMANT.key,
    user: DORMANT.user,
    account: DORMANT.account,
    status: 'status' in change ? change.status : ('active' as const),
    createdAt: '2022-05-01T08:00:00.000Z',
    lastUsedAt: change.lastUsedAt ?? DORMANT.lastUsedAt,
    basis: 'IAM lists it',
  });
  const draft = (
    fact: Fact,
    source: EvidenceDraft['source'],
    trust: Trust,
    entities: readonly EntityRef[],
  ): EvidenceDraft => ({ source, field: 'x', trust, observedAt: DORMANT.readAt, fact, entities: [...entities] });
  return [
    draft(alert, 'alert', 'attacker_influenced', [subject]),
    draft({ kind: 'confirmation', confirmed: change.confirmed ?? true, reason: 'r' }, 'cwpp_api', 'vendor', [subject]),
    // In the words of the record, which say more: equal facts would be one piece of evidence.
    draft(
      { ...alert, message: 'A key was not used. Recommended: Delete it.' },
      'cwpp_api',
      change.recordTrust ?? 'vendor',
      [subject],
    ),
    draft(key, 'cloud_api', 'own', [
      { kind: 'principal', canonical: DORMANT.arn, label: `IAM user ${DORMANT.user}` },
      { kind: 'secret', canonical: DORMANT.key, label: `access key ${DORMANT.key}` },
    ]),
  ];
}

export function dormantPack(drafts: readonly EvidenceDraft[] = dormantDrafts()): EvidencePack {
  return composePack({
    incidentId: DORMANT.incidentId,
    workload: DORMANT_WORKLOAD,
    vendorSeverity: 'medium',
    parts: [
      {
        part: 'alert-details',
        gatheredAt: DORMANT.readAt,
        drafts: [...drafts],
        cost: { calls: 0, bytes: 0, milliseconds: 0 },
      },
    ],
  });
}

/** The key as `bind` gives it. */
export function dormantTarget(pack: EvidencePack): AwsTarget {
  const entity = pack.entities.find(({ canonical }) => canonical === DORMANT.key);
  if (entity === undefined) throw new Error('the evidence names no key');
  const { id: entityId, kind, canonical, label } = entity;
  return {
    system: 'aws',
    entityId,
    entity: { kind, canonical, label },
    account: DORMANT.account,
    kind: 'access-key',
    arn: DORMANT.arn,
    name: DORMANT.key,
  };
}
