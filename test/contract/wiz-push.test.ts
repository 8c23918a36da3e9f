import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../connectors/cwpp/wiz/map.ts';
import { techniqueIdsOf } from '../../domain/ocsf/attacks.ts';
import { normalizedFindingSchema } from '../../domain/ocsf/detection-finding.ts';
import { workloadKey } from '../../domain/workload.ts';
import { ocsfErrors } from './prisma-cloud-compute-fixtures.ts';
import { deliveryOf, findingsOf, fixture, fixtureNames, fixtureText, read, story, storyText } from './wiz-fixtures.ts';

describe('push bodies', () => {
  it.each(fixtureNames('push'))('%s gives findings that are valid OCSF 1.8.0', (name) => {
    const made = read(fixtureText(name));
    if (!made.ok) throw new Error(made.reason);
    expect(made.findings.length).toBe(name.includes('test-action') ? 0 : 1);
    for (const found of made.findings) {
      expect(ocsfErrors(found.finding)).toEqual([]);
      expect(normalizedFindingSchema.parse(found)).toEqual(found);
    }
  });

  it.each(['detection-token', 'detection-escape', 'issue', 'issue-by-sns'])(
    '%s of the story is valid, without notes',
    (name) => {
      const made = read(storyText(name));
      if (!made.ok) throw new Error(made.reason);
      expect(made.notes).toEqual([]);
      expect(made.findings.map(({ finding }) => ocsfErrors(finding))).toEqual([[]]);
    },
  );

  it.each(fixtureNames('push'))('%s is read the same as text and as parsed JSON', (name) => {
    const text = fixtureText(name);
    expect(normalize(JSON.parse(text), deliveryOf(text))).toEqual(normalize(text, deliveryOf(text)));
  });

  it('map to the workload each names', () => {
    const workloads = Object.fromEntries(
      fixtureNames('push').flatMap((name) => findingsOf(fixtureText(name)).map(({ workload }) => [name, workload])),
    );
    const digest = 'sha256:dcad76015854d8bcab3041a631d9d25d777325bb78abfa8ab0882e1b85ad84bb';
    const image = `111122223333.dkr.ecr.eu-west-1.amazonaws.com/api@sha256:${'0'.repeat(63)}1`;
    expect(workloads).toEqual({
      'push/detection-kubernetes.constructed.json': {
        kind: 'pod',
        account: '111122223333',
        cluster: 'prod-eks',
        namespace: 'payments',
        pod: 'api-6c9d5f',
        controller: 'api-6c9d5f',
        container: 'api',
        host: 'ip-10-0-1-23.eu-west-1.compute.internal',
        image,
        imageDigest: `sha256:${'0'.repeat(63)}1`,
      },
      'push/detection-sensor.json': {
        kind: 'container',
        account: '134653897021',
        host: 'unknown',
        container: 'test-container',
        image: digest,
        imageDigest: digest,
      },
      'push/issue-custom-template.json': {
        kind: 'resource',
        account: 'acme-prod',
        region: 'europe-west2',
        resourceType: 'storage#bucket',
        name: 'acme-artifacts',
        uid: 'https://www.googleapis.com/storage/v1/b/acme-artifacts',
      },
      'push/issue-default.json': { kind: 'host', account: '111111111111', host: 'jenkins-aws' },
      'push/issue-full-template.constructed.json': {
        kind: 'host',
        account: '111122223333',
        host: 'payments-worker-1',
        instanceId: 'i-0abc0def012345678',
      },
      'push/threat.constructed.json': {
        kind: 'pod',
        cluster: 'example',
        namespace: 'payments',
        pod: 'api-6c9d5f',
        controller: 'api-6c9d5f',
        container: 'api',
      },
    });
  });

  it('hold process tree, hashes, users, container and address of a sensor detection as evidences', () => {
    const [found] = findingsOf(fixtureText('push/detection-sensor.json'));
    expect(found?.finding.evidences).toHaveLength(1);
    expect(found?.finding.evidences?.[0]).toMatchObject({
      process: {
        pid: 1560,
        path: '/usr/bin/touch',
        cmd_line: 'touch -r /usr/bin /tmp/uga',
        created_time: Date.parse('2025-01-21T18:52:15.838Z'),
        user: { name: 'root', uid: '0' },
        file: { hashes: [{ algorithm_id: 2, algorithm: 'SHA-1', value: 'a0d0c6248d07a8fa8e3b6a94e218ff9c8c372ad6' }] },
        parent_process: { path: '/usr/bin/bash', cmd_line: '/bin/bash -x -c touch -r /usr/bin /tmp/uga' },
      },
      container: { name: 'test-container' },
      src_endpoint: { ip: '81.2.69.192' },
      data: { origin: 'WIZ_SENSOR', actor_ip: { autonomousSystemNumber: 8075, reputation: 'Benign' } },
    });
    expect(found && techniqueIdsOf(found.finding)).toEqual(['T1070.006']);
  });

  it('of one attack are one workload, so that they make one incident', () => {
    const keys = findingsOf(story('detection-token'), story('detection-escape'), story('issue')).map(({ workload }) =>
      workloadKey(workload),
    );
    expect(new Set(keys)).toEqual(new Set(['pod/111122223333/prod-eks/documents/pdf-renderer']));
  });

  it('that the recommended template renders are read, with every variable in its place', () => {
    const template = readFileSync(
      new URL('../../connectors/cwpp/wiz/template/parapet-issue-v1.txt', import.meta.url),
      'utf8',
    );
    const values: Record<string, string> = {
      'issue.id': 'ABC-1',
      'issue.status': 'OPEN',
      'issue.severity': 'CRITICAL',
      'issue.createdAt': '2026-01-12T08:14:09.70837Z',
      'issue.entitySnapshot.providerId': 'k8s/pod/5b0c/documents/pdf-renderer-7c9d8b6f54-q8w2z',
      'issue.entitySnapshot.kubernetesClusterName': 'prod-eks',
      'issue.entitySnapshot.subscriptionExternalId': '11122223333',
      'issue.entitySnapshot.cloudPlatform': 'EKS',
      'issue.entitySnapshot.tags': '{"team":"documents-team"}',
      'issue.control.risks': '["RUNTIME"]',
    };
    const rendered = template
      .replaceAll(/\{\{#([\w.]+)\}\}(.*?)\{\{\/\1\}\}/gs, '')
      .replaceAll(/\{\{([\w.]+)\}\}/g, (_all, variable: string) => values[variable] ?? variable);
    const made = read(rendered);
    if (!made.ok) throw new Error(made.reason);
    expect(made.findings[0]).toMatchObject({
      deduplicationKey: 'wiz/issue/abc-1',
      severity: 'critical',
      workload: {
        kind: 'pod',
        account: '011122223333',
        cluster: 'prod-eks',
        namespace: 'documents',
        pod: 'pdf-renderer-7c9d8b6f54-q8w2z',
        controller: 'pdf-renderer',
      },
      finding: { unmapped: { template: 'issue-v1', risks: 'RUNTIME' } },
    });
  });

  it('that the template renders with every variable empty are a test delivery, also where the bare ones leave a gap', () => {
    const template = readFileSync(
      new URL('../../connectors/cwpp/wiz/template/parapet-issue-v1.txt', import.meta.url),
      'utf8',
    );
    const rendered = template.replaceAll(/\{\{#([\w.]+)\}\}(.*?)\{\{\/\1\}\}/gs, '').replaceAll(/\{\{[\w.]+\}\}/g, '');
    expect(read(rendered)).toEqual({
      ok: true,
      findings: [],
      notes: ['a test delivery: a template whose variables are all empty'],
    });
  });
});

describe('an SNS envelope', () => {
  it('gives the finding of the body in it', () => {
    const [direct] = findingsOf(story('issue'));
    const [wrapped] = findingsOf(story('issue-by-sns'));
    expect(wrapped?.deduplicationKey).toBe(direct?.deduplicationKey);
    expect(wrapped?.workload).toEqual(direct?.workload);
  });

  it.each([
    [
      'a subscription',
      { Type: 'SubscriptionConfirmation', TopicArn: 'arn:aws:sns:us-east-1:111122223333:x', Token: 't' },
      /subscription/,
    ],
    [
      'a message that is no JSON',
      { Type: 'Notification', TopicArn: 'x', Message: 'hello' },
      /Message of the SNS envelope/,
    ],
    [
      'an envelope in an envelope',
      {
        Type: 'Notification',
        TopicArn: 'x',
        Message: JSON.stringify({ Type: 'Notification', TopicArn: 'x', Message: '{}' }),
      },
      /neither issue.id/,
    ],
  ])('with %s is refused with the reason', (_what, body, reason) => {
    expect(read(body)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });
});

describe('one event is one finding', () => {
  const key = (body: unknown): string => {
    const [found] = findingsOf(body);
    if (!found) throw new Error('no finding');
    return found.deduplicationKey;
  };
  const issueBody = fixture('push/issue-default.json');
  const threat = fixture('push/threat.constructed.json');

  it('whether it comes as threat or as its issue', () => {
    const asIssue = {
      issue: { id: '3d2a7f10-9d8e-5b6c-8a77-2c9f10aa0001', severity: 'CRITICAL' },
      resource: { name: 'api' },
    };
    expect(key(asIssue)).toBe(key(threat));
  });

  it('in whatever key order, spacing and case of the id, with another severity, rule, channel or time', () => {
    const turned = Object.fromEntries(Object.entries(issueBody).reverse());
    const id = 'E3188A71-794C-5EE8-B97C-EB794AA5B752 ';
    const bodies = [
      turned,
      JSON.stringify(issueBody, undefined, 7),
      `\ufeff${JSON.stringify(issueBody)}`,
      { ...issueBody, issue: { id, severity: 'LOW', status: 'IN_PROGRESS', created: '2026-01-01T00:00:00Z' } },
      { ...issueBody, trigger: { source: 'ISSUE', type: 'Updated', ruleName: 'another' } },
      { Type: 'Notification', MessageId: 'm', Message: JSON.stringify(issueBody) },
    ];
    expect(new Set(bodies.map(key))).toEqual(new Set([key(issueBody)]));
  });

  it('but a detection is a finding of its own, beside the issue it belongs to', () => {
    expect(key(story('detection-escape'))).not.toBe(key(story('issue')));
  });

  const states = {
    opened: { type: 'Created', status: 'OPEN' },
    resolved: { type: 'Resolved', status: 'Resolved' },
    reopened: { type: 'Reopened', status: 'OPEN' },
  };
  type State = keyof typeof states;
  const orders: readonly (readonly [State, State, State])[] = [
    ['opened', 'resolved', 'reopened'],
    ['opened', 'reopened', 'resolved'],
    ['resolved', 'opened', 'reopened'],
    ['resolved', 'reopened', 'opened'],
    ['reopened', 'opened', 'resolved'],
    ['reopened', 'resolved', 'opened'],
  ];
  it.each(orders)('in the order %s, %s, %s', (...order) => {
    const bodies = order.map((state) => ({
      ...issueBody,
      trigger: { source: 'ISSUE', type: states[state].type },
      issue: { ...Object(issueBody['issue']), status: states[state].status },
    }));
    const threats = order.map((state) => ({ threat: { ...Object(threat['threat']), status: states[state].status } }));
    for (const deliveries of [bodies, threats]) {
      const found = findingsOf(...deliveries);
      expect([found.length, new Set(found.map(({ deduplicationKey }) => deduplicationKey)).size]).toEqual([2, 1]);
    }
  });

  it('and a resolved one alone is nothing to investigate, which is noted', () => {
    const body = { ...issueBody, issue: { id: 'x', status: 'REJECTED' } };
    expect(read(body)).toEqual({ ok: true, findings: [], notes: ['issue "x" is REJECTED: nothing to investigate'] });
  });
});

describe('API samples', () => {
  it('of issues, posted by an operator as they are, are read as issues', () => {
    for (const name of ['api/issue-kubernetes.json', 'api/issue-load-balancer.json', 'api/issue-by-id.json']) {
      const made = read({ issue: fixture(name) });
      if (!made.ok) throw new Error(made.reason);
      expect(made.findings.map(({ finding }) => ocsfErrors(finding))).toEqual([[]]);
    }
  });
});
