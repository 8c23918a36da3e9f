import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFinding } from '../../connectors/cwpp/inspector/finding.ts';
import { normalize, parseRecord } from '../../connectors/cwpp/inspector/map.ts';
import { type NormalizedFinding, normalizedFindingSchema } from '../../domain/ocsf/detection-finding.ts';
import { changed, deliveryOf, detailOf, fixtureNames, fixtureText } from './aws-fixtures.ts';
import { ocsfErrors } from './ocsf-schema.ts';

function read(text: string, channel: 'event-bus' | 'poll' = 'event-bus') {
  return normalize(text, deliveryOf(text, channel));
}

function only(text: string, channel: 'event-bus' | 'poll' = 'event-bus'): NormalizedFinding {
  const made = read(text, channel);
  if (!made.ok) throw new Error(made.reason);
  const [found, ...more] = made.findings;
  if (!found || more.length > 0) throw new Error(`${made.findings.length} findings: ${made.notes.join()}`);
  return found;
}

const CRITICAL = fixtureText('inspector', 'push/ecr-critical-exploitable.json');
const SAMPLE = fixtureText('inspector', 'samples/inspector2-finding-ecr-image.json');

describe('events', () => {
  const opens: Readonly<Record<string, string>> = {
    'push/ecr-critical-exploitable.json': 'image',
    'push/ecr-critical-exploitable-other.json': 'image',
    'push/ec2-critical-exploitable.json': 'host',
    'push/lambda-critical-exploitable.json': 'function',
    'push/network-reachability.json': 'host',
    'push/code-vulnerability.json': 'function',
  };

  it.each(fixtureNames('inspector', 'push'))('%s opens an incident, or says in a note why not', (name) => {
    const made = read(fixtureText('inspector', name));
    if (!made.ok) throw new Error(made.reason);
    expect(made.findings.map(({ workload }) => workload.kind)).toEqual(opens[name] === undefined ? [] : [opens[name]]);
    if (made.findings.length === 0) expect(made.notes).not.toEqual([]);
    for (const one of made.findings) {
      expect(ocsfErrors(one.finding)).toEqual([]);
      expect(normalizedFindingSchema.parse(one)).toEqual(one);
    }
  });

  it.each<[string, RegExp]>([
    ['push/ecr-high.json', /it is not critical; it opens no incident by itself/],
    ['push/ecr-closed.json', /its status is CLOSED, so there is nothing to open/],
    ['push/ecr-suppressed.json', /its status is SUPPRESSED/],
    ['push/ecr-critical-not-in-use.json', /no running container uses the image/],
    ['push/scan-complete.json', /"Inspector2 Scan" is no finding/],
    ['samples/inspector2-finding-ecr-image.json', /it is not critical/],
  ])('%s is noted', (name, note) => {
    expect(read(fixtureText('inspector', name))).toEqual({
      ok: true,
      findings: [],
      notes: [expect.stringMatching(note)],
    });
  });

  it('without a count of uses may be in use, so they open an incident - what is not said lowers nothing', () => {
    const event = JSON.parse(CRITICAL);
    delete event.detail.resources[0].details.awsEcrContainerImage.inUseCount;
    expect(only(JSON.stringify(event)).severity).toBe('critical');
  });

  it('tell the image as clusters write it, with its digest', () => {
    expect(only(CRITICAL).workload).toEqual({
      kind: 'image',
      account: '111122223333',
      image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/billing/invoices:7.2.1',
      imageDigest: `sha256:${'5c'.repeat(32)}`,
    });
  });

  it('tell the vulnerability with scores, package, fix and exploit', () => {
    expect(only(CRITICAL).finding.vulnerabilities).toEqual([
      {
        title: 'CVE-2022-22965',
        severity: 'Critical',
        vendor_name: 'NVD',
        cve: {
          uid: 'CVE-2022-22965',
          cvss: [{ base_score: 9.8, version: '3.1', vector_string: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
        },
        is_fix_available: true,
        is_exploit_available: true,
        affected_packages: [
          {
            name: 'org.springframework:spring-beans',
            version: '5.3.17',
            fixed_in_version: '5.3.18',
            package_manager: 'jar',
            path: 'app/invoices.jar/BOOT-INF/lib/spring-beans-5.3.17.jar',
          },
        ],
        references: ['https://nvd.nist.gov/vuln/detail/CVE-2022-22965'],
      },
    ]);
  });

  it('of the documentation are read in full, though they open nothing', () => {
    const record = parseRecord(detailOf(SAMPLE));
    if (!record) throw new Error('no record');
    const reading = readFinding(record, undefined, deliveryOf(SAMPLE));
    if (!reading.ok) throw new Error(reading.reason);
    const [found] = reading.findings;
    expect(ocsfErrors(found?.finding)).toEqual([]);
    expect(found).toMatchObject({
      severity: 'medium',
      workload: {
        kind: 'image',
        image: '123456789012.dkr.ecr.us-east-2.amazonaws.com/amazon/amazon-ecs-sample:latest',
      },
      finding: {
        time: Date.parse('2021-12-03T18:02:30Z'),
        vulnerabilities: [
          {
            cve: { uid: 'CVE-2019-17498', cvss: [{ base_score: 6.5 }, { base_score: 5.8 }, { base_score: 8.1 }] },
            affected_packages: [{ name: 'libssh2', version: '1.4.3-12.amzn2.2' }],
          },
        ],
      },
    });
  });

  it.each([
    ['CRITICAL', 'critical'],
    ['HIGH', 'high'],
    ['MEDIUM', 'medium'],
    ['LOW', 'low'],
    ['INFORMATIONAL', 'informational'],
    ['UNTRIAGED', 'medium'],
  ])('keep severity %s', (word, severity) => {
    const record = parseRecord({ ...detailOf(CRITICAL), severity: word });
    const reading = record && readFinding(record, undefined, deliveryOf(CRITICAL));
    expect(reading?.ok && reading.findings[0]?.severity).toBe(severity);
  });

  it.each([
    ['Dec 3, 2021, 6:02:30 PM', '2021-12-03T18:02:30.000Z'],
    ['Oct 16, 2019, 12:00:00 AM', '2019-10-16T00:00:00.000Z'],
    ['Wed Sep 04 16:55:38.411 UTC 2024', '2024-09-04T16:55:38.411Z'],
    ['2024-09-04T16:55:38.411Z', '2024-09-04T16:55:38.411Z'],
    [1_725_468_938.411, '2024-09-04T16:55:38.411Z'],
  ])('read the time %s', (firstObservedAt, at) => {
    expect(new Date(only(changed(CRITICAL, { firstObservedAt })).finding.time).toISOString()).toBe(at);
  });

  it.each(['Feb 30, 2024, 6:02:30 PM', 'soon', 0, '1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z', null, { a: 1 }])(
    'take the time of receipt, with a note, for %j',
    (firstObservedAt) => {
      const gone = { firstObservedAt, updatedAt: null, lastObservedAt: null };
      const made = read(changed(CRITICAL, gone));
      expect(made.ok && made.notes).toEqual(['the finding has no usable time; the time of receipt stands in']);
    },
  );
});

describe('one finding', () => {
  it('has one key by event and by poll, open, closed and open again - in any order', () => {
    const key = only(CRITICAL).deduplicationKey;
    const again = changed(CRITICAL, { updatedAt: 'Tue Oct 21 09:12:44.120 UTC 2025' });
    const closed = fixtureText('inspector', 'push/ecr-closed.json');
    for (const order of [
      [CRITICAL, closed, again],
      [CRITICAL, again, closed],
      [closed, CRITICAL, again],
      [closed, again, CRITICAL],
      [again, closed, CRITICAL],
      [again, CRITICAL, closed],
    ]) {
      const keys = order.flatMap((text) => {
        const made = read(text);
        return made.ok ? made.findings.map(({ deduplicationKey }) => deduplicationKey) : ['refused'];
      });
      expect(new Set(keys)).toEqual(new Set([key]));
    }
    expect(only(JSON.stringify(detailOf(CRITICAL)), 'poll').deduplicationKey).toBe(key);
  });

  it('vouches for itself only on the bus of AWS', () => {
    expect(only(CRITICAL).readBack).toMatchObject({
      channel: 'event-bus',
      vouchedBy: 'event',
      eventAccount: '111122223333',
    });
    expect(only(CRITICAL, 'poll').readBack['vouchedBy']).toBeUndefined();
    expect(only(JSON.stringify(detailOf(CRITICAL))).readBack['vouchedBy']).toBeUndefined();
  });
});

describe('what is no finding', () => {
  it.each<[string, string, string]>([
    ['text', 'x', 'the body must be JSON: an EventBridge event or a finding of the Inspector API'],
    [
      'an event of another service',
      CRITICAL.replace('"aws.inspector2"', '"acme"'),
      'the event is from "acme", and only aws.inspector2 is read here',
    ],
    [
      'a finding without ARN',
      changed(CRITICAL, { findingArn: 3 }),
      'the Inspector finding has no findingArn; a whole finding or a whole event is needed',
    ],
    ['a finding about nothing', changed(CRITICAL, { resources: [] }), 'the Inspector finding names no resource'],
    [
      'a finding about a nameless thing',
      changed(CRITICAL, { resources: [{}] }),
      'a resource of the Inspector finding has neither details nor id',
    ],
  ])('%s is refused with one sentence', (_what, body, reason) => {
    expect(read(body)).toEqual({ ok: false, reason });
  });
});

describe('whatever is sent', () => {
  it('gives valid findings or a reason - a mapper never throws', { timeout: 60_000 }, async () => {
    const texts = [
      'push/ecr-critical-exploitable.json',
      'push/ec2-critical-exploitable.json',
      'push/network-reachability.json',
    ];
    const property = fc.asyncProperty(
      fc.constantFrom(...texts.map((name) => detailOf(fixtureText('inspector', name)))),
      fc.dictionary(
        fc.constantFrom(
          'severity',
          'status',
          'title',
          'description',
          'resources',
          'packageVulnerabilityDetails',
          'firstObservedAt',
          'type',
          'epss',
          'inspectorScore',
        ),
        fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })),
      ),
      async (detail, changes) => {
        const record = parseRecord({ ...detail, ...changes });
        const reading = record && readFinding(record, undefined, deliveryOf(''));
        for (const one of reading?.ok ? reading.findings : []) {
          expect(ocsfErrors(one.finding)).toEqual([]);
          expect(normalizedFindingSchema.parse(one)).toEqual(one);
        }
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });
});
