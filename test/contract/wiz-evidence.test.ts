import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CwppPart } from '../../connectors/cwpp/evidence-source.ts';
import { isRemote } from '../../connectors/cwpp/wiz/evidence/vulnerabilities.ts';
import { wizEvidence } from '../../connectors/cwpp/wiz/evidence.ts';
import { confirmationOf } from '../../domain/analysis/confirmation.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import type { FactKind, FactOf } from '../../domain/evidence/fact.ts';
import { composePack, type EvidenceDraft, evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { findingsOf, story } from './wiz-fixtures.ts';
import { DETECTION_ID, EVENT_ID, ISSUE_ID, startTenant, type WizTenant } from './wiz-tenant.ts';

const GATHERED = '2025-11-03T14:27:00.000Z';
const IMAGE = `111122223333.dkr.ecr.us-east-1.amazonaws.com/documents/pdf-renderer@sha256:${'7b'.repeat(32)}`;
const CONTAINER = 'k8s/container/5b0c7f1e2d3a/documents/pdf-renderer-7c9d8b6f54-q8w2z/pdf-renderer';

let on: WizTenant;
beforeEach(async () => {
  on = await startTenant();
});
afterEach(() => on.close());

const escapeOnly = () => findingsOf(story('detection-escape'));
const all = () => findingsOf(story('detection-token'), story('detection-escape'), story('issue'));

async function gather(
  part: CwppPart,
  findings: readonly NormalizedFinding[],
  options: { readonly tenant?: WizTenant; readonly left?: number } = {},
): Promise<readonly EvidenceDraft[]> {
  const tenant = options.tenant ?? on;
  const source = wizEvidence({
    wiz: (maxMilliseconds) => tenant.client({ limits: { maxMilliseconds } }),
    now: () => new Date(GATHERED),
  });
  const deadline = new Date(Date.parse(GATHERED) + (options.left ?? 60_000));
  const { drafts, cost } = await source.gather(part, findings, deadline);
  for (const draft of drafts) expect(evidenceDraftSchema.parse(draft)).toEqual(draft);
  expect(cost.calls).toBe(tenant.operations().length);
  return drafts;
}

function facts<K extends FactKind>(drafts: readonly EvidenceDraft[], kind: K): FactOf<K>[] {
  const isKind = (fact: EvidenceDraft['fact']): fact is FactOf<K> => fact.kind === kind;
  return drafts.map(({ fact }) => fact).filter(isKind);
}

describe('alert details', () => {
  it('confirm detection and issue by their ids, resource and cluster', async () => {
    const drafts = await gather('alert-details', all());
    expect(facts(drafts, 'confirmation')).toEqual([
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: 'c41a9e07-2f66-5d18-8b7a-3e9d5f6a0002',
        answerable: { vendor: 'wiz', kind: 'issue', id: ISSUE_ID },
        reason:
          'Wiz has detection c41a9e07-2f66-5d18-8b7a-3e9d5f6a0002 of rule Kubernetes service account token was read and sent out of the container on the same resource',
      },
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: DETECTION_ID,
        answerable: { vendor: 'wiz', kind: 'issue', id: ISSUE_ID },
        reason: `Wiz has detection ${DETECTION_ID} of rule Container escape using nsenter was detected on the same resource`,
      },
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: ISSUE_ID,
        answerable: { vendor: 'wiz', kind: 'issue', id: ISSUE_ID },
        reason: `Wiz has issue ${ISSUE_ID} (OPEN) on pdf-renderer`,
      },
    ]);
    expect(facts(drafts, 'gap')).toEqual([]);
  });

  it('hold its owner, its other issue, and the AI as an opinion', async () => {
    const drafts = await gather('alert-details', escapeOnly());
    expect(facts(drafts, 'ownership')).toEqual([
      {
        kind: 'ownership',
        subject: 'pdf-renderer',
        team: 'documents-team',
        environment: 'production',
        criticality: 'HBI',
        tags: { app: 'pdf-renderer', team: 'documents-team', environment: 'production' },
      },
    ]);
    expect(facts(drafts, 'related-finding').map(({ title, category }) => [title.slice(0, 60), category])).toEqual([
      ['Privileged container is reachable from the internet', 'TOXIC_COMBINATION'],
      ["Opinion of Wiz's AI analysis: MALICIOUS, confidence HIGH: An", 'AI opinion of the vendor'],
    ]);
    const opinion = drafts.find(({ fact }) => fact.kind === 'related-finding' && fact.category.startsWith('AI'));
    expect(opinion?.trust).toBe('attacker_influenced');
  });

  it('tell what the record says where the body says less - severity is only ever raised', async () => {
    const body = { ...story('detection-escape'), severity: 'LOW', mitreTechniques: null, mitreTactics: null };
    const drafts = await gather('alert-details', findingsOf(body));
    expect(facts(drafts, 'alert').map(({ severity, techniques, message }) => [severity, techniques, message])).toEqual([
      ['low', [], 'The program /usr/bin/nsenter entered the namespaces of process 1 of the host'],
      [
        'critical',
        ['T1611'],
        'The program /usr/bin/nsenter entered the namespaces of process 1 of the host from pdf-renderer',
      ],
    ]);
  });

  it('do not tell the same twice', async () => {
    expect(facts(await gather('alert-details', all()), 'alert')).toHaveLength(3);
  });

  const detection = story('detection-escape');
  const issue = story('issue');
  const resource = issue['resource'];
  const forged: readonly (readonly [string, unknown, RegExp])[] = [
    [
      'a detection that Wiz does not have',
      { ...detection, id: 'f0000000-0000-0000-0000-000000000000' },
      /Wiz has no detection f0/,
    ],
    [
      'an issue that Wiz does not have',
      { ...issue, issue: { id: 'nope', severity: 'CRITICAL' } },
      /Wiz has no issue nope/,
    ],
    [
      'a real detection beside another pod',
      JSON.stringify(detection).replaceAll('q8w2z', 'zzzzz'),
      /but it is about another pod/,
    ],
    [
      'a real issue beside another namespace',
      { ...issue, resource: { ...Object(resource), id: 'k8s/pod/x/payments/checkout', externalId: '' } },
      /but it is about another pod/,
    ],
    [
      'a real issue beside another cluster',
      { ...issue, resource: { ...Object(resource), kubernetesClusterName: 'stage-eks' } },
      /but it does not say that the cluster is stage-eks/,
    ],
    [
      'a real issue beside another account',
      { ...issue, resource: { ...Object(resource), subscriptionId: '999999999999' } },
      /but it is about another account/,
    ],
    [
      'a real issue beside a virtual machine',
      {
        ...issue,
        resource: {
          name: 'jump-host',
          type: 'virtualMachine',
          id: 'arn:aws:ec2:us-east-1:111122223333:instance/i-0abc0def012345678',
        },
      },
      /but it is about another resource/,
    ],
  ];
  it.each(forged)('do not confirm %s - a webhook is a hint', async (_what, body, reason) => {
    const drafts = await gather('alert-details', findingsOf(body));
    expect(facts(drafts, 'confirmation')).toEqual([
      { kind: 'confirmation', confirmed: false, reason: expect.stringMatching(reason) },
    ]);
  });

  it('show one forged alert among real ones, so that the incident stays unconfirmed', async () => {
    const findings = [...all(), ...findingsOf({ ...detection, id: 'f0000000-0000-0000-0000-000000000000' })];
    const drafts = [...(await gather('alert-details', findings))];
    const part = {
      part: 'alert-details' as const,
      gatheredAt: GATHERED,
      drafts,
      cost: { calls: 0, bytes: 0, milliseconds: 0 },
    };
    const [first] = findings;
    if (!first) throw new Error('no finding');
    const pack = composePack({ incidentId: 'i', workload: first.workload, vendorSeverity: 'critical', parts: [part] });
    expect(confirmationOf(pack)).toMatchObject({ any: true, all: false });
  });

  it('confirm nothing when Wiz cannot be asked, and say why', async () => {
    on.server.misbehave({ system: 'wiz', path: '/graphql', times: 100, reply: { status: 403, body: '{}' } });
    const drafts = await gather('alert-details', escapeOnly());
    expect(facts(drafts, 'confirmation')).toMatchObject([
      { confirmed: false, reason: expect.stringMatching(/answered 403/) },
    ]);
    expect(facts(drafts, 'gap')[0]?.reason).toMatch(/check the service account and its scopes/);
  });

  it('confirm nothing when there is no time left', async () => {
    const drafts = await gather('alert-details', escapeOnly(), { left: 1_000 });
    expect(facts(drafts, 'confirmation')).toMatchObject([
      { confirmed: false, reason: 'the budget of 0 ms is used up' },
    ]);
  });
});

