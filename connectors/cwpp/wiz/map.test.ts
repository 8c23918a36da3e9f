import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizedFindingSchema } from '../../../domain/ocsf/detection-finding.ts';
import { ocsfErrors } from '../../../test/contract/prisma-cloud-compute-fixtures.ts';
import { deliveryOf, findingsOf, fixture, read } from '../../../test/contract/wiz-fixtures.ts';
import { isRecord } from './lenient.ts';
import { normalize } from './map.ts';
import { parseWizTime } from './time.ts';
import { withoutMarkers } from './words.ts';

const folder = new URL('../../../test/fixtures/wiz/push/', import.meta.url);
const bodies = readdirSync(folder).map((name): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
const DELIVERY = deliveryOf('x');
const defaultBody = fixture('push/issue-default.json');
const sensor = fixture('push/detection-sensor.json');

/** A valid finding, a note, or one clear reason; never an exception. */
function expectAnswer(answer: ReturnType<typeof normalize>): void {
  if (!answer.ok) {
    expect(answer.reason).toMatch(/^\S.{5,400}$/s);
    return;
  }
  for (const found of answer.findings) {
    expect(ocsfErrors(found.finding)).toEqual([]);
    expect(normalizedFindingSchema.parse(found)).toEqual(found);
    expect(JSON.stringify(found.finding).length).toBeLessThan(400_000);
  }
}

function issueWith(change: Record<string, unknown>): Record<string, unknown> {
  const issue = defaultBody['issue'];
  return { ...defaultBody, issue: { ...(isRecord(issue) ? issue : {}), ...change } };
}

function only(body: unknown) {
  const [found] = findingsOf(body);
  if (!found) throw new Error('no finding');
  return found;
}

const wrong: readonly unknown[] = [
  null,
  '',
  0,
  -1,
  2 ** 53,
  1e308,
  true,
  [],
  {},
  [null],
  [[]],
  { id: {} },
  'x'.repeat(200_000),
  '\u202egnp.exe',
  '\ud800',
  '\u0000\u001b[2J',
  '{{issue.id}}',
  '__proto__',
  'раymеnts',
  '1970-01-01T00:00:00Z',
  '2100-01-01T00:00:00Z',
  'k8s/pod/a/b',
  'k8s/pod/////',
  `k8s/container/${'/'.repeat(5000)}`,
  '../../etc/passwd',
  'TA9999-T9999.999',
];

/** One value somewhere in the body replaced, removed or doubled. */
function mutated(body: unknown, steps: readonly number[], value: unknown): unknown {
  const [step = 0, ...rest] = steps;
  if (Array.isArray(body) && body.length > 0) {
    const at = step % body.length;
    if (rest.length === 0) return step % 3 === 0 ? [...body, ...body] : body.with(at, value);
    return body.with(at, mutated(body[at], rest, value));
  }
  if (!isRecord(body) || Object.keys(body).length === 0) return value;
  const keys = Object.keys(body);
  const key = keys[step % keys.length] ?? '';
  if (rest.length === 0 && step % 4 === 0)
    return Object.fromEntries(Object.entries(body).filter(([name]) => name !== key));
  return { ...body, [key]: rest.length === 0 ? value : mutated(body[key], rest, value) };
}

describe('hostile input', () => {
  it('in one place of a sample gives valid findings or a reason', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...bodies),
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }),
        fc.oneof(fc.constantFrom(...wrong), fc.jsonValue(), fc.string({ unit: 'binary' })),
        (body, steps, value) => expectAnswer(normalize(mutated(body, steps, value), DELIVERY)),
      ),
      { numRuns: 600 },
    );
  });

  it('in three places of a sample gives valid findings or a reason', () => {
    const change = fc.tuple(fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }), fc.constantFrom(...wrong));
    fc.assert(
      fc.property(fc.constantFrom(...bodies), fc.tuple(change, change, change), (body, changes) =>
        expectAnswer(
          normalize(
            changes.reduce<unknown>((now, [steps, value]) => mutated(now, steps, value), body),
            DELIVERY,
          ),
        ),
      ),
      { numRuns: 250 },
    );
  });

  it('of any shape, and of any text, gives a reason or a note', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => expectAnswer(normalize(value, DELIVERY))),
      { numRuns: 150 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => expectAnswer(normalize(text, DELIVERY))),
      { numRuns: 150 },
    );
  });

  it('of a hundred thousand resources, events and processes stays small', () => {
    const many = (item: unknown) => Array.from({ length: 100_000 }, () => item);
    expectAnswer(
      normalize(
        { ...sensor, resources: many({ name: 'x' }), actors: many({}), mitreTechniques: many('T1059') },
        DELIVERY,
      ),
    );
    const process = { command: 'x'.repeat(100_000), path: '/x', id: '1' };
    const event = { id: 'e', runtimeDetails: { processTree: many(process) } };
    expectAnswer(normalize({ ...sensor, triggeringEvents: [event, ...many({ name: 'y' })] }, DELIVERY));
  });

  it('named __proto__ pollutes nothing', () => {
    const text = JSON.stringify(defaultBody).replace('{', '{"__proto__":{"threat":{"id":"1"}},');
    expect(only(text).deduplicationKey).toBe('wiz/issue/e3188a71-794c-5ee8-b97c-eb794aa5b752');
  });

  it('cannot choose a link that is none of the web', () => {
    for (const url of ['javascript:alert(1)', 'file:///etc/passwd', 'http://example.com', 'https://']) {
      expect(only(issueWith({ url })).finding.finding_info.src_url).toBeUndefined();
    }
  });
});

