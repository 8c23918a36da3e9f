import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  detectionFindingSchema,
  type Normalization,
  normalizedFindingSchema,
} from '../../../domain/ocsf/detection-finding.ts';
import { MESSAGE_CAP } from '../../../domain/ocsf/text.ts';
import { deliveryOf, fixture, ocsfErrors } from '../../../test/contract/prisma-cloud-compute-fixtures.ts';
import { normalize } from './map.ts';

type Body = Record<string, unknown>;
const RECEIVED = '2025-10-14T12:00:00.000Z';

function body(name: string): Body {
  const value = fixture(`push/${name}`);
  if (typeof value !== 'object' || value === null) throw new Error(`${name} is no object`);
  return { ...value };
}
const container = (): Body => body('container-cryptominer.default-template.json');
const incident = (): Body => body('incident-cryptominer.template-v1.json');

function read(value: unknown, receivedAt = RECEIVED): Normalization {
  return normalize(value, deliveryOf('raw', receivedAt));
}

function findings(value: unknown, receivedAt = RECEIVED) {
  const made = read(value, receivedAt);
  if (!made.ok) throw new Error(made.reason);
  return made.findings;
}

function only(value: unknown, receivedAt = RECEIVED) {
  const [first, ...rest] = findings(value, receivedAt);
  if (!first || rest.length > 0) throw new Error('expected one finding');
  return first;
}

function notes(value: unknown): readonly string[] {
  const made = read(value);
  return made.ok ? made.notes : [made.reason];
}

/** Valid findings or a sentence; nothing else is an answer. */
function expectAnswer(made: Normalization): void {
  if (!made.ok) {
    expect(made.reason.length).toBeGreaterThan(10);
    expect(made.reason).not.toMatch(/Invalid input|expected nonoptional|undefined/);
    return;
  }
  for (const found of made.findings) {
    expect(ocsfErrors(found.finding)).toEqual([]);
    expect(normalizedFindingSchema.safeParse(found).success).toBe(true);
    // Nothing is written that the contract would strip.
    expect(detectionFindingSchema.parse(found.finding)).toEqual(found.finding);
    expect(JSON.stringify(found).length).toBeLessThan(400_000);
  }
}

describe('type', () => {
  it.each(['containerRuntime', 'ContainerRuntime', 'Container Runtime', 'container-runtime', ' CONTAINER RUNTIME '])(
    'is compared without case and spaces: %j, because documentation and API spell it differently',
    (type) => {
      expect(only({ ...container(), type }).finding.metadata.event_code).toBe('containerRuntime');
    },
  );

  it('does not change the deduplication key with its spelling', () => {
    expect(only({ ...container(), type: 'Container Runtime' }).deduplicationKey).toBe(
      only(container()).deduplicationKey,
    );
  });
});

describe('severity', () => {
  const severityOf = (category: string, more: Body = {}) => only({ ...container(), category, ...more }).severity;

  it.each([
    ['cryptoMinerProcess', 'high'],
    ['Crypto Miner Process', 'high'],
    ['reverseShell', 'critical'],
    ['malwareFileFeed', 'high'],
    ['unexpectedProcess', 'medium'],
  ])('of category %s is %s', (category, severity) => {
    expect(severityOf(category)).toBe(severity);
  });

  it('of a category the vendor added later is medium, and says so', () => {
    expect(severityOf('quantumMiner')).toBe('medium');
    expect(notes({ ...container(), category: 'quantumMiner' })).toEqual([
      'category "quantumMiner" is not known here; severity medium stands in',
    ]);
  });

  it('is raised by a severity the template sends and never lowered by it', () => {
    expect(severityOf('cryptoMinerProcess', { severity: 'critical' })).toBe('critical');
    expect(severityOf('cryptoMinerProcess', { severity: 'low' })).toBe('high');
  });

  it('of vulnerabilities is that of the worst one, critical staying critical', () => {
    const made = findings(body('vulnerability.default-template.json'));
    expect(made.map(({ severity, finding }) => [severity, finding.severity_id])).toEqual([
      ['critical', 5],
      ['high', 4],
    ]);
  });
});