describe('runtime activity', () => {
  it('is the process tree with parents, users and the container, read from the events', async () => {
    const drafts = await gather('runtime-activity', escapeOnly());
    const node = {
      kind: 'process',
      pid: 1,
      path: '/usr/local/bin/node',
      commandLine: 'node /app/server.js',
      user: 'root',
      startedAt: '2025-11-02T16:40:13.000Z',
    };
    expect(facts(drafts, 'process')).toEqual([
      {
        kind: 'process',
        pid: 4127,
        parentPid: 4119,
        path: '/usr/bin/nsenter',
        commandLine: 'nsenter --target 1 --mount --uts --ipc --net --pid -- /bin/sh -c id',
        user: 'root',
        startedAt: '2025-11-03T14:22:31.006Z',
      },
      {
        kind: 'process',
        pid: 4119,
        parentPid: 1,
        path: '/bin/sh',
        commandLine: '/bin/sh -i',
        user: 'root',
        startedAt: '2025-11-03T14:21:48.117Z',
      },
      node,
    ]);
    expect(facts(drafts, 'container')).toEqual([
      {
        kind: 'container',
        name: 'pdf-renderer',
        containerId: CONTAINER,
        image: IMAGE,
        imageDigest: `sha256:${'7b'.repeat(32)}`,
        listeningPorts: [],
      },
    ]);
    expect(facts(drafts, 'cloud-identity')).toEqual([
      {
        kind: 'cloud-identity',
        name: 'pdf-renderer',
        identityKind: 'ServiceAccount',
        account: '111122223333',
        permissions: [],
        admin: false,
        highPrivileges: true,
        basis: 'the actor of the detection, as Wiz rates it',
      },
    ]);
    expect(facts(drafts, 'gap')).toEqual([]);
  });

  it('of an issue is that of all its detections', async () => {
    const drafts = await gather('runtime-activity', findingsOf(story('issue')));
    expect(new Set(facts(drafts, 'process').map(({ pid }) => pid))).toEqual(new Set([4127, 4123, 4119, 1]));
  });

  it('says what the sensor did by itself, so that nobody contains what is contained', async () => {
    const blocking = await startTenant({
      change: (scenario) => ({
        ...scenario,
        cloudEvents: scenario.cloudEvents.map((event) =>
          JSON.parse(
            JSON.stringify(event).replaceAll(
              '"enforcementResult":null',
              '"enforcementResult":{"action":"TERMINATE_PROCESS"}',
            ),
          ),
        ),
      }),
    });
    try {
      const drafts = await gather('runtime-activity', escapeOnly(), { tenant: blocking });
      expect(facts(drafts, 'related-finding')[0]).toMatchObject({
        uid: EVENT_ID,
        title: 'The Runtime Sensor responded with TERMINATE_PROCESS',
      });
    } finally {
      await blocking.close();
    }
  });
});

