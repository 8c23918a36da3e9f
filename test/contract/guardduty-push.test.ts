import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../connectors/cwpp/guardduty/map.ts';
import { type NormalizedFinding, normalizedFindingSchema } from '../../domain/ocsf/detection-finding.ts';
import { changed, deliveryOf, detailOf, fixtureNames, fixtureText } from './aws-fixtures.ts';
import { ocsfErrors } from './ocsf-schema.ts';

function read(text: string, channel: 'event-bus' | 'poll' = 'event-bus') {
  return normalize(text, deliveryOf(text, channel));
}

function findingsOf(text: string, channel: 'event-bus' | 'poll' = 'event-bus'): readonly NormalizedFinding[] {
  const made = read(text, channel);
  if (!made.ok) throw new Error(made.reason);
  return made.findings;
}

function only(text: string, channel: 'event-bus' | 'poll' = 'event-bus'): NormalizedFinding {
  const [found, ...more] = findingsOf(text, channel);
  if (!found || more.length > 0) throw new Error(`${more.length + (found ? 1 : 0)} findings`);
  return found;
}

const REVERSE_SHELL = fixtureText('guardduty', 'push/eks-runtime-reverse-shell.json');

describe('events', () => {
  const none = new Set(['push/sample-finding.json', 'push/runtime-protection-unhealthy.json']);

  it.each([...fixtureNames('guardduty', 'push'), ...fixtureNames('guardduty', 'api')])(
    '%s gives findings that are valid OCSF 1.8.0',
    (name) => {
      const found = findingsOf(fixtureText('guardduty', name));
      expect(found.length === 0).toBe(none.has(name));
      for (const one of found) {
        expect(ocsfErrors(one.finding)).toEqual([]);
        expect(normalizedFindingSchema.parse(one)).toEqual(one);
      }
    },
  );

  it.each<[string, object]>([
    [
      'push/eks-runtime-reverse-shell.json',
      {
        kind: 'pod',
        account: '111122223333',
        cluster: 'prod-eks',
        namespace: 'support',
        pod: 'assistant-7c9d8b6f5d-w4z8t',
        controller: 'assistant',
        container: 'assistant',
        containerId: 'd4'.repeat(32),
        image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/support/assistant:2.6.0',
        host: 'i-0f1e2d3c4b5a69788',
      },
    ],
    [
      'push/ecs-runtime-new-binary.json',
      {
        kind: 'container',
        account: '111122223333',
        host: 'batch/invoice-export',
        container: 'export',
        containerId: 'b2'.repeat(32),
        image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/billing/invoices:7.2.1',
      },
    ],
    [
      'push/container-runtime-escape.json',
      {
        kind: 'container',
        account: '111122223333',
        host: 'i-0f1e2d3c4b5a69788',
        container: 'agent',
        containerId: 'c3'.repeat(32),
        image: 'docker.io/example/agent:1.0',
      },
    ],
    [
      'push/ec2-dns-miner.json',
      { kind: 'host', account: '111122223333', host: 'i-0f1e2d3c4b5a69788', instanceId: 'i-0f1e2d3c4b5a69788' },
    ],
    [
      'push/instance-credential-exfiltration.json',
      { kind: 'host', account: '111122223333', host: 'i-0f1e2d3c4b5a69788', instanceId: 'i-0f1e2d3c4b5a69788' },
    ],
    [
      'push/lambda-command-and-control.json',
      { kind: 'function', account: '111122223333', region: 'us-east-1', name: 'resize' },
    ],
    [
      'push/s3-bucket-policy.json',
      {
        kind: 'resource',
        account: '111122223333',
        region: 'us-east-1',
        resourceType: 'S3 bucket',
        name: 'example-exports',
        uid: 'arn:aws:s3:::example-exports',
      },
    ],
    [
      'push/eks-audit-anonymous-access.json',
      {
        kind: 'resource',
        account: '111122223333',
        region: 'us-east-1',
        resourceType: 'EKS cluster',
        name: 'prod-eks',
        uid: 'arn:aws:eks:us-east-1:111122223333:cluster/prod-eks',
      },
    ],
  ])('%s is about the right workload', (name, workload) => {
    expect(only(fixtureText('guardduty', name)).workload).toEqual(workload);
  });

  it('tell the process with its ancestors, hashes and user, up to what started the container', () => {
    expect(only(REVERSE_SHELL).finding.evidences?.[0]?.process).toMatchObject({
      pid: 51833,
      path: '/usr/bin/bash',
      user: { name: 'root', uid: '0' },
      file: { hashes: [{ algorithm: 'SHA-256', value: '9f'.repeat(32) }] },
      parent_process: {
        pid: 48112,
        path: '/usr/local/bin/python3.12',
        parent_process: { pid: 48090, path: '/usr/bin/containerd-shim-runc-v2' },
      },
    });
  });

  it('tell that something between refused it, and only then', () => {
    const name = 'push/ec2-ssh-brute-force-inbound.json';
    const text = fixtureText('guardduty', name);
    expect(only(text).finding).not.toHaveProperty('disposition_id');
    const blocked = only(text.replaceAll('"blocked": false', '"blocked": true')).finding;
    expect(blocked).toMatchObject({ action_id: 2, disposition_id: 2, disposition: 'Blocked' });
    expect(ocsfErrors(blocked)).toEqual([]);
  });

  it('tell connections with their direction and both ends', () => {
    expect(
      only(fixtureText('guardduty', 'push/eks-runtime-command-and-control.json')).finding.evidences?.[0],
    ).toMatchObject({
      src_endpoint: { ip: '10.0.33.17', port: 41822 },
      dst_endpoint: { ip: '203.0.113.66', port: 4444 },
      connection_info: { direction_id: 2, protocol_name: 'tcp' },
    });
    expect(
      only(fixtureText('guardduty', 'push/ec2-ssh-brute-force-inbound.json')).finding.evidences?.[0],
    ).toMatchObject({
      src_endpoint: { ip: '198.51.100.9' },
      dst_endpoint: { ip: '10.0.12.34', port: 22 },
      connection_info: { direction_id: 1 },
    });
  });

  it.each([
    [0, 'informational'],
    [1, 'low'],
    [3.9, 'low'],
    [4, 'medium'],
    [6.99, 'medium'],
    [7, 'high'],
    [8.9, 'high'],
    [9, 'critical'],
    [9.6, 'critical'],
    [10, 'critical'],
  ])('keep severity %d in its band, %s', (value, severity) => {
    const found = only(changed(REVERSE_SHELL, { severity: value }));
    expect([found.severity, found.finding.unmapped?.['severity']]).toEqual([severity, value]);
  });

  it('have ATT&CK ids that exist: from the type, and from the indicators of a sequence', () => {
    const ids = (name: string) =>
      only(fixtureText('guardduty', name)).finding.finding_info.attacks?.map(
        ({ sub_technique, technique, tactic }) => (sub_technique ?? technique ?? tactic)?.uid,
      );
    expect(ids('push/eks-runtime-reverse-shell.json')).toEqual(['T1059.004']);
    expect(ids('push/container-runtime-escape.json')).toEqual(['T1611']);
    expect(ids('push/ecs-runtime-new-binary.json')).toEqual(['TA0002']);
    expect(ids('push/s3-bucket-policy.json')).toBeUndefined();
    expect(ids('push/attack-sequence.json')).toEqual(['TA0002', 'T1059.004']);
    const made = read(fixtureText('guardduty', 'push/attack-sequence.json'));
    expect(made.ok && made.notes).toEqual(['not in the ATT&CK catalogue, left out: T9999']);
  });
});