describe('identity', () => {
  it('is the same for another key order and other white space - a redelivery is not a second event', () => {
    const reversed = Object.fromEntries(Object.entries(container()).reverse());
    const spaced = { ...container(), message: ` ${String(container()['message']).replaceAll(' ', ' \t ')}\n` };
    const { deduplicationKey, finding } = only(container());
    for (const again of [only(reversed), only(spaced)]) {
      expect(again.deduplicationKey).toBe(deduplicationKey);
      expect(again.finding.finding_info.uid).toBe(finding.finding_info.uid);
    }
  });

  it.each(['type', 'containerID', 'rule', 'category', 'message', 'time'])('differs when %s differs', (field) => {
    const other = field === 'type' ? 'hostRuntime' : `${String(container()[field])}1`;
    expect(only({ ...container(), [field]: other }).deduplicationKey).not.toBe(only(container()).deduplicationKey);
  });

  it('of an incident is its id alone, whatever else the second delivery says', () => {
    const again = { ...incident(), message: 'reworded', time: 'Oct 14, 2025 09:20:00 UTC' };
    expect(only(again).deduplicationKey).toBe(only(incident()).deduplicationKey);
  });

  it('does not take an unexpanded macro for an incident id - all such incidents would become one', () => {
    const made = only({ ...incident(), incidentId: '#id' });
    expect(made.finding.finding_info.uid_alt).toBeUndefined();
    expect(made.deduplicationKey).toMatch(/^prisma-cloud-compute\/alert\//);
  });

  it('does not depend on the time of receipt, even where that stands in for an unusable time', () => {
    const broken = { ...container(), time: 'Jan 1, 1970 00:00:00 UTC' };
    expect(only(broken, '2025-10-14T12:00:00.000Z').deduplicationKey).toBe(
      only(broken, '2025-10-15T12:00:00.000Z').deduplicationKey,
    );
  });

  it('keeps a hostile incident id from filling a key', () => {
    expect(only({ ...incident(), incidentId: 'x'.repeat(100_000) }).deduplicationKey.length).toBeLessThan(512);
  });
});

describe('time', () => {
  it('falls back to the time of receipt with a note when it is garbage', () => {
    const broken = { ...container(), time: 'Jan 1, 1970 00:00:00 UTC' };
    expect(only(broken).finding.time).toBe(Date.parse(RECEIVED));
    expect(notes(broken)).toEqual(['the time "Jan 1, 1970 00:00:00 UTC" is not usable; the time of receipt stands in']);
  });

  it('reads a date without a time of day as its start and looks the record up over that whole day', () => {
    const made = only({ ...container(), time: 'Oct 14, 2025 UTC' });
    expect(made.finding.time).toBe(Date.UTC(2025, 9, 14));
    expect(made.readBack).toMatchObject({ from: '2025-10-13T23:30:00.000Z', to: '2025-10-15T00:30:00.000Z' });
  });
});

describe('workload', () => {
  it('of a kubelet-named container in one cluster is its pod', () => {
    expect(only(container()).workload).toMatchObject({ kind: 'pod', cluster: 'prod-eks', controller: 'checkout' });
  });

  it('is not a pod of a cluster when the alert names two - no code may choose between them', () => {
    const made = only({ ...container(), clusters: ['prod-eks', 'test-eks'] });
    expect(made.workload.kind).toBe('container');
  });

  it('of a container named by containerd comes from the runtime labels when the vendor reports the same namespace', () => {
    const labels = { 'io.kubernetes.pod.name': 'checkout-6d9f7c5b8d-x2x9q', 'io.kubernetes.pod.namespace': 'payments' };
    const made = only({ ...container(), container: 'checkout', labels });
    expect(made.workload).toMatchObject({ kind: 'pod', pod: 'checkout-6d9f7c5b8d-x2x9q', container: 'checkout' });
  });

  it('does not believe a pod label for another namespace - an image can carry such labels', () => {
    const labels = { 'io.kubernetes.pod.name': 'victim-0', 'io.kubernetes.pod.namespace': 'kube-system' };
    expect(only({ ...container(), container: 'plain', labels }).workload.kind).toBe('container');
  });

  it('has no account when the alert names two', () => {
    expect(only({ ...container(), accountIDs: ['1', '2'] }).workload.account).toBeUndefined();
  });
});

describe('aggregated alerts', () => {
  const parts = () => findings(body('container-aggregated.template-v1.json'));

  it('are exploded into one finding each', () => {
    expect(parts().map(({ finding }) => finding.finding_info.types?.[0])).toEqual([
      'unexpectedProcess',
      'dnsQuery',
      'elfFileAccess',
      'unexpectedOutboundPort',
    ]);
    expect(new Set(parts().map(({ deduplicationKey }) => deduplicationKey)).size).toBe(4);
  });

  it('inherit where they happened but not what happened', () => {
    const [, dns] = parts();
    expect(dns?.workload).toEqual(parts()[0]?.workload);
    expect(dns?.finding.evidences?.[0]?.query).toEqual({ hostname: 'pool.example.net', type: 'A' });
    expect(dns?.finding.evidences?.[0]?.process).toBeUndefined();
    expect(dns?.finding.actor).toBeUndefined();
  });

  it('do not inherit the container of the envelope when they name their own', () => {
    expect(parts()[3]?.workload).toMatchObject({ pod: 'checkout-6d9f7c5b8d-k7m4p', containerId: '7b'.repeat(32) });
  });

  it('are all kept when they are many and when they are nested', () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({ message: `event ${index}`, category: 'dnsQuery' }));
    expect(findings({ ...container(), aggregatedAlerts: many })).toHaveLength(3001);
    let nested: Body = { message: 'deepest', category: 'dnsQuery' };
    for (let level = 0; level < 2000; level += 1) nested = { message: `level ${level}`, aggregatedAlerts: [nested] };
    expect(findings({ ...container(), aggregatedAlerts: [nested] })).toHaveLength(2002);
  });

  it('may be plain sentences', () => {
    const made = findings({ ...container(), aggregatedAlerts: ['/bin/ls launched by /bin/sh'] });
    expect(made[1]?.finding.message).toBe('/bin/ls launched by /bin/sh');
  });
});

