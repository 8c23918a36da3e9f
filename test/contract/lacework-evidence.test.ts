import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CWPP_PARTS, type CwppPart } from '../../connectors/cwpp/evidence-source.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import type { FactKind, FactOf } from '../../domain/evidence/fact.ts';
import { composePack, type EvidenceDraft, type EvidencePart, evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { type Account, AROUND, MID, NOW, startAccount } from './lacework-account.ts';
import { findingIn, fixture, fixtureText, storyText } from './lacework-fixtures.ts';

let on: Account;
beforeEach(async () => {
  on = await startAccount();
});
afterEach(() => on.close());

const login = findingIn(storyText('events/suspicious-login.json'), 'event-bus');
const compromised = findingIn(storyText('events/compromised-host.json'), 'event-bus');
const HOST = 'build-agent-3.ci.example.com';

function facts<K extends FactKind>(drafts: readonly EvidenceDraft[], kind: K): FactOf<K>[] {
  const isKind = (fact: EvidenceDraft['fact']): fact is FactOf<K> => fact.kind === kind;
  return drafts.map(({ fact }) => fact).filter(isKind);
}

async function drafts(part: CwppPart, findings: readonly NormalizedFinding[] = [login, compromised]) {
  const gathered = await on.gather(part, findings);
  for (const draft of gathered.drafts) expect(evidenceDraftSchema.parse(draft)).toEqual(draft);
  return gathered.drafts;
}

/** The same alert with something of it changed. */
function changed(found: NormalizedFinding, change: Partial<NormalizedFinding>): NormalizedFinding {
  return { ...found, ...change };
}

describe('the confirmation', () => {
  it('is a yes when Lacework has the alert, under its name and about its host', async () => {
    expect(facts(await drafts('alert-details'), 'confirmation')).toEqual([
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: '402131',
        answerable: { vendor: 'lacework', kind: 'alert', id: '402131' },
        reason: 'Lacework has alert 402131 "Potentially Compromised Host" of severity Critical',
      },
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: '402118',
        answerable: { vendor: 'lacework', kind: 'alert', id: '402118' },
        reason: 'Lacework has alert 402118 "Suspicious Login" of severity High',
      },
    ]);
  });

  it('is a yes for a webhook, which gives nothing but title and number', async () => {
    const found = findingIn(storyText('events/compromised-host.webhook.json'));
    expect(facts(await drafts('alert-details', [found]), 'confirmation')).toMatchObject([{ confirmed: true }]);
  });

  const forged: readonly (readonly [string, NormalizedFinding, RegExp])[] = [
    [
      'an alert that is not there',
      changed(compromised, { readBack: { ...compromised.readBack, alertId: '999999' } }),
      /has no alert 999999/,
    ],
    [
      'a real number under another name',
      changed(compromised, { readBack: { alertId: '402131', title: 'New Violations', type: 'NewViolations' } }),
      /is "Potentially Compromised Host"/,
    ],
    [
      'a real number with another host',
      changed(compromised, { workload: { kind: 'host', host: 'payments-db-1', instanceId: 'i-0123456789abcdef9' } }),
      /is about build-agent-3\.ci\.example\.com.*, not about payments-db-1/,
    ],
    [
      "a real number with a pod of the sender's choice",
      changed(compromised, {
        workload: {
          kind: 'pod',
          cluster: 'prod-eks',
          namespace: 'payments',
          pod: 'checkout-6d9f7c5b8d-x2x9q',
          controller: 'checkout',
        },
      }),
      /does not name pod payments\/checkout-6d9f7c5b8d-x2x9q in cluster prod-eks/,
    ],
    [
      'strings that are not ours',
      changed(compromised, { readBack: { alertId: '../../Policies' } }),
      /without what is needed/,
    ],
  ];
  it.each(forged)('is a no for %s', async (_what, found, reason) => {
    expect(facts(await drafts('alert-details', [found]), 'confirmation')).toEqual([
      { kind: 'confirmation', confirmed: false, reason: expect.stringMatching(reason) },
    ]);
  });

  it('is a yes for a pod the observations name, which is where the exact pod stands', async () => {
    const found = findingIn(fixtureText('synthetic/eventbridge-app-bad-ip-container.json'), 'event-bus');
    const alert = {
      alertId: 318842,
      alertName: 'New External Client Bad IP',
      alertType: 'NewExternalClientBadIp',
      severity: 'Critical',
      startTime: '2026-03-17T02:00:00.000Z',
    };
    on.sandbox.add('Alerts', alert);
    const observation = Object(fixture('api/alert-observation-timeline.json')).data[0];
    const pod = { cluster_id: 'prod-eks', pod_name: 'api-7d9f8c6b5-x2x4q', pod_namespace: 'shop' };
    observation.entities[4].entity_key = pod;
    const reply = { status: 200, body: JSON.stringify({ data: [observation] }) };
    // Details come first; the second call to the alert is its observations.
    on.server.misbehave({
      system: 'lacework',
      path: 'Alerts/318842$',
      reply: { status: 200, body: JSON.stringify({ data: alert }) },
    });
    on.server.misbehave({ system: 'lacework', path: 'Alerts/318842$', reply });
    const read = await drafts('alert-details', [found]);
    expect(facts(read, 'confirmation')).toMatchObject([{ confirmed: true }]);
    expect(facts(read, 'alert').flatMap(({ techniques }) => techniques)).toContain('T1018');
    expect(read.flatMap(({ entities }) => entities)).toContainEqual({
      kind: 'pod',
      canonical: 'prod-eks/shop/api-7d9f8c6b5-x2x4q',
      label: 'shop/api-7d9f8c6b5-x2x4q',
    });
  });

  it.each([401, 403, 429, 500])('is a no, with a gap, when Lacework answers %i', async (status) => {
    on.server.misbehave({ system: 'lacework', path: 'Alerts', times: 50, reply: { status } });
    const read = await drafts('alert-details', [compromised]);
    expect(facts(read, 'confirmation')).toMatchObject([{ confirmed: false }]);
    expect(facts(read, 'gap').length).toBeGreaterThan(0);
  });

  it('of every alert comes before any enrichment, and enrichment ends first', async () => {
    const few = await startAccount({ callsPerHour: 3 });
    const { drafts: read } = await few.gather('alert-details', [login, compromised]);
    expect(facts(read, 'confirmation').map(({ confirmed }) => confirmed)).toEqual([true, true]);
    expect(facts(read, 'gap').map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(/used up; what is left of it is for confirmations/),
    );
    await few.close();
  });
});

