import { describe, expect, it } from 'vitest';
import type { RecommendedAction } from '../../domain/analysis/analysis.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import type { Fact } from '../../domain/evidence/fact.ts';
import { composePack, type EntityRef, type EvidenceDraft, type EvidencePack } from '../../domain/evidence/pack.ts';
import { bind } from './bind.ts';

const AT = '2026-02-01T10:00:00.000Z';
const ACCOUNT = '111122223333';
const HOST: EntityRef = { kind: 'instance', canonical: 'i-0a1b2c3d4e5f60718', label: 'build-agent' };
const ROLE: EntityRef = {
  kind: 'principal',
  canonical: `arn:aws:iam::${ACCOUNT}:role/app/checkout`,
  label: 'checkout',
};
const KEY: EntityRef = { kind: 'secret', canonical: 'AKIALEAKEDKEY0000001', label: 'the key' };

function draft(
  fact: Fact,
  entities: readonly EntityRef[],
  change: Partial<Pick<EvidenceDraft, 'source' | 'trust'>> = {},
): EvidenceDraft {
  return { source: 'cwpp_api', field: 'x', trust: 'vendor', observedAt: AT, fact, entities: [...entities], ...change };
}
const confirmed = (confirms: boolean): Fact => ({ kind: 'confirmation', confirmed: confirms, reason: 'r' });
const MINER: Fact = {
  kind: 'process',
  pid: 7,
  path: '/tmp/xmrig',
  commandLine: 'xmrig -o stratum+tcp://pool.example.net:3333',
};
const alertOf = (category: string): Fact => ({
  kind: 'alert',
  findingUid: 'f1',
  title: 'Crypto miner',
  category,
  message: 'a miner runs',
  severity: 'critical',
  occurredAt: AT,
  techniques: ['T1496'],
});

function packOf(drafts: readonly EvidenceDraft[], workload?: EvidencePack['workload']): EvidencePack {
  return composePack({
    incidentId: 'inc-1',
    workload: workload ?? { kind: 'host', account: ACCOUNT, host: 'build-agent', instanceId: HOST.canonical },
    vendorSeverity: 'critical',
    parts: [
      { part: 'alert-details', gatheredAt: AT, drafts: [...drafts], cost: { calls: 0, bytes: 0, milliseconds: 0 } },
    ],
  });
}

const HOST_DRAFTS = [
  draft(alertOf('Cryptominers'), [HOST], { source: 'alert', trust: 'attacker_influenced' }),
  draft(confirmed(true), [HOST]),
  draft(MINER, [HOST], { trust: 'attacker_influenced' }),
];
const cloud = (pack: EvidencePack) => analyseByRules(pack).actions.filter(({ action }) => action.startsWith('aws.'));

describe('what the rules recommend in an account', () => {
  it('is the disks first and then the network of a machine that is malicious', () => {
    const pack = packOf(HOST_DRAFTS);
    expect(cloud(pack).map(({ action }) => action)).toEqual(['aws.snapshot-volumes', 'aws.isolate-instance']);
    expect(cloud(pack).map((one) => bind(one, pack))).toEqual(
      ['aws.snapshot-volumes', 'aws.isolate-instance'].map((action) => ({
        ok: true,
        action,
        parameters: {},
        target: {
          system: 'aws',
          entityId: expect.any(String),
          entity: HOST,
          account: ACCOUNT,
          kind: 'instance',
          arn: `arn:aws:ec2:*:${ACCOUNT}:instance/${HOST.canonical}`,
          name: HOST.canonical,
        },
      })),
    );
  });

  it('is nothing for a machine whose alert the vendor does not confirm', () => {
    const drafts = HOST_DRAFTS.map((one) =>
      one.fact.kind === 'confirmation' ? { ...one, fact: confirmed(false) } : one,
    );
    expect(cloud(packOf(drafts))).toEqual([]);
  });

  it('is the key that the vendor’s own record names, and not one that only an alert names', () => {
    const fact: Fact = {
      kind: 'access-key',
      accessKeyId: KEY.canonical,
      user: 'deployer',
      account: ACCOUNT,
      basis: 'b',
    };
    const workload = { kind: 'resource', account: ACCOUNT, resourceType: 'IAM identity', name: 'deployer' } as const;
    const subject: EntityRef = { kind: 'workload', canonical: 'deployer', label: 'IAM identity deployer' };
    const given = (trust: EvidenceDraft['trust']) =>
      packOf(
        [
          draft(alertOf('CredentialAccess:IAMUser/AnomalousBehavior'), [subject], { trust: 'attacker_influenced' }),
          draft(confirmed(true), [subject]),
          draft(fact, [KEY, subject], { trust }),
        ],
        workload,
      );
    expect(cloud(given('vendor')).map((one) => bind(one, given('vendor')))).toMatchObject([
      { ok: true, target: { kind: 'access-key', arn: `arn:aws:iam::${ACCOUNT}:user/deployer`, name: KEY.canonical } },
    ]);
    expect(cloud(given('attacker_influenced'))).toEqual([]);
  });
});

describe('binding a role', () => {
  const item = (action: RecommendedAction['action'], pack: EvidencePack): RecommendedAction => ({
    action,
    target: pack.entities.find(({ kind }) => kind === 'principal')?.id ?? 'none',
    parameters: [{ name: 'serviceAccount', value: 'payments/forged' }],
    urgency: 'soon',
    rationale: '',
    risk: '',
    evidence: pack.items.map(({ id }) => id),
  });
  const account: Fact = {
    kind: 'service-account',
    name: 'checkout',
    namespace: 'payments',
    tokenMounted: true,
    cloudRole: ROLE.canonical,
  };
  const annotated = packOf([
    draft(confirmed(true), [HOST]),
    draft(account, [ROLE], { source: 'kubernetes_api', trust: 'attacker_influenced' }),
  ]);
  const identity: Fact = {
    kind: 'cloud-identity',
    name: 'checkout',
    identityKind: 'role',
    permissions: [],
    basis: 'IAM search',
  };

  it('by an annotation makes the action ask IAM about that very service account, whatever the recommendation says', () => {
    expect(bind(item('aws.revoke-role-sessions', annotated), annotated)).toMatchObject({
      ok: true,
      target: { kind: 'role', account: ACCOUNT, arn: ROLE.canonical, name: 'checkout' },
      parameters: { serviceAccount: 'payments/checkout' },
    });
  });

  it('by an annotation alone is not enough to deny it everything or to take a cluster from it', () => {
    for (const action of ['aws.deny-all', 'aws.remove-eks-access-entry'] as const)
      expect(bind(item(action, annotated), annotated)).toMatchObject({ ok: false, reason: /No system of record/ });
  });

  it('by an inventory needs no annotation', () => {
    const pack = packOf([draft(confirmed(true), [HOST]), draft(identity, [ROLE])]);
    expect(bind(item('aws.deny-all', pack), pack)).toMatchObject({ ok: true, target: { kind: 'role' } });
  });

  it('is refused for a session, a root user or a name in another form', () => {
    for (const canonical of [
      `arn:aws:sts::${ACCOUNT}:assumed-role/checkout/i-1`,
      `arn:aws:iam::${ACCOUNT}:root`,
      'checkout',
      `arn:aws:iam::${ACCOUNT}:role/a b`,
    ]) {
      const pack = packOf([draft(confirmed(true), [HOST]), draft(identity, [{ ...ROLE, canonical }])]);
      expect(bind(item('aws.deny-all', pack), pack)).toMatchObject({ ok: false });
    }
  });
});