describe('vulnerabilities', () => {
  const many = (count: number) => ({
    ...body('vulnerability.default-template.json'),
    vulnerabilities: [
      {
        imageName: 'registry.example.com:5000/shop/checkout:1',
        newVulnerabilities: [
          {
            severity: 'low',
            vulnerabilities: Array.from({ length: count }, (_, index) => ({
              cve: `CVE-2024-${10_000 + index}`,
              packages: 'a,b',
              packageVersion: '1',
            })),
          },
        ],
      },
    ],
  });

  it('of one resource become several findings above a hundred, so that each fits the store and none is lost', () => {
    const made = findings(many(250));
    expect(made.map(({ finding }) => finding.vulnerabilities?.length)).toEqual([100, 100, 50]);
    expect(new Set(made.map(({ deduplicationKey }) => deduplicationKey)).size).toBe(3);
  });

  it('have the same key in another order', () => {
    const turned = structuredClone(many(5));
    turned.vulnerabilities[0]?.newVulnerabilities[0]?.vulnerabilities.reverse();
    expect(only(turned).deduplicationKey).toBe(only(many(5)).deduplicationKey);
  });

  it('keep a registry port apart from the tag', () => {
    expect(only(many(1)).finding.resources?.[0]).toEqual({
      type: 'Image',
      uid: 'registry.example.com:5000/shop/checkout:1',
      name: 'registry.example.com:5000/shop/checkout:1',
    });
  });
});

