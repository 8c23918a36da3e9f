import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bodiesIn,
  deliveryOf,
  expectAnswer,
  findingsOf,
  onlyFinding,
} from '../../../test/contract/detection-fixtures.ts';
import { normalize } from './map.ts';
import { PRIORITIES } from './priority.ts';

type Event = Record<string, unknown>;

const BODIES = [
  ...bodiesIn('test/fixtures/falco/push'),
  ...bodiesIn('local/sandbox/scenarios/exec-into-pod/webhooks'),
].map(([, text]) => text);

function shell(): Event {
  const found = BODIES.map((text): Event => JSON.parse(text)).find(
    ({ rule }) => rule === 'Terminal shell in container',
  );
  if (found === undefined) throw new Error('the shell is among the fixtures');
  return found;
}

function read(event: unknown) {
  return normalize(event, deliveryOf('raw'));
}
const only = (event: unknown) => onlyFinding(read(event));
const withFields = (fields: Event, rest: Event = {}): Event => ({
  rule: 'A rule',
  priority: 'Warning',
  time: '2025-10-18T22:41:45.660418220Z',
  hostname: 'node-1',
  ...rest,
  output_fields: fields,
});
const inContainer = { 'container.id': 'ee97d9c4186f', 'container.name': 'web' };

describe('the deduplication key', () => {
  it('is the same for another key order, another uuid and evt.time rounded by a JSON parser', () => {
    const event = shell();
    const fields = Object.entries(event['output_fields'] ?? {}).reverse();
    const again = {
      output_fields: Object.fromEntries(
        fields.map(([key, value]) => [key, key === 'evt.time' ? 1685022245478446000 : value]),
      ),
      ...Object.fromEntries(
        Object.entries(event)
          .filter(([key]) => key !== 'output_fields')
          .reverse(),
      ),
      uuid: '11111111-2222-4333-8444-555555555555',
    };
    expect(only(again).deduplicationKey).toBe(only(event).deduplicationKey);
  });

  it('is the same on every channel - webhook and queue bring one finding', () => {
    const text = JSON.stringify(shell());
    const keys = (['webhook', 'queue'] as const).map(
      (channel) => onlyFinding(normalize(text, deliveryOf(text, channel))).deduplicationKey,
    );
    expect(new Set(keys).size).toBe(1);
  });

  it('is the same after falcosidekick cut a long command line', () => {
    const long = 'a'.repeat(900);
    const whole = withFields({ ...inContainer, 'proc.cmdline': long });
    const cut = withFields({ ...inContainer, 'proc.cmdline': `${long.slice(0, 507)}[...]` });
    expect(only(cut).deduplicationKey).toBe(only(whole).deduplicationKey);
  });

  it('tells two events of one millisecond apart by their nanoseconds', () => {
    const a = withFields(inContainer, { time: '2025-10-18T22:41:45.660418220Z' });
    const b = withFields(inContainer, { time: '2025-10-18T22:41:45.660418221Z' });
    expect(only(a).finding.time).toBe(only(b).finding.time);
    expect(only(a).deduplicationKey).not.toBe(only(b).deduplicationKey);
  });

  it.each([
    ['rule', { rule: 'Another rule' }],
    ['host', { hostname: 'node-2' }],
    ['fields', { output_fields: { ...inContainer, 'proc.cmdline': 'id' } }],
  ])('differs with another %s', (_what, change) => {
    const event = withFields(inContainer);
    expect(only({ ...event, ...change }).deduplicationKey).not.toBe(only(event).deduplicationKey);
  });

  it('does not depend on the time of receipt, even where that stands in for an unusable time', () => {
    const event = withFields(inContainer, { time: '1970-01-01T00:00:00Z' });
    const later = { ...deliveryOf('raw'), receivedAt: '2026-02-02T00:00:00.000Z' };
    const made = normalize(event, later);
    expect(onlyFinding(made).deduplicationKey).toBe(only(event).deduplicationKey);
    expect(onlyFinding(made).finding.time).toBe(Date.parse(later.receivedAt));
    expect(made).toMatchObject({ notes: [expect.stringContaining('the time of receipt stands in')] });
  });
});

