import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceOf } from '../../connectors/cwpp/generic/evidence.ts';
import { normalize } from '../../connectors/cwpp/generic/map.ts';
import { confirmationOf } from '../../domain/analysis/confirmation.ts';
import { composePack, evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import { sampleConfiguration } from '../fakes/configuration.ts';
import { bodiesIn, deliveryOf, expectAnswer, findingsOf, onlyFinding } from './detection-fixtures.ts';

const EXAMPLES = new Map(bodiesIn('connectors/cwpp/generic/examples'));
const MAPPING = EXAMPLES.get('tetragon-export.jsonata') ?? '';
const BODY = EXAMPLES.get('tetragon-export.json') ?? '';
const STORY = bodiesIn('local/sandbox/scenarios/host-mount/webhooks');

async function read(body: unknown, mapping: string | undefined = MAPPING) {
  return await normalize(body, { ...deliveryOf(typeof body === 'string' ? body : JSON.stringify(body)), mapping });
}

/** A mapping that answers with its body: what a test wants the mapping to have made. */
const made = async (value: unknown) => await read(JSON.stringify(value), '$');
const reasonOf = async (body: unknown, mapping: string) => {
  const answer = await read(body, mapping);
  return answer.ok ? `no reason: ${answer.findings.length} findings` : answer.reason;
};

const least = {
  title: 'Something happened',
  severity: 'high',
  time: '2025-10-21T03:12:44Z',
  uid: 'event-1',
  workload: { kind: 'host', host: 'node-1' },
};

describe('the example mapping', () => {
  it('turns its body into a whole finding', async () => {
    const found = onlyFinding(await read(BODY));
    expectAnswer({ ok: true, findings: [found], notes: [] });
    expect(found).toMatchObject({
      severity: 'critical',
      workload: {
        kind: 'pod',
        cluster: 'prod-eks',
        namespace: 'reporting',
        pod: 'exporter-7c9d8b6f5d-m5t2w',
        controller: 'exporter',
        containerId: expect.stringMatching(/^b7c1d2/),
        imageDigest: `sha256:${'2e'.repeat(32)}`,
      },
      finding: {
        time: Date.parse('2025-10-21T03:12:44.120Z'),
        metadata: {
          product: { name: 'Tetragon export', vendor_name: 'Example' },
          original_event_uid: 'tx-01JAH6S2Q4-0007',
        },
        finding_info: { attacks: [{ technique: { uid: 'T1611' } }, { sub_technique: { uid: 'T1053.003' } }] },
        evidences: [
          { process: { pid: 90211, parent_process: { pid: 90050 } }, file: { path: '/host/etc/cron.d/agent' } },
        ],
      },
      readBack: { channel: 'webhook' },
    });
  });

  it.each(STORY)('reads %s of the sample story', async (_name, text) => {
    const answer = await read(text);
    expect(findingsOf(answer).length).toBeGreaterThan(0);
    expectAnswer(answer);
  });

  it('answers a test delivery with no finding on purpose, and a foreign body with a reason', async () => {
    expect(await read(JSON.stringify({ ...JSON.parse(BODY), test_event: true }))).toEqual({
      ok: true,
      findings: [],
      notes: ['the mapping made no finding of the body, on purpose ([])'],
    });
    expect(await read('{"hello":"there"}')).toEqual({
      ok: false,
      reason: 'the mapping found nothing in the body that it reads',
    });
  });

  it('reads the same event in another key order and with another transport time as one', async () => {
    const body = JSON.parse(BODY);
    const again = Object.fromEntries(Object.entries({ ...body, sent_at: 'later' }).reverse());
    expect(onlyFinding(await read(again)).deduplicationKey).toBe(onlyFinding(await read(BODY)).deduplicationKey);
  });

  it('of any mutation of its body gives valid findings or a reason', async () => {
    const event = JSON.parse(BODY).events[0];
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...Object.keys(event), 'extra'), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
        fc.dictionary(
          fc.constantFrom('export_version', 'cluster_name', 'node_name', 'events'),
          fc.jsonValue({ maxDepth: 2 }),
          { maxKeys: 1 },
        ),
        async (change, top) => {
          expectAnswer(await read({ ...JSON.parse(BODY), events: [{ ...event, ...change }], ...top }));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what a mapping makes', () => {
  it('may be one finding or a list, with nothing but the five needed fields', async () => {
    expect(findingsOf(await made(least))).toHaveLength(1);
    const answer = await made([least, { ...least, uid: 2 }]);
    expect(new Set(findingsOf(answer).map(({ deduplicationKey }) => deduplicationKey)).size).toBe(2);
    expectAnswer(answer);
  });

  it.each([
    [{ ...least, titel: 'x' }, 'the finding has the unknown field "titel"'],
    [
      { ...least, severity: 'P1' },
      'severity: Invalid option: expected one of "informational"|"low"|"medium"|"high"|"critical"',
    ],
    [{ ...least, uid: undefined }, 'uid: '],
    [{ ...least, time: 'yesterday' }, 'time: must be RFC 3339'],
    [{ ...least, workload: { kind: 'pod', cluster: 'c', namespace: 'n' } }, 'workload.pod: '],
    [{ ...least, workload: { kind: 'cow' } }, 'workload.kind: '],
    [
      { ...least, connection: { direction: 'outbound', destinationIp: 'example.com', destinationPort: 1 } },
      'connection.destinationIp: must be an IP address',
    ],
    [{ ...least, process: { parents: [{ pid: -1 }] } }, 'process.parents.0.pid: '],
    ['text', 'the finding: '],
  ])('%j is refused with the field that is wrong', async (value, reason) => {
    expect(await made(value)).toEqual({
      ok: false,
      reason: expect.stringContaining(`the finding of the mapping is not as it must be: ${reason}`),
    });
  });

  it('names the finding of a list that is wrong', async () => {
    expect(await made([least, { ...least, severity: 1 }])).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^finding 2 of the mapping is not as it must be: severity: /),
    });
  });

  it('takes null for absent and one for a list of one, as senders and JSONata write them', async () => {
    const found = onlyFinding(
      await made({ ...least, severity: 'CRITICAL', file: null, techniques: 't1059', labels: null }),
    );
    expect(found).toMatchObject({
      severity: 'critical',
      finding: { finding_info: { attacks: [{ technique: { uid: 'T1059' } }] } },
    });
  });

  it('with an implausible time keeps its alert, with a note', async () => {
    for (const time of [0, '1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z']) {
      const answer = await made({ ...least, time });
      expect(onlyFinding(answer).finding.time).toBe(Date.parse('2026-01-01T00:00:00.000Z'));
      expect(answer).toMatchObject({ notes: [expect.stringContaining('is not plausible')] });
    }
  });

  it('drops and notes ids that ATT&CK does not hold', async () => {
    expect(await made({ ...least, techniques: ['T9999', 'T1611'] })).toMatchObject({
      ok: true,
      notes: ['ATT&CK id T9999 is not in force in the pinned catalogue and was dropped'],
    });
  });

  it('opens nothing when it says resolved, in whatever order it comes with opened', async () => {
    expect(await made({ ...least, status: 'resolved' })).toEqual({
      ok: true,
      findings: [],
      notes: [expect.stringContaining('resolved')],
    });
    expect(onlyFinding(await made({ ...least, status: 'opened' })).deduplicationKey).toBe(
      onlyFinding(await made(least)).deduplicationKey,
    );
  });

  it('of any JSON shape gives valid findings or a reason', async () => {
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.string({ unit: 'binary' }),
      fc.constant('x'.repeat(5_000)),
      fc.constant('1.2.3.4'),
    );
    const fields = [
      'process',
      'file',
      'connection',
      'domain',
      'user',
      'techniques',
      'labels',
      'data',
      'message',
      'rule',
      'category',
      'product',
      ...Object.keys(least),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...fields), odd, { maxKeys: 4 })),
        async (value) => {
          const plain =
            typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...least, ...value } : value;
          expectAnswer(await made(plain));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('with texts of any length fits the store', async () => {
    const huge = 'x'.repeat(90_000);
    const answer = await made({
      ...least,
      ...{ title: huge, message: huge, rule: huge, uid: huge, user: huge, domain: huge },
      workload: { kind: 'pod', cluster: huge, namespace: 'n', pod: 'p', image: huge },
      process: { path: `/${huge}`, commandLine: huge, parents: [{ path: huge }] },
    });
    expect(findingsOf(answer)).toHaveLength(1);
    expectAnswer(answer);
  });
});