describe('one finding', () => {
  it('is the same by event, by poll in either casing, in an answer of several, archived, and seen again', () => {
    const key = only(REVERSE_SHELL).deduplicationKey;
    const detail = detailOf(REVERSE_SHELL);
    const answer = fixtureText('guardduty', 'api/getfindings-answer.json');
    const bodies = [
      JSON.stringify(detail),
      fixtureText('guardduty', 'api/getfindings-sdk-casing.json'),
      JSON.stringify([detail]),
      `\uFEFF${REVERSE_SHELL}`,
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(REVERSE_SHELL)).reverse())),
      fixtureText('guardduty', 'push/eks-runtime-reverse-shell-archived.json'),
      changed(REVERSE_SHELL, { updatedAt: '2025-10-21T09:00:00.000Z', severity: 9 }),
    ];
    for (const body of bodies) expect(only(body, 'poll').deduplicationKey).toBe(key);
    expect(findingsOf(answer, 'poll').map(({ deduplicationKey }) => deduplicationKey)).toContain(key);
  });

  it('remembers how it came: only an event on the bus of AWS vouches for itself', () => {
    expect(only(REVERSE_SHELL).readBack).toEqual({
      channel: 'event-bus',
      findingId: '0000000000000000000000000000601a',
      detectorId: '5ab8f1c2d3e4f5061728394a5b6c7d8e',
      type: 'Execution:Runtime/ReverseShell',
      account: '111122223333',
      region: 'us-east-1',
      vouchedBy: 'event',
      eventId: '0c7f5e3a-2b64-4d11-9a77-000000000601',
      eventAccount: '111122223333',
    });
    expect(only(REVERSE_SHELL, 'poll').readBack['vouchedBy']).toBeUndefined();
    expect(only(JSON.stringify(detailOf(REVERSE_SHELL))).readBack['vouchedBy']).toBeUndefined();
  });
});