describe('hostile input', () => {
  const wrong: readonly unknown[] = [
    null,
    true,
    false,
    0,
    -1,
    1e308,
    '',
    ' ',
    'text',
    [],
    [null],
    [[]],
    [{}],
    {},
    { a: { b: [] } },
    ['x'],
    [1],
    '\ud800',
    JSON.parse('{"__proto__": {"polluted": true}}'),
    JSON.parse('[{"__proto__": {"polluted": true}}]'),
  ];
  const templates = [
    'container-cryptominer.default-template.json',
    'incident-cryptominer.template-v1.json',
    'vulnerability.default-template.json',
    'container-aggregated.template-v1.json',
    'host-process.template-v1.json',
    'serverless-cryptominer.template-v1.json',
  ];

  it.each(templates)('in any single field of %s gives valid findings or a reason', (name) => {
    for (const field of Object.keys(body(name))) {
      for (const value of wrong) expectAnswer(read({ ...body(name), [field]: value }));
      const { [field]: _removed, ...without } = body(name);
      expectAnswer(read(without));
    }
  });

  it('of any JSON shape gives valid findings or a reason', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => expectAnswer(read(value))),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => expectAnswer(read(text))),
      { numRuns: 300 },
    );
  });

  it('mixed into real alerts in several fields at once gives valid findings or a reason', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...wrong.filter((value) => typeof value === 'string')),
    );
    const value = fc.oneof(text, text, fc.jsonValue(), fc.constantFrom(...wrong));
    const fields = Object.keys(container());
    fc.assert(
      fc.property(
        fc.constantFrom(...templates),
        fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 6 }),
        (name, changes) => expectAnswer(read({ ...body(name), ...changes })),
      ),
      { numRuns: 1500 },
    );
  });

  it('in the elements of lists gives valid findings or a reason', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.array(fc.jsonValue()), (aggregatedAlerts, vulnerabilities) => {
        expectAnswer(read({ ...container(), aggregatedAlerts }));
        expectAnswer(read({ ...body('vulnerability.default-template.json'), vulnerabilities }));
      }),
    );
  });

  it('named __proto__ pollutes nothing', () => {
    const poisoned: unknown = JSON.parse(
      JSON.stringify(container())
        .replace('{"app":"checkout"}', '{"__proto__":"x","constructor":"y"}')
        .replace('{', '{"__proto__":{"type":"incident"},'),
    );
    expectAnswer(read(poisoned));
    expect(only(poisoned).finding.metadata.event_code).toBe('containerRuntime');
    expect(({} as Body)['polluted']).toBeUndefined();
  });

  it('of a megabyte in every text is capped, the message with a marker', () => {
    const units = [
      'A',
      'a',
      '/',
      ' /',
      ':',
      '.',
      '\n',
      '1,',
      'aB',
      '/a launched by ',
      'Full command: ',
      'IP: 1.',
      'port ',
    ];
    for (const field of Object.keys(container())) {
      if (typeof container()[field] !== 'string') continue;
      for (const unit of units) expectAnswer(read({ ...container(), [field]: unit.repeat(1_000_000 / unit.length) }));
    }
    const huge = 'A'.repeat(1_000_000);
    const { finding } = only({ ...container(), message: huge });
    expect(finding.message).toHaveLength(MESSAGE_CAP);
    expect(finding.message).toMatch(/\[…cut: 1000000 characters in all\]$/);
  });

  it('of a hundred thousand labels stays small', () => {
    const labels = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 'v']));
    expectAnswer(read({ ...container(), labels }));
  });

  it('cannot choose its own link', () => {
    for (const forensics of ['javascript:alert(1)', 'file:///etc/passwd', 'https://', '//example.com']) {
      expect(only({ ...container(), forensics }).finding.finding_info.src_url).toBeUndefined();
    }
  });
});

describe('ATT&CK', () => {
  it('has the techniques the vendor documents as defaults, with tactics of the catalogue', () => {
    expect(only({ ...container(), category: 'webShell' }).finding.finding_info.attacks).toEqual([
      {
        technique: { uid: 'T1505', name: 'Server Software Component' },
        sub_technique: { uid: 'T1505.003', name: 'Web Shell' },
        tactics: [{ uid: 'TA0003', name: 'Persistence' }],
        version: '18.1',
      },
      {
        technique: { uid: 'T1105', name: 'Ingress Tool Transfer' },
        tactics: [{ uid: 'TA0011', name: 'Command and Control' }],
        version: '18.1',
      },
    ]);
  });

  it('has none where the vendor maps a word to nothing', () => {
    expect(only({ ...container(), category: 'dnsQuery' }).finding.finding_info.attacks).toBeUndefined();
  });
});
