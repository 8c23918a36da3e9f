import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../connectors/cwpp/lacework/map.ts';
import { normalizedFindingSchema } from '../../domain/ocsf/detection-finding.ts';
import {
  deliveryOf,
  findingIn,
  findingsIn,
  fixture,
  fixtureNames,
  fixtureText,
  PUSH_FOLDERS,
  read,
  storyText,
} from './lacework-fixtures.ts';
import { ocsfErrors } from './prisma-cloud-compute-fixtures.ts';

const PUSHES = PUSH_FOLDERS.flatMap(fixtureNames);

describe('deliveries', () => {
  it.each(PUSHES)('%s gives findings that are valid OCSF 1.8.0', (name) => {
    const found = findingsIn(fixtureText(name));
    expect(found).toHaveLength(name.includes('test-event') ? 0 : 1);
    for (const one of found) {
      expect(ocsfErrors(one.finding)).toEqual([]);
      expect(normalizedFindingSchema.parse(one)).toEqual(one);
    }
  });

  it('from EventBridge give the exact pod, the severity whose number is inverted, and the vendor ids', () => {
    expect(findingIn(fixtureText('synthetic/eventbridge-app-bad-ip-container.json'), 'event-bus')).toMatchObject({
      source: 'lacework',
      severity: 'critical',
      deduplicationKey: 'lacework/example/318842',
      workload: {
        kind: 'pod',
        account: '123456789012',
        cluster: 'prod-eks',
        namespace: 'shop',
        pod: 'api-7d9f8c6b5-x2x4q',
        controller: 'api',
        image: '123456789012.dkr.ecr.us-west-2.amazonaws.com/shop/api:1.42.0',
        host: 'ip-10-0-3-226.us-west-2.compute.internal',
      },
      readBack: {
        alertId: '318842',
        tenant: 'example',
        title: 'New External Client Bad IP',
        type: 'NewExternalClientBadIp',
        mid: '4325415338702892297',
      },
      finding: {
        severity: 'Critical',
        time: Date.parse('2026-05-04T09:00:00Z'),
        finding_info: { title: 'New External Client Bad IP', types: ['NewExternalClientBadIp'], uid_alt: '318842' },
        device: { hostname: 'ip-10-0-3-226.us-west-2.compute.internal', instance_uid: 'i-0123456789abcdef0' },
        evidences: [
          { name: 'process', process: { pid: 25325, cmd_line: '/tmp/.x/xmrig -o pool.example.net:3333' } },
          { name: 'file', file: { path: '/tmp/.x/xmrig' } },
          { name: 'connection', dst_endpoint: { ip: '203.0.113.45', port: 3333 } },
          { name: 'name looked up', query: { hostname: 'pool.example.net' } },
        ],
      },
    });
  });

  it('carry the ATT&CK technique that was assigned to their type', () => {
    const { finding } = findingIn(fixtureText('synthetic/eventbridge-app-bad-ip-container.json'));
    expect(finding.finding_info.attacks?.map(({ technique }) => technique?.uid)).toEqual(['T1071']);
  });

  it('keep a machine number beyond 2^53 that came as a JSON number - rounded it would name another machine', () => {
    const { readBack, workload } = findingIn(fixtureText('synthetic/eventbridge-composite-compromised-host.json'));
    expect(readBack['mid']).toBe('4325415338702892297');
    expect(workload).toEqual({
      kind: 'host',
      account: '123456789012',
      host: 'ip-10-0-3-226.us-west-2.compute.internal',
      instanceId: 'i-0123456789abcdef0',
    });
  });

  it.each([
    ['eventbridge/new-violations-iam-user-inactive.json', 'medium', 'iam:user', 'arn:iam::123456789012:user/test.user'],
    ['eventbridge/new-violations-s3-public-read.json', 'high', 's3:bucket', 'arn:aws:s3:::lacework-remediation-test'],
    [
      'eventbridge/new-violations-sg-open-ssh.json',
      'high',
      'ec2:security-group',
      'arn:aws:ec2:us-west-2:123456789012:security-group/sg-0123456789abcdef0',
    ],
  ])('%s is about its resource, malformed ARN or not, in the customer account', (name, severity, resourceType, uid) => {
    expect(findingIn(fixtureText(name), 'event-bus')).toMatchObject({
      severity,
      workload: { kind: 'resource', account: '123456789012', resourceType, uid },
      finding: { cloud: { provider: 'aws', account: { uid: '123456789012' } } },
    });
  });

  it('about an EC2 instance are about that host', () => {
    expect(findingIn(fixtureText('eventbridge/new-violations-ec2-untagged.json')).workload).toEqual({
      kind: 'host',
      account: '123456789012',
      host: 'i-0123456789abcdef0',
      instanceId: 'i-0123456789abcdef0',
    });
  });

  it('about posture say so in their category, whatever their type is called', () => {
    const types = PUSHES.filter((name) => name.includes('violations') || name.includes('compliance')).map(
      (name) => findingIn(fixtureText(name)).finding.finding_info.types?.[0],
    );
    expect(types.every((type) => /complian/i.test(type ?? ''))).toBe(true);
  });

  it('of the webhook name no workload, and say which channel does', () => {
    const text = fixtureText('synthetic/webhook-app-alert.json');
    expect(findingIn(text).workload).toMatchObject({
      kind: 'resource',
      resourceType: 'Lacework alert',
      name: '318842',
    });
    expect(read(text)).toMatchObject({ notes: ['the webhook names no workload; the EventBridge channel does'] });
  });

  it('never take a pod from the text of a webhook - a workload could have written it', () => {
    const body = { ...Object(fixture('synthetic/webhook-app-alert.json')) };
    body.event_description = 'Pod payments/checkout-6d9f7c5b8d-x2x9q in cluster prod-eks connected to 203.0.113.45';
    expect(findingIn(JSON.stringify(body)).workload.kind).toBe('resource');
  });

  it.each(['suspicious-login', 'compromised-host'])('of the sample story (%s) are about its host', (name) => {
    const found = findingIn(storyText(`events/${name}.json`), 'event-bus');
    expect(ocsfErrors(found.finding)).toEqual([]);
    expect(found.workload).toMatchObject({ kind: 'host', instanceId: 'i-0a1b2c3d4e5f60718' });
  });
});