describe('the surroundings of the alert', () => {
  it('are the observations with their ATT&CK ids, the questions and the related alert', async () => {
    const read = await drafts('alert-details');
    expect(facts(read, 'alert').flatMap(({ techniques }) => techniques)).toEqual([
      'T1078',
      'T1021.004',
      'T1059.004',
      'T1071',
    ]);
    expect(facts(read, 'related-finding').map(({ title }) => title)).toEqual([
      'Has the user logged in from this address in the last 60 days? No',
      'Has the host connected to this address in the last 60 days? No',
      'Suspicious Login',
    ]);
  });

  it('of a posture alert are the control and its resource, in the words of the policy', async () => {
    const event = Object(fixture('eventbridge/new-violations-s3-public-read.json'));
    const found = findingIn(JSON.stringify(event), 'event-bus');
    const entityMap = event.detail.EVENT_DETAILS.data[0].ENTITY_MAP;
    on.sandbox.add('Alerts', {
      alertId: 45332,
      alertName: 'New Violations',
      alertType: 'NewViolations',
      severity: 'High',
      derivedFields: { sub_category: 'Compliance' },
      entityMap,
    });
    const read = await drafts('alert-details', [found]);
    expect(read.filter(({ fact, trust }) => fact.kind === 'alert' && trust === 'vendor')).toMatchObject([
      { fact: { category: 'Compliance: NewViolations', message: 'New Violations' } },
    ]);
    expect(facts(read, 'compliance')).toEqual([
      {
        kind: 'compliance',
        control: "LW_S3_1 Ensure the S3 bucket ACL does not grant 'Everyone' READ permission [list S3 objects]",
        passed: false,
        reason: 'LW_S3_1_ReadAccessGranted (arn:aws:s3:::lacework-remediation-test)',
      },
    ]);
  });
});