describe('the severity', () => {
  const severities = (fields: Event, tags: readonly string[] = []) =>
    PRIORITIES.map((priority) => only(withFields(fields, { priority, tags })).severity);

  it('keeps what is critical critical and never falls with a higher priority', () => {
    expect(severities({})).toEqual([
      'critical',
      'critical',
      'critical',
      'high',
      'medium',
      'low',
      'informational',
      'informational',
    ]);
  });

  it('of a notice in a container is medium, of a warning about taking credentials high', () => {
    expect(severities(inContainer, ['mitre_credential_access'])).toEqual([
      ...['critical', 'critical', 'critical', 'high', 'high', 'medium', 'informational', 'informational'],
    ]);
  });

  it.each(['INFO', 'info', 'Informational'])('reads %s as informational', (priority) => {
    expect(only(withFields({}, { priority })).severity).toBe('informational');
  });

  it('of an unknown word is medium, and says so', () => {
    const made = read(withFields({}, { priority: 'Apocalyptic' }));
    expect(made).toMatchObject({
      findings: [{ severity: 'medium' }],
      notes: [expect.stringContaining('"Apocalyptic"')],
    });
  });
});

describe('tags', () => {
  const attacks = (...tags: readonly unknown[]) => {
    const made = read(withFields({}, { tags }));
    const ids = onlyFinding(made).finding.finding_info.attacks?.map(
      ({ sub_technique: sub, technique, tactic }) => sub?.uid ?? technique?.uid ?? tactic?.uid,
    );
    return { ids, notes: made.ok ? made.notes : [] };
  };

  it('name techniques and sub-techniques; a tactic stands alone only where no technique belongs to it', () => {
    expect(attacks('T1059.004', 'mitre_execution', 'mitre_credential_access', 'container', 'PCI_DSS_10.2.5')).toEqual({
      ids: ['T1059.004', 'TA0006'],
      notes: [],
    });
  });

  it('may carry a tactic id, a prefix of one, or odd case', () => {
    expect(attacks('TA0003', 'TA0002:T1059', 't1611').ids).toEqual(['T1059', 'T1611', 'TA0003']);
  });

  it('that name nothing in force are dropped and noted', () => {
    expect(attacks('T9999', 'mitre_remote_access_tools', 7, null)).toEqual({
      ids: undefined,
      notes: [
        'tag "mitre_remote_access_tools" names no ATT&CK tactic or technique in force and was dropped',
        'ATT&CK id T9999 is not in force in the pinned catalogue and was dropped',
      ],
    });
  });
});

describe('sockets and files', () => {
  const seen = (fields: Event) => only(withFields({ ...inContainer, ...fields })).finding.evidences?.[0];

  it.each([
    ['172.17.0.9:43812->10.96.0.1:443', '172.17.0.9', '10.96.0.1', 443],
    ['::1:53412->2001:db8::7:8443', '::1', '2001:db8::7', 8443],
  ])('%s is a connection from client to server', (name, from, to, port) => {
    expect(seen({ 'fd.name': name, 'evt.type': 'connect', 'fd.l4proto': 'tcp' })).toMatchObject({
      src_endpoint: { ip: from },
      dst_endpoint: { ip: to, port },
      connection_info: { direction_id: 2, protocol_name: 'tcp' },
    });
  });

  it('accepting is inbound', () => {
    expect(seen({ 'fd.name': '198.51.100.7:40000->10.0.0.9:22', 'evt.type': 'accept4' })).toMatchObject({
      connection_info: { direction_id: 1 },
    });
  });

  it.each(['evil.example.com:443->x:y', '999.1.1.1:1->10.0.0.1:70000', '->'])('%s is no connection', (name) => {
    expect(seen({ 'fd.name': name })).not.toHaveProperty('dst_endpoint');
  });

  it.each([
    [{ 'evt.type': 'openat', 'evt.arg.flags': 'O_RDONLY' }, 'read'],
    [{ 'evt.type': 'openat', 'evt.arg.flags': 'O_TRUNC|O_CREAT|O_WRONLY' }, 'written'],
    [{ 'evt.type': 'unlinkat' }, 'written'],
    [{ 'evt.is_open_write': true }, 'written'],
  ])('with %j is %s', (fields, access) => {
    expect(seen({ 'fd.name': '/etc/shadow', ...fields })).toMatchObject({
      file: { path: '/etc/shadow' },
      data: { 'parapet.file_access': access },
    });
  });
});