describe('a test delivery', () => {
  it.each([{}, { title: 'Wiz Test' }, { trigger: { source: 'ISSUES' }, issue: { id: '', severity: '' } }])(
    '%j is noted',
    (body) => {
      expect(read(body)).toEqual({ ok: true, findings: [], notes: [expect.stringMatching(/^a test delivery/)] });
    },
  );

  it('cannot hide an alert: whatever names an issue is read as one', () => {
    const body = { ...defaultBody, trigger: { source: 'TEST', type: 'Test', ruleName: 'test' }, test: true };
    expect(findingsOf(body)).toHaveLength(1);
  });

  it('is not everything that names nothing', () => {
    expect(read({ hello: 'world' })).toEqual({
      ok: false,
      reason: expect.stringMatching(/neither issue.id, threat.id/),
    });
  });
});

describe('severity', () => {
  it.each([
    ['CRITICAL', 'critical'],
    ['Critical', 'critical'],
    [' high ', 'high'],
    ['MODERATE', 'medium'],
    ['LOW', 'low'],
    ['INFO', 'informational'],
    ['INFORMATIONAL', 'informational'],
  ])('%j is %s', (word, severity) => {
    expect(only(issueWith({ severity: word })).severity).toBe(severity);
  });

  it.each(['P0', '1', '5', 'URGENT', 'CRITICAL-ish', '__proto__'])(
    '%j is not guessed: the word of the control stands in',
    (severity) => {
      expect(only(issueWith({ severity })).severity).toBe('high');
    },
  );

  it('that nobody can read does not make an alert wait: it is high, with a note', () => {
    const made = read({ ...issueWith({ severity: 5 }), control: { name: 'x', severity: 1 } });
    expect(made).toMatchObject({
      ok: true,
      findings: [{ severity: 'high' }],
      notes: [expect.stringMatching(/^severity "5"/)],
    });
  });

  it('of the issue wins over that of its control, because Wiz assigns the final one dynamically', () => {
    expect(only({ ...issueWith({ severity: 'LOW' }), control: { severity: 'CRITICAL' } }).severity).toBe('low');
  });
});

describe('time', () => {
  const now = Date.parse('2026-08-01T00:00:00Z');
  it.each([
    ['2025-01-21T18:52:16.819883668Z', '2025-01-21T18:52:16.819Z'],
    ['2025-07-25 13:09:25.306109000', '2025-07-25T13:09:25.306Z'],
    ['2026-02-03T12:11:12+02:00', '2026-02-03T10:11:12.000Z'],
  ])('%s is read', (text, iso) => {
    expect(new Date(parseWizTime(text, now) ?? 0).toISOString()).toBe(iso);
  });

  it.each(['', '1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z', '2026-02-03', 'yesterday', '2026-13-45T00:00:00Z'])(
    '%j is not believed',
    (text) => {
      expect(parseWizTime(text, now)).toBeUndefined();
    },
  );

  it('that is not believed is replaced by the time of receipt, with a note', () => {
    expect(read(issueWith({ created: '2100-01-01T00:00:00Z' }))).toMatchObject({
      ok: true,
      findings: [{ finding: { time: now } }],
      notes: ['the time "2100-01-01T00:00:00Z" is not usable; the time of receipt stands in'],
    });
  });
});