describe('vulnerabilities', () => {
  it('have score, fix, exploit knowledge, package kind and image; posture and frameworks stand beside them', async () => {
    const drafts = await gather('vulnerabilities', all());
    expect(
      facts(drafts, 'vulnerability').map(({ cve, remote, exploitInTheWild, exploitPublic, packageType }) => [
        cve,
        remote,
        exploitInTheWild,
        exploitPublic,
        packageType,
      ]),
    ).toEqual([
      ['CVE-2023-4911', false, true, true, 'operating-system'],
      ['CVE-2022-29078', true, false, true, 'nodejs'],
      ['CVE-2024-37890', true, false, false, 'nodejs'],
    ]);
    expect(facts(drafts, 'vulnerability')[1]).toMatchObject({
      cvss: 9.8,
      fixedIn: '3.1.7',
      imageDigest: `sha256:${'7b'.repeat(32)}`,
    });
    expect(facts(drafts, 'compliance')).toEqual([
      {
        kind: 'compliance',
        control: 'Pod should not run privileged containers',
        framework: 'CIS EKS 1.2.0',
        passed: false,
        reason: 'it is privileged: true, it should be privileged: false (severity HIGH)',
      },
      {
        kind: 'compliance',
        control: 'every subcategory that is assessed in its projects',
        framework: 'Kubernetes Pod Security Standards (Restricted)',
        passed: false,
        reason: '13 subcategories pass and 8 fail, average posture 0.62',
      },
    ]);
  });

  it.each([
    [3.9, true],
    [2.9, true],
    [2.8, false],
    [1.8, false],
    [8.6, true],
    [6.4, false],
    [undefined, false],
  ])('with exploitability %j can be attacked over the network: %j', (score, remote) => {
    expect(isRemote(score)).toBe(remote);
  });
});