describe('the other parts', () => {
  it('give who logged in and what ran, with parents, each process once', async () => {
    const read = await drafts('runtime-activity');
    expect(facts(read, 'process').map(({ pid, parentPid, path }) => [pid, parentPid, path])).toEqual([
      [47900, 812, '/usr/sbin/sshd'],
      [47911, 47900, '/usr/bin/bash'],
      [48105, 47911, '/usr/bin/curl'],
      [48190, 47911, '/dev/shm/.cache/agentd'],
      [48213, 48190, '/usr/bin/bash'],
    ]);
    expect(facts(read, 'api-call')).toContainEqual({
      kind: 'api-call',
      operation: 'log-in',
      service: HOST,
      principal: 'deploy',
      sourceIp: '198.51.100.99',
      succeeded: true,
      at: '2026-03-17T02:13:14.000Z',
    });
    expect(read.every(({ trust }) => trust === 'attacker_influenced')).toBe(true);
  });

  it('give peers, what the vendor knows of them, exposure and owner - and never the fragment of the agent token', async () => {
    const read = await drafts('network');
    expect(facts(read, 'connection')).toMatchObject([
      { destinationIp: '203.0.113.66', destinationPort: 8443, at: '2026-03-17T02:21:44.000Z' },
    ]);
    expect(facts(read, 'threat-intel')).toMatchObject([
      {
        indicator: '203.0.113.66',
        answers: [{ source: 'Lacework feed example-feed', verdict: 'malicious', detail: 'c2' }],
      },
    ]);
    expect(facts(read, 'exposure')).toMatchObject([{ subject: HOST, reachableFromInternet: true }]);
    expect(facts(read, 'ownership')).toMatchObject([{ team: 'build-tools-team', environment: 'production' }]);
    expect(JSON.stringify(read)).not.toContain('LwTokenShort');
  });

  it('give the vulnerabilities that are still there', async () => {
    expect(facts(await drafts('vulnerabilities'), 'vulnerability')).toEqual([
      {
        kind: 'vulnerability',
        cve: 'CVE-2024-6387',
        cvss: 8.1,
        cvssVector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H',
        severity: 'high',
        packageName: 'openssh-server',
        packageType: 'ubuntu:22.04',
        packageVersion: '1:8.9p1-3ubuntu0.7',
        fixedIn: '1:8.9p1-3ubuntu0.10',
        exploitInTheWild: false,
        exploitPublic: false,
        remote: true,
      },
    ]);
  });

  it("give each CVE of a distribution's advisory, which names them in its description only", async () => {
    on.server.misbehave({
      system: 'lacework',
      path: 'Vulnerabilities/Hosts',
      reply: { status: 200, body: fixtureText('api/vulnerabilities-hosts-search.json') },
    });
    const found = facts(await drafts('vulnerabilities'), 'vulnerability');
    expect(found.map(({ cve }) => cve)).toEqual([
      'CVE-2021-40490',
      'CVE-2021-38198',
      'CVE-2021-3753',
      'CVE-2021-3732',
      'CVE-2021-3656',
      'CVE-2021-3653',
    ]);
    expect(new Set(found.map(({ fixedIn }) => fixedIn))).toEqual(new Set(['4.14.246-187.474.amzn2']));
  });

  it('find the machine in the record of the alert when the delivery named none (a webhook)', async () => {
    const found = findingIn(storyText('events/compromised-host.webhook.json'));
    expect(facts(await drafts('runtime-activity', [found]), 'process')).toHaveLength(5);
  });

  it('say what is missing when nothing names a machine', async () => {
    const found = changed(login, {
      readBack: { alertId: '1' },
      workload: { kind: 'resource', resourceType: 'x', name: 'y' },
    });
    expect(facts(await drafts('runtime-activity', [found]), 'gap')).toMatchObject([
      { missing: 'the activity of the workload' },
    ]);
  });

  it.each(CWPP_PARTS)('%s ends in gaps and never throws when everything fails, hangs or lies', async (part) => {
    const limits = { http: { timeoutMs: 50, maxAnswerBytes: 10_000, attempts: 1, maxWaitMs: 10 } };
    const replies = [
      { status: 500 },
      { status: 200, body: 'x' },
      { status: 200, body: '{"data":[{"mid":{}}]}' },
      { hangMs: 30_000 },
      { cutAfterBytes: 10 },
    ];
    for (const reply of replies) {
      on.server.misbehave({ system: 'lacework', path: '^/api/v2/(?!access)', times: 6, reply });
      const { drafts: read } = await on.gather(part, [login, compromised], limits);
      expect(read.length).toBeGreaterThan(0);
    }
  });

  it('share answers: all four together cost this many calls of each functionality', async () => {
    for (const part of CWPP_PARTS) await on.gather(part, [login, compromised]);
    const counts: Record<string, number> = {};
    for (const call of on.received())
      counts[call.replace(/\d{6}/, '{id}')] = (counts[call.replace(/\d{6}/, '{id}')] ?? 0) + 1;
    expect(counts).toEqual({
      'POST access/tokens': 1,
      'GET Alerts/{id}': 5,
      'POST Entities/Processes/search': 1,
      'POST Activities/UserLogins/search': 1,
      'POST Activities/ChangedFiles/search': 1,
      'POST Vulnerabilities/Hosts/search': 1,
      'POST Activities/Connections/search': 1,
      'POST Activities/DNSs/search': 1,
      'POST Entities/Machines/search': 1,
    });
  });
});

