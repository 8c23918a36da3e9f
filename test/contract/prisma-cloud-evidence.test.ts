import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CWPP_PARTS, type CwppPart } from '../../connectors/cwpp/evidence-source.ts';
import { prismaCloudEvidence } from '../../connectors/cwpp/prisma-cloud/evidence.ts';
import { normalize } from '../../connectors/cwpp/prisma-cloud/map.ts';
import { confirmationOf } from '../../domain/analysis/confirmation.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import type { FactKind, FactOf } from '../../domain/evidence/fact.ts';
import { composePack, type EvidenceDraft, evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { deliveryOf, fixtureText, scenarioText } from './prisma-cloud-fixtures.ts';
import { startTenant, type Tenant } from './prisma-cloud-tenant.ts';

const GATHERED = '2025-10-14T09:20:00.000Z';

let on: Tenant;
beforeEach(async () => {
  on = await startTenant();
});
afterEach(() => on.close());

function story(change: Record<string, unknown> = {}): readonly NormalizedFinding[] {
  const alerts: object[] = JSON.parse(scenarioText('webhooks/alerts.json'));
  const text = JSON.stringify(alerts.map((alert) => ({ ...alert, ...change })));
  const made = normalize(text, deliveryOf(text));
  if (!made.ok) throw new Error(made.reason);
  return made.findings;
}

async function gather(
  part: CwppPart,
  findings: readonly NormalizedFinding[] = story(),
  leftMs = 60_000,
): Promise<readonly EvidenceDraft[]> {
  const now = () => new Date(GATHERED);
  const source = prismaCloudEvidence({
    client: (maxMilliseconds) => on.client({ limits: { maxMilliseconds }, now: () => now().getTime() }),
    now,
  });
  const { drafts, cost } = await source.gather(part, findings, new Date(Date.parse(GATHERED) + leftMs));
  for (const draft of drafts) expect(evidenceDraftSchema.parse(draft)).toEqual(draft);
  expect(cost.calls).toBe(on.server.calls.filter(({ path }) => path !== '/login').length);
  return drafts;
}

function facts<K extends FactKind>(drafts: readonly EvidenceDraft[], kind: K): FactOf<K>[] {
  const isKind = (fact: EvidenceDraft['fact']): fact is FactOf<K> => fact.kind === kind;
  return drafts.map(({ fact }) => fact).filter(isKind);
}

async function packOf(findings: readonly NormalizedFinding[]) {
  const [first] = findings;
  if (first === undefined) throw new Error('no finding');
  const parts = [];
  for (const part of CWPP_PARTS) {
    const tenant = await startTenant();
    const now = () => new Date(GATHERED);
    const source = prismaCloudEvidence({ client: () => tenant.client({ now: () => now().getTime() }), now });
    const { drafts, cost } = await source.gather(part, findings, new Date(Date.parse(GATHERED) + 60_000));
    parts.push({ part, gatheredAt: GATHERED, drafts: [...drafts], cost });
    await tenant.close();
  }
  return composePack({ incidentId: 'inc-1', workload: first.workload, vendorSeverity: 'critical', parts });
}

describe('alert details', () => {
  it('confirm the alerts the vendor has, about the same policy and resource', async () => {
    expect(facts(await gather('alert-details'), 'confirmation')).toEqual(
      ['P-5101', 'P-5102'].map((id) => ({
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: id,
        answerable: { vendor: 'prisma-cloud', kind: 'alert', id },
        reason: `Prisma Cloud has alert ${id} of the same policy about the same resource; it is open (NEW_ALERT)`,
      })),
    );
  });

  it("hold the alerts as they came and as the vendor has them, with the vendor's advice", async () => {
    const alerts = facts(await gather('alert-details'), 'alert');
    expect(alerts.map(({ category, severity, techniques }) => [category, severity, techniques])).toEqual([
      ['identity misconfiguration', 'critical', ['T1078.004']],
      ['network misconfiguration', 'high', ['T1133']],
      ['network misconfiguration', 'high', ['T1133']],
      ['identity misconfiguration', 'critical', ['T1078.004']],
    ]);
    expect(alerts.some(({ message }) => message.includes('Recommended: Let only the addresses'))).toBe(true);
  });

  it('hold what the asset may do, whose it is, and which controls it breaks', async () => {
    const drafts = await gather('alert-details');
    expect(facts(drafts, 'cloud-identity')).toEqual([
      {
        kind: 'cloud-identity',
        name: 'reports-maintenance',
        identityKind: 'role',
        account: '111122223333',
        permissions: [
          'ec2:RunInstances',
          'iam:CreatePolicyVersion',
          'iam:PassRole',
          'kms:Decrypt',
          's3:GetObject',
          'secretsmanager:GetSecretValue',
        ],
        admin: true,
        highPrivileges: true,
        basis: "Prisma Cloud's IAM search: 6 permissions granted by AdministratorAccess, 6 of them for every resource",
      },
    ]);
    expect(facts(drafts, 'ownership')).toMatchObject([
      { team: 'payments-team', environment: 'production', criticality: 'high' },
    ]);
    expect(
      facts(drafts, 'compliance').map(({ framework, control, passed, reason }) => [framework, control, passed, reason]),
    ).toEqual([
      [
        'CIS v1.4.0 (AWS)',
        '5.2 Ensure no security groups allow ingress from 0.0.0.0/0 to remote server administration ports',
        false,
        expect.stringContaining('(alert P-5101)'),
      ],
      ['NIST 800-53 Rev 5', 'AC-6 Least Privilege', false, expect.stringContaining('(alert P-5102)')],
      ['CIS v1.4.0 (AWS)', 'all 58 policies in account prod-payments', false, '14 of 885 resources fail'],
    ]);
    expect(facts(drafts, 'gap')).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an id the vendor does not know', { alertId: 'P-1' }, 'Prisma Cloud has no alert P-1'],
    ['an id that names another path', { alertId: '../login' }, 'Prisma Cloud has no alert ../login'],
    ['no id', { alertId: '' }, 'the alert names no id to look its record up by'],
    [
      'another resource',
      { resourceId: 'i-0aaaaaaaaaaaaaaaa' },
      'alert P-5101 of Prisma Cloud is about another resource',
    ],
    [
      'another name of the resource',
      { resourceName: 'payments-db' },
      'alert P-5101 of Prisma Cloud is about another resource',
    ],
    [
      'another type of resource',
      { resourceType: 'CONTAINER' },
      'alert P-5101 of Prisma Cloud is about another type of resource',
    ],
    ['another account', { accountId: '999999999999' }, 'alert P-5101 of Prisma Cloud is about another account'],
    ['another policy', { policyId: 'other' }, 'alert P-5101 of Prisma Cloud is of another policy'],
  ])('do not confirm an alert with %s', async (_name, change, reason) => {
    const [found] = story({ ...change });
    const findings = found === undefined ? [] : [found];
    expect(facts(await gather('alert-details', findings), 'confirmation')).toEqual([
      { kind: 'confirmation', confirmed: false, reason },
    ]);
  });

  it.each([
    ['resolved', true],
    ['pending_resolution', true],
    ['dismissed', false],
    ['snoozed', false],
    ['escalated', false],
  ])('of an alert that is %s by now: confirmed %s', async (status, confirmed) => {
    on.server.misbehave({
      system: 'prisma-cloud',
      path: 'alert/P-5101',
      reply: {
        status: 200,
        body: JSON.stringify({ ...firstRecord(), status, dismissedBy: 'ada@example.com', dismissalNote: 'known' }),
      },
    });
    const [found] = story();
    const [answer] = facts(await gather('alert-details', found === undefined ? [] : [found]), 'confirmation');
    expect(answer).toMatchObject({
      confirmed,
      reason: expect.stringContaining(status === 'pending_resolution' ? 'pending resolution' : status),
    });
  });

  it('one alert that is not confirmed keeps the whole incident from acting', async () => {
    const pack = await packOf([...story().slice(0, 1), ...story({ alertId: 'P-7777' }).slice(0, 1)]);
    expect(confirmationOf(pack)).toMatchObject({ any: true, all: false });
  });

  it("of an incident on a workload name the process of the Defender's sentence, as text the workload could choose", async () => {
    const [, told]: object[] = JSON.parse(fixtureText('push/batch.json'));
    const metadata = {
      auditMessage:
        '/tmp/.x/xmrig launched by /bin/sh and is identified as a crypto miner. Full command: /tmp/.x/xmrig -o pool.example.com',
      auditUser: 'root',
      auditTime: '2025-10-14T09:16:04Z',
      incidentCategory: 'cryptoMiner',
    };
    const body = JSON.stringify([{ ...told, metadata }]);
    on.sandbox.addAlert({
      ...told,
      id: 'P-4022',
      status: 'open',
      policy: {
        policyId: 'aaaaaaaa-0000-4000-8000-000000000001',
        policyType: 'workload_incident',
        name: 'Crypto miner incident on container',
        severity: 'critical',
      },
      metadata,
    });
    const made = normalize(body, deliveryOf(body));
    const drafts = await gather('alert-details', made.ok ? made.findings : []);
    expect(facts(drafts, 'confirmation')).toMatchObject([{ confirmed: true }]);
    expect(drafts.filter(({ fact }) => fact.kind === 'process')).toMatchObject([
      {
        trust: 'attacker_influenced',
        fact: {
          path: '/tmp/.x/xmrig',
          commandLine: '/tmp/.x/xmrig -o pool.example.com',
          user: 'root',
          startedAt: '2025-10-14T09:16:04.000Z',
        },
      },
    ]);
  });

  it('of an alert nobody confirms look up nothing of what it names', async () => {
    await gather('alert-details', story({ resourceId: 'i-0aaaaaaaaaaaaaaaa' }));
    expect(on.received().filter((call) => !/login|\/alert\//.test(call))).toEqual([]);
  });
});

describe('runtime activity', () => {
  it('is other recent alerts about the resource and who changed it', async () => {
    const drafts = await gather('runtime-activity');
    expect(facts(drafts, 'related-finding')).toEqual([
      {
        kind: 'related-finding',
        uid: 'P-5080',
        title: 'AWS EC2 instance not configured with Instance Metadata Service v2 (IMDSv2)',
        category: 'misconfiguration',
        severity: 'medium',
        status: 'open',
        at: '2025-10-11T08:20:00.000Z',
      },
    ]);
    expect(facts(drafts, 'api-call').map(({ operation, principal, at }) => [operation, principal, at])).toEqual([
      [
        'AuthorizeSecurityGroupIngress',
        'arn:aws:sts::111122223333:assumed-role/reports-deploy/ci',
        '2025-10-14T08:23:00.000Z',
      ],
      [
        'AssociateIamInstanceProfile',
        'arn:aws:sts::111122223333:assumed-role/reports-deploy/ci',
        '2025-10-14T08:22:00.000Z',
      ],
    ]);
  });
});

describe('vulnerabilities', () => {
  it('are those of the asset, the most pressing first', async () => {
    expect(facts(await gather('vulnerabilities'), 'vulnerability')).toMatchObject([
      {
        cve: 'CVE-2024-6387',
        cvss: 8.1,
        severity: 'high',
        packageName: 'openssh-server',
        fixedIn: '1:9.2p1-2+deb12u3',
        exploitPublic: true,
        exploitInTheWild: false,
        remote: true,
      },
      { cve: 'CVE-2023-5363', cvss: 7.5, severity: 'medium', packageVersion: '3.0.9-1', exploitPublic: false },
    ]);
  });

  it('are not asked for a resource that runs nothing', async () => {
    const text = fixtureText('push/single-object.json');
    const made = normalize(text, deliveryOf(text));
    expect(await gather('vulnerabilities', made.ok ? made.findings : [])).toEqual([]);
    expect(on.received()).toEqual([]);
  });
});

describe('network', () => {
  it('is whether the asset can be reached, by which ports, past which rules', async () => {
    expect(facts(await gather('network'), 'exposure')).toEqual([
      {
        kind: 'exposure',
        subject: 'host batch-reports',
        reachableFromInternet: true,
        ports: ['22/tcp'],
        path: ['203.0.113.24', 'security group sg-0f1e2d3c4b5a69788'],
        basis:
          "Prisma Cloud's own judgement of internet exposure is true; 1 of 2 inbound rules let anybody in; public address 203.0.113.24",
      },
    ]);
  });

  it('is open where an open rule stands before an address nobody knows', async () => {
    on.server.misbehave({
      system: 'prisma-cloud',
      path: 'uai',
      reply: { status: 200, body: '{"data":{"asset":{"id":"x"}}}' },
    });
    const drafts = await gather('network');
    expect(facts(drafts, 'gap')).toEqual([]);
    const [exposure] = facts(drafts, 'exposure');
    expect(exposure).toMatchObject({ ports: ['22/tcp'] });
    expect(exposure?.reachableFromInternet).toBeUndefined();
  });
});

describe('trouble with the vendor', () => {
  it.each(CWPP_PARTS)('leaves gaps in %s and throws nothing', async (part) => {
    on.server.misbehave({ system: 'prisma-cloud', times: 1_000, reply: { status: 500 } });
    const drafts = await gather(part);
    expect(facts(drafts, 'gap').length).toBeGreaterThan(0);
    expect(facts(drafts, 'confirmation').every(({ confirmed }) => !confirmed)).toBe(true);
  });

  it('with one call loses that call only', async () => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'permission', times: 10, reply: { status: 403 } });
    const drafts = await gather('alert-details');
    expect(facts(drafts, 'gap')).toEqual([
      {
        kind: 'gap',
        missing: 'what the asset may do in its cloud',
        reason: expect.stringMatching(/403; check the read credential and its permissions/),
      },
    ]);
    expect(facts(drafts, 'ownership')).toHaveLength(1);
    expect(facts(drafts, 'confirmation').every(({ confirmed }) => confirmed)).toBe(true);
  });

  it.each<[string, object, string]>([
    ['an asset the inventory does not have', { data: { asset: null } }, 'the inventory has no such asset'],
    [
      'half an answer',
      { data: { asset: { id: 'x' } }, errors: [{ message: 'no' }] },
      'the answer came with an error: no',
    ],
  ])('%s is told', async (_name, body, reason) => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'uai', reply: { status: 200, body: JSON.stringify(body) } });
    expect(facts(await gather('vulnerabilities'), 'gap')).toMatchObject([{ reason }]);
  });

  it('a record that names no asset is told, and what cannot be searched by name', async () => {
    const { resource, ...alert } = firstRecord();
    const body = {
      ...alert,
      resource: { ...resource, unifiedAssetId: '', rrn: '', cloudType: 'gcp', regionId: 'us-central1' },
    };
    on.server.misbehave({ system: 'prisma-cloud', path: 'alert/', reply: { status: 200, body: JSON.stringify(body) } });
    expect(facts(await gather('alert-details', story().slice(0, 1)), 'gap').map(({ reason }) => reason)).toEqual([
      'the record of the alert names no asset id',
      'only AWS instances, functions and IAM resources can be searched by name',
    ]);
  });

  it('a secret that is missing is a gap too', async () => {
    on.secrets.unavailable = true;
    const drafts = await gather('alert-details');
    expect(facts(drafts, 'confirmation')).toMatchObject([{ confirmed: false }, { confirmed: false }]);
    expect(facts(drafts, 'gap')[0]?.reason).toContain('parapet/prisma-cloud/read');
  });

  it('with no time left nothing is asked', async () => {
    const drafts = await gather('alert-details', story(), 2_000);
    expect(on.received()).toEqual([]);
    expect(facts(drafts, 'confirmation')).toMatchObject([{ confirmed: false }, { confirmed: false }]);
  });
});