describe('one alert', () => {
  const event = fixtureText('synthetic/eventbridge-app-bad-ip-container.json');
  const apiAlert = {
    alertId: 318842,
    alertName: 'New External Client Bad IP',
    alertType: 'NewExternalClientBadIp',
    severity: 'Critical',
  };
  const poll = (status: string, alert: object = apiAlert): string =>
    JSON.stringify({ laceworkAccount: 'example', alert: { ...alert, status } });

  it('has one key by webhook, EventBridge and poll', () => {
    const keys = [
      findingIn(event, 'event-bus'),
      findingIn(fixtureText('synthetic/webhook-app-alert.json')),
      findingIn(poll('Open'), 'poll'),
      findingIn(JSON.stringify(Object(JSON.parse(event)).detail), 'queue'),
    ].map(({ deduplicationKey }) => deduplicationKey);
    expect(new Set(keys)).toEqual(new Set(['lacework/example/318842']));
  });

  it('has one key however its number, its keys and its spaces are written, with a byte order mark or not', () => {
    const { detail, ...envelope } = Object(JSON.parse(event));
    const reordered = {
      detail: Object.fromEntries(Object.entries({ ...detail, EVENT_ID: ' 318842 ', ACCOUNT: 'Example' }).reverse()),
      ...envelope,
    };
    const texts = [JSON.stringify(reordered), `\uFEFF${event}`, JSON.stringify(JSON.parse(event), undefined, 7)];
    for (const text of texts) expect(findingIn(text).deduplicationKey).toBe('lacework/example/318842');
  });

  it('of another tenant has another key - numbers are unique within a tenant only', () => {
    const other = JSON.parse(event);
    other.detail.ACCOUNT = 'ехample'; // Cyrillic е and х
    expect(findingIn(JSON.stringify(other)).deduplicationKey).not.toBe('lacework/example/318842');
  });

  const opened = findingIn(poll('Open'), 'poll');
  const steps = ['Open', 'Closed', 'Open'];
  it.each([
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ])('opened, closed and opened in the order %i %i %i is one and the same finding', (...order) => {
    const keys = new Set(
      order
        .flatMap((index) => findingsIn(poll(steps[index] ?? ''), 'poll'))
        .map(({ deduplicationKey }) => deduplicationKey),
    );
    expect([...keys]).toEqual([opened.deduplicationKey]);
  });

  it('that is closed opens nothing and says why', () => {
    expect(read(poll('Closed'), 'poll')).toEqual({
      ok: true,
      findings: [],
      notes: ['alert 318842 is closed at the vendor, which is final; nothing is opened for it'],
    });
  });
});