describe('ATT&CK', () => {
  const techniques = (mitreTechniques: unknown) => {
    const made = read({ ...sensor, mitreTactics: [], mitreTechniques });
    if (!made.ok) throw new Error(made.reason);
    const attacks = made.findings[0]?.finding.finding_info.attacks ?? [];
    return {
      ids: attacks.map(({ technique, sub_technique: sub, tactic }) => (sub ?? technique ?? tactic)?.uid),
      notes: made.notes,
    };
  };

  it('is read from ids, tactic-prefixed ids, names and names after ids, each once', () => {
    const named = [
      'TA0002-T1059.004',
      'T1059.004',
      'Unix Shell',
      'T1190 Exploit Public-Facing Application',
      'escape to HOST',
      'TA0006',
      'Discovery',
    ];
    expect(techniques(named)).toEqual({ ids: ['T1059.004', 'T1190', 'T1611', 'TA0006', 'TA0007'], notes: [] });
  });

  it('leaves out what the catalogue does not hold, and says so', () => {
    expect(techniques(['T9999', 'TA0043-T1086', 'Hacking', 'Domains'])).toEqual({
      ids: [],
      notes: ['not in ATT&CK as pinned here, left out: "Hacking", "Domains", "T9999", "T1086"'],
    });
    expect(techniques(null)).toEqual({ ids: [], notes: [] });
  });
});

describe('the workload', () => {
  const issueAbout = (resource: Record<string, unknown>) => only({ ...defaultBody, resource }).workload;

  it('is padded to twelve digits where a pipeline made a number of an AWS account', () => {
    expect(issueAbout({ name: 'vm', type: 'virtualMachine', cloudPlatform: 'AWS', subscriptionId: 12345 })).toEqual({
      kind: 'host',
      account: '000000012345',
      host: 'vm',
    });
  });

  it('of a controller is its pods: they are one incident, and the name of the pod is not known', () => {
    const resource = {
      id: 'k8s/deployment/5b0c/documents/pdf-renderer',
      name: 'pdf-renderer',
      kubernetesClusterName: 'prod-eks',
    };
    expect(issueAbout(resource)).toMatchObject({
      kind: 'pod',
      controller: 'pdf-renderer',
      namespace: 'documents',
      cluster: 'prod-eks',
    });
  });

  it('of a function, an image and anything else is told apart', () => {
    expect(issueAbout({ name: 'resize', graphType: 'SERVERLESS', type: 'lambda' }).kind).toBe('function');
    expect(issueAbout({ name: 'shop/api:1', graphType: 'CONTAINER_IMAGE' }).kind).toBe('image');
    expect(issueAbout({ name: 'Splunk', type: 'loadBalancerv2/application' }).kind).toBe('resource');
  });

  it('is missing when the body names no resource, which is said', () => {
    const { resource, ...without } = defaultBody;
    expect(resource).toBeDefined();
    expect(read(without)).toEqual({ ok: false, reason: expect.stringMatching(/names no resource/) });
  });
});

describe('variants of detections', () => {
  it('with the keys of the vendor’s table give the same evidence', () => {
    const table = {
      ...sensor,
      triggeringEvents: [
        {
          id: 'e',
          actorIp: '198.51.100.7',
          actorIpMeta: { country: 'Nowhere' },
          processTree: [
            {
              pid: 1560,
              cmdline: 'touch x',
              exePath: '/usr/bin/touch',
              exeSha1: 'A'.repeat(40),
              uid: 0,
              containerInfo: { name: 'c' },
            },
          ],
        },
      ],
    };
    expect(only(table).finding.evidences?.[0]).toMatchObject({
      process: {
        pid: 1560,
        cmd_line: 'touch x',
        path: '/usr/bin/touch',
        user: { uid: '0' },
        file: { hashes: [{ value: 'a'.repeat(40) }] },
      },
      container: { name: 'c' },
      src_endpoint: { ip: '198.51.100.7' },
    });
  });

  it('loses the entity markers of markdown descriptions', () => {
    expect(
      withoutMarkers('The program :runtime-program[/usr/sbin/sshd]{id="1"} on :cloud-resource[a\\-b]{x="y"} did'),
    ).toBe('The program /usr/sbin/sshd on a-b did');
  });

  it('is read although a value holds a line break that Mustache did not escape', () => {
    const text = JSON.stringify({ ...defaultBody, control: { name: 'two LINES', severity: 'HIGH' } }).replace(
      'two LINES',
      'two\nlines',
    );
    expect(only(text).finding.finding_info.title).toBe('two lines');
  });
});