describe('the rules analyst', () => {
  it('makes of it a misconfiguration with its exposure, its rights and its advice, and no action', async () => {
    const analysis = analyseByRules(await packOf(story()));
    expect(analysis).toMatchObject({ verdict: 'misconfiguration', severity: 'critical', outcome: 'analysed' });
    expect(analysis.headline).toBe(
      'Misconfiguration of host batch-reports: reachable from the internet and reports-maintenance has administrator rights',
    );
    expect(analysis.actions.every(({ action }) => action.startsWith('advice.'))).toBe(true);
    const text = JSON.stringify(analysis);
    expect(text).toMatch(/host batch-reports can be reached from the internet on ports 22\/tcp/);
    expect(text).toMatch(/Session Manager/);
    const told = analysis.narrative.map(({ text: sentence }) => sentence).join('\n');
    expect(told).toContain('assumed-role/reports-deploy/ci called AuthorizeSecurityGroupIngress of ec2.amazonaws.com');
    expect(told).toContain('of CIS v1.4.0 (AWS) is not met');
    expect(told).toContain(
      'The vendor also reports "AWS EC2 instance not configured with Instance Metadata Service v2',
    );
    expect(told).toContain('belongs to payments-team');
  });

  it('never calls an incident on a workload a misconfiguration', async () => {
    const text = fixtureText('push/batch.json');
    const made = normalize(text, deliveryOf(text));
    const [, incident] = made.ok ? made.findings : [];
    if (incident === undefined) throw new Error('no incident');
    expect(incident.finding.finding_info.types?.[0]).toBe('cryptoMiner');
    // The tenant of this scenario does not know it: an alert nobody confirms is not judged at all.
    expect(analyseByRules(await packOf([incident])).verdict).toBe('undetermined');
  });
});

function firstRecord(): { readonly resource: object } {
  const [first]: { readonly resource: object }[] = JSON.parse(scenarioText('prisma-cloud/alerts.json'));
  if (first === undefined) throw new Error('no alert');
  return first;
}