describe('the forms of a severity', () => {
  const of = (value: unknown): string => {
    const event = JSON.parse(fixtureText('synthetic/eventbridge-composite-compromised-host.json'));
    event.detail.SEVERITY = value;
    return findingIn(JSON.stringify(event)).severity;
  };
  it.each([
    [1, 'critical'],
    ['1', 'critical'],
    ['Critical', 'critical'],
    [2, 'high'],
    ['3', 'medium'],
    [4, 'low'],
    ['5', 'informational'],
    ['Info', 'informational'],
  ])('%j is %s', (value, expected) => {
    expect(of(value)).toBe(expected);
  });

  it.each([[6], ['urgent'], [null], [{}], [[1]]])('%j is none: medium stands in, with a note', (value) => {
    expect(of(value)).toBe('medium');
  });
});

describe('what is no alert', () => {
  it('a test delivery is taken and opens nothing', () => {
    expect(read(fixtureText('webhook/test-event.json'))).toEqual({
      ok: true,
      findings: [],
      notes: ['a test delivery of the alert channel: it names no alert'],
    });
  });

  it('an alert that only calls itself a test is an alert', () => {
    const body = Object(fixture('synthetic/webhook-app-alert.json'));
    expect(findingsIn(JSON.stringify({ ...body, event_type: 'TestEvent' }))).toHaveLength(1);
  });

  it.each([
    '',
    '[]',
    'null',
    '7',
    '"x"',
    '{}',
    '{"detail-type":"Other","detail":{}}',
    '{"event_title":"x"}',
    '{"event_id":"../1","event_title":"x"}',
  ])('%s is refused with a reason', (text) => {
    const made = read(text);
    expect(made).toMatchObject({ ok: false });
    expect(made.ok ? '' : made.reason.length).toBeGreaterThan(20);
  });

  it.each(fixtureNames('api'))('%s is read as alerts or refused with a reason, and never throws', (name) => {
    const made = read(fixtureText(name));
    expect(made.ok).toBe(/alerts-list|alert-details/.test(name));
  });
});

describe('hostile deliveries', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      -1,
      1e308,
      2 ** 63,
      '0001-01-01T00:00:00Z',
      '1970-01-01',
      '2100-01-01T00:00:00Z',
      '‮gnp.exe',
      'x'.repeat(100_000),
      '__proto__',
    ),
  );

  /** A copy with the value at one random place changed, removed or doubled. */
  function mutated(input: unknown, at: number, by: unknown): unknown {
    const paths: (readonly string[])[] = [];
    const walk = (node: unknown, path: readonly string[]): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, child] of Object.entries(node)) {
        paths.push([...path, key]);
        walk(child, [...path, key]);
      }
    };
    const copy = structuredClone(input);
    walk(copy, []);
    const path = paths[at % Math.max(1, paths.length)] ?? [];
    let node: unknown = copy;
    for (const key of path.slice(0, -1)) node = Object(node)[key];
    if (path.length > 0) Object(node)[path.at(-1) ?? ''] = by;
    return copy;
  }

  it.each(PUSHES)('mutations of %s never throw and never give an invalid finding', (name) => {
    const base = fixture(name);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), value), { minLength: 1, maxLength: 4 }), (changes) => {
        const body = changes.reduce<unknown>((current, [at, by]) => mutated(current, at, by), base);
        const text = JSON.stringify(body);
        const made = normalize(text, deliveryOf(text));
        expect(made.ok ? 'read' : made.reason).not.toBe('');
        for (const { finding, deduplicationKey } of made.ok ? made.findings : []) {
          expect(ocsfErrors(finding)).toEqual([]);
          expect(deduplicationKey.length).toBeLessThanOrEqual(512);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of any text never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(2_000), (junk, cut) => {
        const text = fixtureText('synthetic/eventbridge-app-bad-ip-container.json').slice(0, cut) + junk;
        expect(() => read(text)).not.toThrow();
      }),
    );
  });

  it('with clocks of 1970 and 2100 stand at the time of receipt, with a note', () => {
    const event = JSON.parse(fixtureText('synthetic/eventbridge-rapid-cloudtrail-spaced-type.json'));
    event.detail.START_TIME = '01 Jan 1970 00:00 GMT';
    event.detail.EVENT_DETAILS.data[0].START_TIME = '2100-01-01T00:00:00Z';
    const text = JSON.stringify(event);
    expect(findingIn(text).finding.time).toBe(Date.parse('2026-05-05T00:00:00.000Z'));
    expect(read(text)).toMatchObject({ notes: [expect.stringMatching(/not usable/)] });
  });
});
