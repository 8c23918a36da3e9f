import { describe, expect, it } from 'vitest';
import { normalize } from '../../connectors/cwpp/prisma-cloud/map.ts';
import { techniqueIdsOf } from '../../domain/ocsf/attacks.ts';
import { normalizedFindingSchema } from '../../domain/ocsf/detection-finding.ts';
import { workloadKey, workloadLabel } from '../../domain/workload.ts';
import { ocsfErrors } from './ocsf-schema.ts';
import { deliveryOf, fixture, fixtureNames, fixtureText, scenarioText } from './prisma-cloud-fixtures.ts';

function read(text: string) {
  return normalize(text, deliveryOf(text));
}

function findingsIn(text: string) {
  const made = read(text);
  if (!made.ok) throw new Error(made.reason);
  return made.findings;
}

/** The first alert of the batch with other values in it. */
function one(change: Record<string, unknown>) {
  const [first] = findingsIn(JSON.stringify([{ ...firstOf(fixture('push/batch.json')), ...change }]));
  if (first === undefined) throw new Error('no finding');
  return first;
}

function firstOf(list: unknown): object {
  const [first]: unknown[] = Array.isArray(list) ? list : [];
  if (typeof first !== 'object' || first === null) throw new Error('no object');
  return first;
}

const SILENT = /test-delivery|state-|alert-detail/;

describe('deliveries', () => {
  it.each([...fixtureNames('push'), ...fixtureNames('api')])('%s gives findings that are valid OCSF 1.8.0', (name) => {
    const findings = findingsIn(fixtureText(name));
    expect(findings.length === 0).toBe(SILENT.test(name));
    for (const found of findings) {
      expect(ocsfErrors(found.finding)).toEqual([]);
      expect(normalizedFindingSchema.parse(found)).toEqual(found);
    }
  });

  it.each(['webhooks/alerts.json', 'prisma-cloud/alerts.json'])(
    'of the sample story (%s) are valid and understood without a note',
    (name) => {
      const text = scenarioText(name);
      const made = read(text);
      expect(made).toMatchObject({ ok: true, notes: [] });
      for (const found of findingsIn(text)) expect(ocsfErrors(found.finding)).toEqual([]);
    },
  );

  it('the documented array gives exactly what it says', () => {
    expect(findingsIn(fixtureText('push/batch.json'))).toEqual(fixture('expected/batch.json'));
  });

  it('are read the same as text and as parsed JSON, in an array and alone, with and without a byte order mark', () => {
    const text = fixtureText('push/batch.json');
    const delivery = deliveryOf(text);
    expect(normalize(JSON.parse(text), delivery)).toEqual(normalize(text, delivery));
    expect(normalize(`\uFEFF${text}`, delivery)).toEqual(normalize(text, delivery));
    const [first] = findingsIn(text);
    expect(normalize(fixtureText('push/single-object.json'), delivery)).toMatchObject({ ok: true, findings: [first] });
  });

  it.each([
    ['in every spelling the reference leaves open', 'push/other-spellings.json'],
    ["in an operator's own payload", 'push/custom-payload.json'],
  ])('%s give the same finding', (_, name) => {
    const [usual] = findingsIn(fixtureText('push/batch.json'));
    const [other] = findingsIn(fixtureText(name));
    expect(other).toMatchObject({
      deduplicationKey: usual?.deduplicationKey,
      severity: usual?.severity,
      workload: usual?.workload,
      readBack: { alertId: 'P-4021', policyId: usual?.readBack['policyId'], resourceId: usual?.readBack['resourceId'] },
      finding: { time: usual?.finding.time, cloud: usual?.finding.cloud },
    });
  });

  it('that are the console’s test give no finding and say so', () => {
    expect(read(fixtureText('push/test-delivery.json'))).toEqual({
      ok: true,
      findings: [],
      notes: ["a test delivery: alert P-0 is the vendor's test alert"],
    });
  });

  const reasons: Readonly<Record<string, string>> = {
    'invalid/empty-array.json': 'the delivery lists no alert',
    'invalid/number.json': 'the body must be a JSON array of alerts, or one alert, as Prisma Cloud sends them',
    'invalid/cut-off.json': 'the body must be a JSON array of alerts, or one alert, as Prisma Cloud sends them',
    'invalid/array-of-text.json': 'it must be a JSON object',
    'invalid/no-alert.json':
      "it names neither an alert nor a policy, so it is no Prisma Cloud alert (if this was the vendor's test, it did arrive)",
    'invalid/no-resource.json': 'it names no resource (resourceId, resourceName or resource.rrn)',
    'invalid/second-alert-is-null.json': 'alert 1: it must be a JSON object',
  };

  it.each(fixtureNames('invalid'))('%s is refused with one sentence that says what to do', (name) => {
    expect(read(fixtureText(name))).toEqual({ ok: false, reason: reasons[name] });
  });
});

describe('a variable without a value', () => {
  it.each(['null', 'undefined', ['$', '{PolicyDescription}'].join(''), ' '])(
    'written as %j is nothing',
    (policyDescription) => {
      expect(one({ policyDescription }).finding.finding_info.desc).toBeUndefined();
    },
  );
});

