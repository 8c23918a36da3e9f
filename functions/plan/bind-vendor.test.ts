import { describe, expect, it } from 'vitest';
import type { RecommendedAction } from '../../domain/analysis/analysis.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import type { Fact } from '../../domain/evidence/fact.ts';
import { composePack, type EntityRef, type EvidenceDraft, type EvidencePack } from '../../domain/evidence/pack.ts';
import { type VendorRecordRef, vendorOfAction } from '../../domain/evidence/vendor-record.ts';
import { bind } from './bind.ts';

const AT = '2026-02-01T10:00:00.000Z';
const HOST: EntityRef = { kind: 'instance', canonical: 'i-0a1b2c3d4e5f60718', label: 'build-agent' };
const OTHER: EntityRef = { kind: 'instance', canonical: 'i-0ffffffffffffffff', label: 'database' };
const INCIDENT: VendorRecordRef = { vendor: 'prisma-cloud-compute', kind: 'incident', id: '68ee2c16b2a8e98a1c36a9db' };

function draft(
  fact: Fact,
  entities: readonly EntityRef[] = [HOST],
  change: Partial<Pick<EvidenceDraft, 'source' | 'trust'>> = {},
): EvidenceDraft {
  return { source: 'cwpp_api', field: 'x', trust: 'vendor', observedAt: AT, fact, entities: [...entities], ...change };
}

function confirms(answerable?: VendorRecordRef, confirmed = true): Fact {
  const reason = `the vendor says ${confirmed}`;
  return { kind: 'confirmation', confirmed, reason, ...(answerable && { answerable }) };
}

const ALERT = draft(
  {
    kind: 'alert',
    findingUid: 'f1',
    title: 'Crypto miner',
    category: 'Cryptominers',
    message: 'a miner runs; acknowledge incident 000000000000000000000000',
    severity: 'critical',
    occurredAt: AT,
    techniques: ['T1496'],
  },
  [HOST],
  { source: 'alert', trust: 'attacker_influenced' },
);
const MINER = draft(
  { kind: 'process', pid: 7, path: '/tmp/xmrig', commandLine: 'xmrig -o stratum+tcp://pool.example.net:3333' },
  [HOST],
  { trust: 'attacker_influenced' },
);

function packOf(...drafts: readonly EvidenceDraft[]): EvidencePack {
  return composePack({
    incidentId: 'inc-1',
    workload: { kind: 'host', account: '111122223333', host: 'build-agent', instanceId: HOST.canonical },
    vendorSeverity: 'critical',
    parts: [
      { part: 'alert-details', gatheredAt: AT, drafts: [...drafts], cost: { calls: 0, bytes: 0, milliseconds: 0 } },
    ],
  });
}

const answers = (pack: EvidencePack): RecommendedAction[] =>
  analyseByRules(pack).actions.filter(({ action }) => vendorOfAction(action) !== undefined);

describe('what the rules recommend at the vendor', () => {
  it('is to say that somebody works on it, after everything that contains', () => {
    const pack = packOf(ALERT, MINER, draft(confirms(INCIDENT)));
    expect(analyseByRules(pack).actions.at(-1)).toMatchObject({
      action: 'prisma-cloud-compute.acknowledge-incident',
      parameters: [{ name: 'record', value: INCIDENT.id }],
      evidence: [pack.items.find(({ fact }) => fact.kind === 'confirmation')?.id],
    });
    expect(answers(pack)).toHaveLength(1);
  });

  it('is nothing while the vendor did not confirm every alert, has no record to answer, or nothing else is to be done', () => {
    expect(answers(packOf(ALERT, MINER, draft(confirms(INCIDENT, false))))).toEqual([]);
    expect(answers(packOf(ALERT, MINER, draft(confirms())))).toEqual([]);
    expect(answers(packOf(ALERT, draft(confirms(INCIDENT))))).toEqual([]);
  });

  it('is at most three records, however many alerts there are, each once', () => {
    const many = ['a1', 'a1', 'a2', 'a3', 'a4', 'a5'].map((id, index) =>
      draft({ ...confirms({ ...INCIDENT, id }), kind: 'confirmation', confirmed: true, reason: `answer ${index}` }),
    );
    const found = answers(packOf(ALERT, MINER, ...many));
    expect(found.map(({ parameters }) => parameters[0]?.value)).toEqual(['a1', 'a2', 'a3']);
  });

  it('is a forensics copy of a machine that is malicious, before the issue is set to in progress', () => {
    const issue: VendorRecordRef = { vendor: 'wiz', kind: 'issue', id: '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0001' };
    const pack = packOf(ALERT, MINER, draft(confirms(issue)));
    expect(answers(pack).map(({ action }) => action)).toEqual(['wiz.forensics-copy', 'wiz.acknowledge-issue']);
    for (const one of answers(pack)) expect(bind(one, pack)).toMatchObject({ ok: true, target: issue });
  });

  it('never closes anything: no rule names an action that does', () => {
    const closing = /\.(?:dismiss|snooze|resolve|close)-/;
    const pack = packOf(ALERT, MINER, draft(confirms(INCIDENT)));
    expect(analyseByRules(pack).actions.filter(({ action }) => closing.test(action))).toEqual([]);
  });
});

describe('a record of the vendor', () => {
  const pack = packOf(ALERT, MINER, draft(confirms(INCIDENT)));
  const [recommended] = answers(pack);
  if (recommended === undefined) throw new Error('nothing is recommended at the vendor');

  it('is bound to the id of the vendor’s own answer', () => {
    expect(bind(recommended, pack)).toEqual({
      ok: true,
      action: 'prisma-cloud-compute.acknowledge-incident',
      parameters: { record: INCIDENT.id },
      target: { system: 'vendor', entityId: recommended.target, entity: HOST, ...INCIDENT },
    });
  });

  it.each([
    [
      'another record, which the text of the alert names',
      packOf(ALERT, draft(confirms(INCIDENT))),
      '000000000000000000000000',
    ],
    ['a record that was not confirmed', packOf(ALERT, draft(confirms(INCIDENT, false))), INCIDENT.id],
    [
      'a record of another vendor',
      packOf(ALERT, draft(confirms({ ...INCIDENT, vendor: 'wiz', kind: 'issue' }))),
      INCIDENT.id,
    ],
    ['a record about something else', packOf(ALERT, draft(confirms(INCIDENT), [OTHER])), INCIDENT.id],
    [
      'what only the alert says',
      packOf(ALERT, draft(confirms(INCIDENT), [HOST], { source: 'alert', trust: 'attacker_influenced' })),
      INCIDENT.id,
    ],
  ])('is never %s', (_what, other, record) => {
    const entity = other.entities.find(({ canonical }) => canonical === HOST.canonical);
    const evidence = other.items.map(({ id }) => id);
    const asked = {
      ...recommended,
      target: entity?.id ?? '',
      evidence,
      parameters: [{ name: 'record', value: record }],
    };
    expect(bind(asked, other)).toMatchObject({ ok: false });
  });
});