describe('a mapping that misbehaves', () => {
  it.each([
    ['is no JSONata', '{ "title": ', /^the mapping is no JSONata: .*\(line 1\)$/],
    ['throws', '$error("no such event")', /^the mapping failed on this body: no such event/],
    ['fails on a type', '1 + "a"', /^the mapping failed on this body: The right side of the "\+" operator/],
    [
      'calls itself without end',
      '($f := function($n){ 1 + $f($n) }; $f(1))',
      /^the mapping failed on this body: Stack overflow/,
    ],
    [
      'loops without end',
      '($f := function($n){ $f($n + 1) }; $f(1))',
      /^the mapping failed on this body: (it took more than 100000 steps|Evaluation timeout)/,
    ],
    ['makes a list without end', '[1..10000000]', /^the mapping failed on this body: The maximum sequence length/],
    [
      'doubles a text without end',
      '($f := function($s, $n){ $n = 0 ? $s : $f($s & $s, $n - 1) }; { "title": $f("x", 28) })',
      /^the mapping made too much of the body: more than 1000000 characters/,
    ],
    ['makes text by padding', '$pad("x", 1000000000)', /\$pad may not be used/],
    ['runs text of the alert as code', '$eval(code)', /\$eval may not be used/],
    ['hides what it calls', '($e := $eval; $e(code))', /\$eval may not be used/],
    ['asks for the time', '{ "time": $now() }', /\$now may not be used/],
    ['rolls dice', '$random()', /\$random may not be used/],
    ['answers with a function', 'function($x){ $x }', /found nothing|not as it must be|made too much/],
  ])('that %s gives a reason', async (_what, mapping, reason) => {
    expect(await reasonOf('{"code":"1+1"}', mapping)).toMatch(reason);
  });

  it('reaches neither prototypes nor the environment', async () => {
    for (const mapping of [
      'constructor',
      '__proto__',
      'toString',
      '$$.constructor.constructor',
      'process.env',
      '{ "__proto__": { "polluted": true } }',
    ]) {
      expect(await reasonOf('{"a":1}', mapping)).toMatch(/found nothing|not as it must be|failed/);
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('is asked only with a mapping, and only about JSON', async () => {
    expect(await normalize('{}', deliveryOf('{}'))).toEqual({
      ok: false,
      reason: expect.stringContaining('there is no mapping'),
    });
    expect(await read('<xml/>')).toEqual({ ok: false, reason: 'the body is not JSON' });
  });
});

describe('evidence', () => {
  const generic = {
    webhook: { secret: 'parapet/generic/webhook', allowedNetworks: ['203.0.113.0/24'] },
    mappingFile: 'map.jsonata',
  };

  it('is never confirmed, with the reason, and tells process, file and pod', async () => {
    const source = evidenceOf(sampleConfiguration({ sources: { generic } }), {
      now: () => new Date('2026-01-01T00:00:05.000Z'),
    });
    const found = onlyFinding(await read(BODY));
    const parts = await Promise.all(
      (['alert-details', 'runtime-activity', 'network', 'vulnerabilities'] as const).map(async (part) => {
        const gathered = await source?.gather(part, [found], new Date());
        return {
          part,
          gatheredAt: '2026-01-01T00:00:05.000Z',
          drafts: [...(gathered?.drafts ?? [])],
          cost: { calls: 0, bytes: 0, milliseconds: 0 },
        };
      }),
    );
    for (const draft of parts.flatMap(({ drafts }) => drafts)) expect(evidenceDraftSchema.parse(draft)).toEqual(draft);
    const pack = composePack({ incidentId: 'inc-1', workload: found.workload, vendorSeverity: found.severity, parts });
    expect(confirmationOf(pack)).toMatchObject({ any: false, all: false });
    expect(pack.items.map(({ fact }) => fact.kind)).toEqual([
      'confirmation',
      'alert',
      'process',
      'process',
      'file-written',
    ]);
    expect(pack.entities).toContainEqual(
      expect.objectContaining({ kind: 'pod', canonical: 'prod-eks/reporting/exporter-7c9d8b6f5d-m5t2w' }),
    );
  });

  it('is undefined for a configuration without the source', () => {
    expect(evidenceOf(sampleConfiguration(), { now: () => new Date() })).toBeUndefined();
  });
});