describe('what an alert is about', () => {
  it('is the closest kind of workload, and a resource where nothing runs', () => {
    expect(findingsIn(fixtureText('push/kinds-of-resources.json')).map(({ workload }) => workload)).toEqual([
      { kind: 'host', account: '111122223333', host: 'batch-reports', instanceId: 'i-0b7c1d2e3f4a5b6c7' },
      { kind: 'function', account: '111122223333', region: 'us-east-1', name: 'export-orders' },
      {
        kind: 'image',
        account: '111122223333',
        image: 'registry.example.com/shop/checkout:1.42.0',
        imageDigest: `sha256:${'3f'.repeat(32)}`,
      },
      {
        kind: 'resource',
        account: '111122223333',
        region: 'global',
        resourceType: 'storage bucket',
        name: 'orders-export',
        uid: 'orders-export',
      },
      {
        kind: 'resource',
        account: '111122223333',
        region: 'us-east-1',
        resourceType: 'iam user',
        name: 'ci-deploy',
        uid: 'AIDAEXAMPLE',
      },
    ]);
    expect(workloadLabel(one({}).workload)).toBe('security group checkout-nodes');
  });

  it('keeps an id beyond 2^53 to the last digit: a rounded one is another instance', () => {
    expect(findingsIn(fixtureText('push/long-number.json'))[0]?.workload).toMatchObject({
      instanceId: '7423940612958127361',
    });
  });

  it('two resources of one name are two workloads, and so are accounts that only look alike', () => {
    const keys = [
      one({}),
      one({ resourceId: 'sg-1' }),
      one({ accountId: '111122223334' }),
      one({ resourceType: 'VPC' }),
    ];
    expect(new Set(keys.map(({ workload }) => workloadKey(workload))).size).toBe(4);
    expect(workloadKey(one({ accountName: 'prod-p\u0430yments', resourceName: 'x' }).workload)).toBe(
      workloadKey(one({ resourceName: 'x' }).workload),
    );
  });
});

describe('severity, state and time', () => {
  it.each(['critical', 'high', 'medium', 'low', 'informational'] as const)('%s stays %s', (severity) => {
    expect(one({ severity: severity.toUpperCase() }).severity).toBe(severity);
    expect(one({ severity }).severity).toBe(severity);
  });

  it.each([undefined, '', 'F', 0, 9, 'sev1', null])(
    'a severity such as %j is medium with a note, never low',
    (severity) => {
      const text = JSON.stringify([{ ...firstOf(fixture('push/batch.json')), severity }]);
      const made = read(text);
      expect(made).toMatchObject({
        ok: true,
        findings: [{ severity: 'medium' }],
        notes: [expect.stringContaining('which is not known here; medium stands in')],
      });
    },
  );

  it.each(['resolved', 'dismissed', 'snoozed'])('%s opens nothing and says so', (state) => {
    expect(read(fixtureText(`push/state-${state}.json`))).toEqual({
      ok: true,
      findings: [],
      notes: [`alert P-4021 is ${state}: a change of state opens nothing`],
    });
  });

  it('a state nobody knows is taken as open, with a note: dropping it could hide an alert', () => {
    const made = read(JSON.stringify([{ ...firstOf(fixture('push/batch.json')), alertStatus: 'escalated' }]));
    expect(made).toMatchObject({
      ok: true,
      findings: [{ severity: 'high' }],
      notes: [expect.stringContaining('"escalated"')],
    });
    expect(one({ alertStatus: 'pending_resolution' }).finding.time).toBe(1760433364000);
  });

  it.each([0, -1, 1e300, 4102444800000, '', 'yesterday', null, { a: 1 }])(
    'the time %j is not believed; the time of receipt stands in',
    (alertTs) => {
      expect(one({ alertTs }).finding.time).toBe(Date.parse('2025-10-14T12:00:00.000Z'));
    },
  );

  it('milliseconds, seconds, text and ISO 8601 are the same time', () => {
    const times = [1760433364000, 1760433364, '1760433364000', '2025-10-14T09:16:04Z'];
    expect(times.map((alertTs) => one({ alertTs }).finding.time)).toEqual(times.map(() => 1760433364000));
  });
});

describe('ATT&CK', () => {
  it('comes from the sections of that standard, with or without a tactic before the id; retired and nameless ones are dropped and noted', () => {
    const text = fixtureText('push/kinds-of-resources.json');
    const anomaly = findingsIn(text).find(({ deduplicationKey }) => deduplicationKey.endsWith('N-77'));
    expect(anomaly && techniqueIdsOf(anomaly.finding)).toEqual(['T1078.004']);
    const made = read(text);
    expect(made.ok && made.notes).toEqual([
      'ATT&CK id T9999 is not in force in the pinned catalogue and was dropped',
      '1 sections of ATT&CK name no id and were dropped',
    ]);
  });

  it('of an incident on a workload is the documented default of its category', () => {
    const [, incident] = findingsIn(fixtureText('push/batch.json'));
    expect(incident && techniqueIdsOf(incident.finding)).toEqual(['T1496']);
    expect(incident?.finding.finding_info.types).toEqual(['cryptoMiner', 'workload_incident']);
  });
});

describe('links', () => {
  it.each([
    'http://app.prismacloud.io/x',
    'https://prismacloud.io.evil.example.com/x',
    'https://user@app.prismacloud.io/x',
    'javascript:alert(1)',
    'https://app.prismacloud.io:8443/',
  ])('%s is not shown: people click what stands in a ticket', (callbackUrl) => {
    expect(one({ callbackUrl }).finding.finding_info.src_url).toBeUndefined();
  });

  it('to the console are', () => {
    expect(one({}).finding.finding_info.src_url).toMatch(/^https:\/\/app\.prismacloud\.io\//);
  });
});