describe('the workload', () => {
  it('is a pod of an unknown cluster, with advice, when the sender names none - nothing can be executed there', () => {
    const made = read(withFields({ ...inContainer, 'k8s.ns.name': 'web', 'k8s.pod.name': 'shop-0' }));
    expect(onlyFinding(made).workload).toMatchObject({ kind: 'pod', cluster: 'unknown', controller: 'shop' });
    expect(made).toMatchObject({ notes: [expect.stringContaining('customfields: cluster')] });
  });

  it('is the container while the metadata of its pod is late, and the host for a process outside containers', () => {
    const late = { ...inContainer, 'k8s.ns.name': '<NA>', 'k8s.pod.name': null };
    expect(only(withFields(late)).workload).toEqual({
      kind: 'container',
      host: 'node-1',
      container: 'web',
      containerId: 'ee97d9c4186f',
    });
    expect(only(withFields({ 'container.id': 'host', 'container.name': 'host' })).workload).toEqual({
      kind: 'host',
      host: 'node-1',
    });
  });

  it('has the digest of the image whether it comes as text or as a list', () => {
    const digest = `sha256:${'ab'.repeat(32)}`;
    for (const value of [digest, [digest], `docker.io/library/alpine@${digest}`]) {
      expect(only(withFields({ ...inContainer, 'container.image.digest': value })).workload).toMatchObject({
        imageDigest: digest,
      });
    }
  });

  it('leaves process 1 of the node out of the lineage of a container', () => {
    const fields = { ...inContainer, 'proc.name': 'sh', 'proc.pid': 7, 'proc.pname': 'systemd', 'proc.ppid': 1 };
    expect(only(withFields(fields)).finding.evidences?.[0]?.process).not.toHaveProperty('parent_process');
  });
});

describe('several events in one body', () => {
  it('become one finding each', () => {
    const events = [withFields({}), withFields(inContainer)];
    expect(findingsOf(read(events))).toHaveLength(2);
  });
});

describe('bodies', () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(
      '<NA>',
      '\u202Eevil',
      '[...]',
      '/etc/shadow',
      '1.2.3.4:5->6.7.8.9:10',
      -1,
      2 ** 60,
      'a'.repeat(5000),
      [],
    ),
    fc.string({ unit: 'binary' }),
  );

  it('of any JSON shape give valid findings or a reason', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (any) => {
        expectAnswer(read(any));
        expectAnswer(read(JSON.stringify(any)));
      }),
    );
  });

  it('mutated in several places at once give valid findings or a reason', () => {
    const places = [
      ...['uuid', 'output', 'priority', 'rule', 'time', 'source', 'hostname', 'tags', 'output_fields'],
      ...['Type', 'Message', 'TopicArn'],
    ];
    const fieldNames = [...new Set(BODIES.flatMap((text) => Object.keys(JSON.parse(text).output_fields ?? {})))];
    fc.assert(
      fc.property(
        fc.constantFrom(...BODIES),
        fc.dictionary(fc.constantFrom(...places), value, { maxKeys: 3 }),
        fc.dictionary(fc.oneof(fc.constantFrom(...fieldNames), fc.string()), value, { maxKeys: 6 }),
        (text, top, fields) => {
          const event = JSON.parse(text);
          const mutated = { ...event, output_fields: { ...event.output_fields, ...fields }, ...top };
          expectAnswer(read(mutated));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('cut anywhere give valid findings or a reason', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BODIES), fc.nat(), (text, at) =>
        expectAnswer(read(text.slice(0, at % text.length))),
      ),
    );
  });

  it('named __proto__ pollute nothing', () => {
    const text =
      '{"rule":"r","priority":"Alert","hostname":"h","output_fields":{"__proto__":{"polluted":"yes"},"proc.name":"x"}}';
    expectAnswer(read(text));
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('of a megabyte in every text stay small', () => {
    const huge = 'x'.repeat(1_000_000);
    const made = read(
      withFields({ 'proc.cmdline': huge, 'fd.name': `/${huge}`, 'container.id': huge }, { output: huge, rule: huge }),
    );
    expectAnswer(made);
  });
});