describe('samples of GuardDuty', () => {
  it.each(['push/sample-finding.json', 'samples/getfindings-runtime-cgroups-release-agent.json'])(
    '%s is a test delivery: noted, and no incident',
    (name) => {
      const made = read(fixtureText('guardduty', name));
      expect(made).toEqual({
        ok: true,
        findings: [],
        notes: [expect.stringMatching(/^a test delivery: .* as a sample$/)],
      });
    },
  );

  it('are known by GuardDuty its own mark only - whoever names a pod could choose a placeholder name', () => {
    const event = JSON.parse(REVERSE_SHELL);
    event.detail.resource.kubernetesDetails.kubernetesWorkloadDetails.name = 'GeneratedFindingKubernetesWorkloadName';
    event.detail.service.additionalInfo = {
      value: '{"name":"\\"sample\\":true","nested":{"sample":true}}',
      type: 'default',
    };
    expect(findingsOf(JSON.stringify(event))).toHaveLength(1);
  });
});

describe('what is no finding', () => {
  it.each<[string, string, string]>([
    ['text', 'hello', 'the body must be JSON: an EventBridge event or a finding of the GuardDuty API'],
    ['a number', '7', 'the body must be JSON: an EventBridge event or a finding of the GuardDuty API'],
    ['an empty list', '[]', 'the answer of GuardDuty holds no finding'],
    [
      'an event of another service',
      changed(REVERSE_SHELL, {}).replace('"aws.guardduty"', '"acme.guardduty"'),
      'the event is from "acme.guardduty", and only aws.guardduty is read here',
    ],
    [
      'a finding without an id',
      changed(REVERSE_SHELL, { id: null }),
      'the GuardDuty finding has no id; a whole finding or a whole EventBridge event is needed',
    ],
    [
      'a finding without a type',
      changed(REVERSE_SHELL, { type: 4 }),
      'the GuardDuty finding has no type; a whole finding or a whole EventBridge event is needed',
    ],
    [
      'a finding about nothing',
      changed(REVERSE_SHELL, { resource: {} }),
      'the GuardDuty finding of type Execution:Runtime/ReverseShell names no resource that is known here',
    ],
    [
      'part of a finding',
      fixtureText('guardduty', 'samples/getfindings-eks-cluster-resource.json'),
      'the GuardDuty finding has no id; a whole finding or a whole EventBridge event is needed',
    ],
  ])('%s is refused with one sentence', (_what, body, reason) => {
    expect(read(body)).toEqual({ ok: false, reason });
  });

  it('the health of a sensor is noted and opens nothing', () => {
    expect(read(fixtureText('guardduty', 'push/runtime-protection-unhealthy.json'))).toEqual({
      ok: true,
      findings: [],
      notes: ['"GuardDuty Runtime Protection Unhealthy" is no finding and opens no incident'],
    });
  });
});

describe('whatever is sent', () => {
  it('gives valid findings or a reason - a mapper never throws', { timeout: 60_000 }, async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...fixtureNames('guardduty', 'push').map((name) => fixtureText('guardduty', name))),
      fc.array(fc.tuple(fc.nat(400), fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }))), { maxLength: 6 }),
      async (text, changes) => {
        const made = read(JSON.stringify(mutate(JSON.parse(text), changes)));
        if (!made.ok) expect(made.reason).not.toBe('');
        for (const one of made.ok ? made.findings : []) {
          expect(ocsfErrors(one.finding)).toEqual([]);
          expect(normalizedFindingSchema.parse(one)).toEqual(one);
        }
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  it('a body nested beyond all reason is refused, not followed', () => {
    const deep = `{"detail":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`;
    expect(read(deep).ok).toBe(false);
  });
});

/** Replaces the nth value of the document, counted over all levels. */
function mutate(document: unknown, changes: readonly (readonly [number, unknown])[]): unknown {
  return changes.reduce<unknown>((value, [at, replacement]) => {
    let left = at;
    const walk = (inner: unknown): unknown => {
      left -= 1;
      if (left === 0) return replacement;
      if (Array.isArray(inner)) return inner.map(walk);
      if (typeof inner !== 'object' || inner === null) return inner;
      return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, walk(item)]));
    };
    return walk(value);
  }, document);
}