describe('network', () => {
  it('holds exposure, the way in, rights, and where the process connected to', async () => {
    const drafts = await gather('network', findingsOf(story('detection-token')));
    expect(facts(drafts, 'connection')).toEqual([
      {
        kind: 'connection',
        direction: 'outbound',
        destinationIp: '198.51.100.23',
        destinationPort: 443,
        at: '2025-11-03T14:22:05.420Z',
      },
    ]);
    expect(
      facts(drafts, 'exposure').map(({ reachableFromInternet, ports, path }) => [reachableFromInternet, ports, path]),
    ).toEqual([
      [true, ['443'], ['documents-public', 'pdf-renderer']],
      [true, ['443'], []],
    ]);
    expect(facts(drafts, 'cloud-identity')[0]).toMatchObject({
      name: 'pdf-renderer',
      highPrivileges: true,
      permissions: [
        'lateral movement: pdf-renderer to arn:aws:iam::111122223333:role/pdf-renderer to customer-documents',
      ],
    });
  });

  it('never holds the environment variables of a container - they can be secrets', async () => {
    for (const part of ['alert-details', 'runtime-activity', 'vulnerabilities', 'network'] as const) {
      const tenant = await startTenant();
      try {
        expect(JSON.stringify(await gather(part, all(), { tenant }))).not.toMatch(
          /not-for-anybody|NOT_FOR_ANYBODY|"env"/i,
        );
      } finally {
        await tenant.close();
      }
    }
  });

  it('of a posture issue runs the issue’s own graph query, unchanged', async () => {
    const posture = {
      issue: { id: '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0002', severity: 'HIGH', type: 'TOXIC_COMBINATION' },
      resource: story('issue')['resource'],
    };
    const drafts = await gather('network', findingsOf(posture));
    expect(facts(drafts, 'exposure').find(({ basis }) => basis.startsWith('evidence graph'))).toMatchObject({
      path: ['pdf-renderer (CONTAINER)', 'documents-public (LOAD_BALANCER)'],
    });
  });
});

describe('an old tenant', () => {
  it('loses only what needs the newer fields: each is a gap, and the rest is there', async () => {
    const old = await startTenant({ tenant: '2023' });
    try {
      const drafts = await gather('vulnerabilities', all(), { tenant: old });
      expect(facts(drafts, 'vulnerability')).toHaveLength(3);
      expect(facts(drafts, 'gap').map(({ missing }) => missing)).toEqual([
        'exploitability scores of the vulnerabilities',
      ]);
    } finally {
      await old.close();
    }
  });

  it('cannot confirm a pod whose cluster it does not name, and says so', async () => {
    const old = await startTenant({ tenant: '2023' });
    try {
      const drafts = await gather('alert-details', findingsOf(story('issue')), { tenant: old });
      expect(facts(drafts, 'confirmation')).toMatchObject([
        { confirmed: false, reason: expect.stringMatching(/does not say that the cluster is prod-eks/) },
      ]);
    } finally {
      await old.close();
    }
  });
});

describe('the rules analyst', () => {
  it('calls the story malicious and tells the escape, the token and who started it', async () => {
    const parts = [];
    for (const part of ['alert-details', 'runtime-activity', 'vulnerabilities', 'network'] as const) {
      const tenant = await startTenant();
      const drafts = [...(await gather(part, all(), { tenant }))];
      await tenant.close();
      parts.push({ part, gatheredAt: GATHERED, drafts, cost: { calls: 0, bytes: 0, milliseconds: 0 } });
    }
    const [first] = all();
    if (!first) throw new Error('no finding');
    const pack = composePack({ incidentId: 'i', workload: first.workload, vendorSeverity: 'critical', parts });
    const analysis = analyseByRules(pack);
    expect(analysis).toMatchObject({ verdict: 'malicious', severity: 'critical' });
    expect(analysis.headline).toMatch(/^Container escape in documents\/pdf-renderer in prod-eks/);
    expect(analysis.techniques.map(({ id }) => id)).toEqual(expect.arrayContaining(['T1528', 'T1611', 'T1059.004']));
    const told = analysis.narrative.map(({ text }) => text).join('\n');
    expect(told).toMatch(/nsenter.*it leaves its container for the host/);
    expect(told).toMatch(/was started by 4119 \/bin\/sh .*, which was started by 1 \/usr\/local\/bin\/node/);
  });
});