describe('hostile records', () => {
  it('of any shape give valid drafts or none', async () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(-1, 1e308, '‮gnp', '0001-01-01T00:00:00Z', '203.0.113.1'),
    );
    const names = [
      'mid',
      'pid',
      'ppid',
      'cmdline',
      'exePath',
      'username',
      'activityTime',
      'startTime',
      'sourceIpAddr',
      'dstEntityId',
      'fqdn',
      'filePath',
      'vulnId',
      'featureKey',
      'fixInfo',
      'entityMap',
      'entities',
      'formalTags',
      'machineTags',
      'hostname',
      'alertId',
      'alertName',
      'cveProps',
    ];
    const row = fc.dictionary(fc.constantFrom(...names), value);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 4 }), fc.constantFrom(...CWPP_PARTS), async (rows, part) => {
        const hostile = await startAccount();
        const body = JSON.stringify({ data: rows.map((one) => ({ mid: MID, startTime: AROUND.from, ...one })) });
        hostile.server.misbehave({
          system: 'lacework',
          path: '^/api/v2/(?!access|Alerts/402131)',
          times: 20,
          reply: { status: 200, body },
        });
        const { drafts: read } = await hostile.gather(part, [login, compromised]);
        await hostile.close();
        for (const draft of read) expect(evidenceDraftSchema.safeParse(draft).success).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the sample story', () => {
  it('is a confirmed reverse shell that came by a log-in, and its analysis says so', async () => {
    const parts: EvidencePart[] = [];
    for (const part of CWPP_PARTS) {
      const { drafts: read, cost } = await on.gather(part, [login, compromised]);
      parts.push({ part, gatheredAt: new Date(NOW).toISOString(), drafts: [...read], cost });
    }
    const pack = composePack({
      incidentId: 'inc-1',
      workload: compromised.workload,
      vendorSeverity: 'critical',
      parts,
    });
    const analysis = analyseByRules(pack);
    expect(analysis).toMatchObject({
      verdict: 'malicious',
      severity: 'critical',
      headline: expect.stringContaining('Reverse shell in host build-agent-3.ci.example.com'),
    });
    expect(analysis.actions).toMatchObject([
      {
        action: 'advice.investigate',
        urgency: 'immediate',
        rationale: expect.stringMatching(/of deploy, who logged in/),
      },
    ]);
    expect(analysis.narrative.map(({ text }) => text).join('\n')).toMatch(
      /was started by 48190 \/dev\/shm\/\.cache\/agentd .*\/usr\/sbin\/sshd/,
    );
  });
});
