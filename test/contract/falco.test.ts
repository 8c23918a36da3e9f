import { describe, expect, it } from 'vitest';
import { evidenceOf } from '../../connectors/cwpp/falco/evidence.ts';
import { normalize } from '../../connectors/cwpp/falco/map.ts';
import { confirmationOf } from '../../domain/analysis/confirmation.ts';
import { composePack, evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import type { Channel } from '../../domain/source.ts';
import { sampleConfiguration } from '../fakes/configuration.ts';
import { bodiesIn, deliveryOf, expectAnswer, findingsOf, onlyFinding } from './detection-fixtures.ts';

const PUSHES = bodiesIn('test/fixtures/falco/push');
const STORY = bodiesIn('local/sandbox/scenarios/exec-into-pod/webhooks');
const NOW = new Date('2026-01-01T00:00:05.000Z');
const QUIET = new Set([
  'falcosidekick-client-test-input.json',
  'internal-metrics-snapshot.json',
  'internal-syscall-event-drop.json',
]);

function body(name: string): string {
  const text = [...PUSHES, ...STORY].find(([known]) => known === name)?.[1];
  if (text === undefined) throw new Error(`there is no ${name}`);
  return text;
}

function read(name: string, channel: Channel = 'webhook') {
  const text = body(name);
  return normalize(text, deliveryOf(text, channel));
}

describe('bodies of falcosidekick', () => {
  it.each([...PUSHES, ...STORY])('%s gives findings that are valid OCSF 1.8.0, or a note why none', (name, text) => {
    const made = normalize(text, deliveryOf(text));
    expect(findingsOf(made)).toHaveLength(QUIET.has(name) ? 0 : 1);
    expectAnswer(made);
  });

  it.each(PUSHES)('%s is read the same as text, as parsed JSON and with a byte order mark', (_name, text) => {
    const delivery = deliveryOf(text);
    expect(normalize(JSON.parse(text), delivery)).toEqual(normalize(text, delivery));
    expect(normalize(`\uFEFF${text}`, delivery)).toEqual(normalize(text, delivery));
  });

  const reasons: Readonly<Record<string, RegExp>> = {
    'array-empty.json': /^the body must be a Falco event as a JSON object/,
    'not-json.txt': /^the body must be a Falco event as a JSON object/,
    'number.json': /^the body must be a Falco event as a JSON object/,
    'no-rule.json': /^the event names no rule/,
    'nothing-named.json': /^the event names no container, no pod and no host/,
    'sns-subscription.json': /SNS "SubscriptionConfirmation".*confirm the subscription/,
    'sns-line-only.json': /set aws\.sns\.rawjson: true/,
    'second-event-is-text.json': /^event 2: a Falco event must be a JSON object/,
  };
  it.each(bodiesIn('test/fixtures/falco/invalid'))('%s is refused with one sentence that says why', (name, text) => {
    expect(normalize(text, deliveryOf(text))).toEqual({
      ok: false,
      reason: expect.stringMatching(reasons[name] ?? /^$/),
    });
  });
});

describe('deliveries that are no alert', () => {
  it.each([
    ['falcosidekick-client-test-input.json', 'a test delivery of falcosidekick'],
    ['internal-metrics-snapshot.json', 'reported about itself ("Falco internal: metrics snapshot")'],
    ['internal-syscall-event-drop.json', 'lost 815508 system calls, so it was blind for a moment'],
  ])('%s gives no finding and says so', (name, note) => {
    expect(read(name)).toEqual({ ok: true, findings: [], notes: [expect.stringContaining(note)] });
  });

  it('do not include an alert whose rule is merely called like the test', () => {
    const text = JSON.stringify({ ...JSON.parse(body('terminal-shell.json')), rule: 'Test rule' });
    expect(findingsOf(normalize(text, deliveryOf(text)))).toHaveLength(1);
  });
});

describe('a syscall event', () => {
  it('names process with parents, file, container, image, pod and user', () => {
    const { finding, workload, severity } = onlyFinding(read('read-shadow.json'));
    const digest = '7d'.repeat(32);
    expect(severity).toBe('high');
    expect(workload).toEqual({
      kind: 'pod',
      cluster: 'prod-eks',
      namespace: 'catalog',
      pod: 'search-5f8d7c9b6c-q4w8z',
      controller: 'search',
      container: 'search',
      containerId: `4be1c9d0a7f2${'6a'.repeat(26)}`,
      image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/search:3.8.1',
      imageDigest: `sha256:${digest}`,
      host: 'ip-10-0-21-77.ec2.internal',
    });
    expect(finding).toMatchObject({
      time: Date.parse('2025-10-18T22:41:45.660Z'),
      metadata: {
        original_time: '2025-10-18T22:41:45.660418220Z',
        original_event_uid: expect.stringMatching(/^d93be1c7/),
      },
      finding_info: {
        title: 'Read sensitive file untrusted',
        attacks: [{ technique: { uid: 'T1555' } }],
      },
      evidences: [
        {
          process: {
            name: 'cat',
            path: '/usr/bin/cat',
            cmd_line: 'cat /etc/shadow',
            pid: 48302,
            user: { name: 'root', uid: '0' },
            parent_process: {
              name: 'bash',
              pid: 48211,
              parent_process: { name: 'runc', pid: 48196, parent_process: { name: 'containerd-shim', pid: 3120 } },
            },
          },
          file: { path: '/etc/shadow' },
          container: {
            name: 'search',
            hash: { value: digest },
            image: { uid: `sha256:${digest}`, tag: '3.8.1' },
            orchestrator: 'Kubernetes',
            pod_uuid: '9d2c7b1e-4f60-4c1a-8e35-2b7a6f90c1d4',
          },
          data: { 'parapet.file_access': 'read', 'parapet.interactive': true },
        },
      ],
    });
  });

  it('is the same with replaced brackets as with its own - both are names of one field', () => {
    const own = onlyFinding(read('read-shadow.json'));
    const replaced = onlyFinding(read('brackets-replaced.json'));
    expect(replaced.finding.evidences).toEqual(own.finding.evidences);
    expect(replaced.deduplicationKey).toBe(own.deduplicationKey);
  });

  it('is the same with nested fields, and inside the envelope of SNS', () => {
    const plain = onlyFinding(read('terminal-shell-in-container.json'));
    for (const name of ['nested-fields.json', 'sns-notification.json']) {
      const other = onlyFinding(read(name));
      expect({ name, ...other.workload, key: other.deduplicationKey }).toEqual({
        name,
        ...plain.workload,
        key: plain.deduplicationKey,
      });
      expect(other.finding.evidences).toEqual(plain.finding.evidences);
    }
  });
});

describe('a Kubernetes audit event', () => {
  it('is about the pod it targets, made by the caller, and not on the node where Falco reads the log', () => {
    const { workload, finding } = onlyFinding(read('k8s-audit-exec.json'));
    expect(workload).toEqual({
      kind: 'pod',
      cluster: 'prod-eks',
      namespace: 'catalog',
      pod: 'search-5f8d7c9b6c-q4w8z',
      controller: 'search',
    });
    expect(finding).toMatchObject({
      actor: { user: { name: 'ci-deployer@example.com' } },
      evidences: [
        {
          data: {
            'parapet.api_call': {
              operation: 'create pods/exec (bash)',
              service: 'kubernetes',
              sourceIp: '198.51.100.24',
              succeeded: true,
            },
          },
        },
      ],
    });
    expect(finding.device).toBeUndefined();
  });

  it('about another object is about that object, also when it names none', () => {
    const change = (fields: Record<string, string>) => {
      const event = JSON.parse(body('k8s-audit-attach-exec.json'));
      const text = JSON.stringify({ ...event, output_fields: { 'ka.user.name': 'x', ...fields } });
      return onlyFinding(normalize(text, deliveryOf(text))).workload;
    };
    expect(change({ 'ka.target.resource': 'secrets', 'ka.target.namespace': 'web', 'ka.target.name': 'tls' })).toEqual({
      kind: 'resource',
      resourceType: 'Kubernetes secrets',
      name: 'web/tls',
      uid: 'unknown/secrets/web/tls',
    });
    expect(change({ 'ka.target.resource': 'secrets' })).toMatchObject({ kind: 'resource', name: 'all' });
  });
});

describe('evidence', () => {
  const webhookOnly = { webhook: { secret: 'parapet/falco/webhook', allowedNetworks: ['203.0.113.0/24'] } };
  const queue = { senderArns: ['arn:aws:iam::111122223333:role/falcosidekick'] };
  const configured = (falco: object) => sampleConfiguration({ sources: { falco } });
  const findings = (channel: Channel) => STORY.flatMap(([name]) => findingsOf(read(name, channel)));

  async function gather(falco: object, found: readonly NormalizedFinding[]) {
    const source = evidenceOf(configured(falco), { now: () => NOW });
    if (source === undefined) throw new Error('falco is configured');
    const parts = ['alert-details', 'runtime-activity', 'vulnerabilities', 'network'] as const;
    const gathered = await Promise.all(
      parts.map(async (part) => ({ part, ...(await source.gather(part, found, NOW)), gatheredAt: NOW.toISOString() })),
    );
    for (const { drafts } of gathered) {
      for (const draft of drafts) expect(evidenceDraftSchema.parse(draft)).toEqual(draft);
    }
    const [first] = found;
    if (first === undefined) throw new Error('there is a finding');
    return composePack({
      incidentId: 'inc-1',
      workload: first.workload,
      vendorSeverity: first.severity,
      parts: gathered.map(({ drafts, ...part }) => ({ ...part, drafts: [...drafts] })),
    });
  }

  it('of an event on the webhook is not confirmed, with the reason - nobody can be asked (rule 7)', async () => {
    const pack = await gather({ ...webhookOnly, queue }, findings('webhook'));
    expect(confirmationOf(pack)).toMatchObject({ any: false, all: false });
    expect(pack.items.map(({ text }) => text).join('\n')).toMatch(/did not confirm the alert: Falco has no API/);
  });

  it('of events on the queue is confirmed, because AWS authenticated their sender (decision 0008)', async () => {
    expect(confirmationOf(await gather({ ...webhookOnly, queue }, findings('queue')))).toMatchObject({
      any: true,
      all: true,
    });
  });

  it('of a queue that is no longer configured is not confirmed - its policy no longer says who may send', async () => {
    expect(confirmationOf(await gather(webhookOnly, findings('queue')))).toMatchObject({ any: false, all: false });
  });

  it('stays unconfirmed as a whole when one event came by webhook among those of the queue', async () => {
    const mixed = [...findings('queue'), ...findings('webhook').slice(0, 1)];
    expect(confirmationOf(await gather({ ...webhookOnly, queue }, mixed))).toMatchObject({ any: true, all: false });
  });

  it('of a notification that still has its envelope is not confirmed - collect refused its topic, and this is a replay', async () => {
    const found = findingsOf(read('sns-notification.json', 'queue'));
    expect(confirmationOf(await gather({ ...webhookOnly, queue }, found))).toMatchObject({ any: false, all: false });
  });

  it('cannot be confirmed by what the body says of its channel', async () => {
    const event = { ...JSON.parse(body('terminal-shell.json')), channel: 'queue', readBack: { channel: 'queue' } };
    const text = JSON.stringify({ ...event, output_fields: { ...event.output_fields, channel: 'queue' } });
    const forged = findingsOf(normalize(text, deliveryOf(text, 'webhook')));
    expect(confirmationOf(await gather({ ...webhookOnly, queue }, forged))).toMatchObject({ any: false });
  });

  it('tells the lineage by process ids, the shell as interactive, the call of the API, and nothing of the file as written', async () => {
    const pack = await gather({ queue }, findings('queue'));
    const facts = pack.items.map(({ fact }) => fact);
    expect(facts.filter(({ kind }) => kind === 'process')).toEqual(
      expect.arrayContaining([
        {
          kind: 'process',
          pid: 48302,
          parentPid: 48211,
          path: '/usr/bin/cat',
          commandLine: 'cat /etc/shadow',
          user: 'root',
          interactive: true,
        },
        {
          kind: 'process',
          pid: 48211,
          parentPid: 48196,
          path: '/usr/bin/bash',
          commandLine: 'bash',
          user: 'root',
          interactive: true,
        },
      ]),
    );
    expect(facts).toContainEqual(
      expect.objectContaining({
        kind: 'api-call',
        operation: 'create pods/exec (bash)',
        principal: 'ci-deployer@example.com',
      }),
    );
    expect(facts.some(({ kind }) => kind === 'file-written')).toBe(false);
    expect(
      pack.items
        .filter(({ fact }) => fact.kind !== 'confirmation')
        .every(({ trust }) => trust === 'attacker_influenced'),
    ).toBe(true);
  });

  it('names the pod as the Kubernetes gatherer does, so that an action can bind to it', async () => {
    const pack = await gather({ queue }, findings('queue'));
    expect(pack.entities).toContainEqual(
      expect.objectContaining({ kind: 'pod', canonical: 'prod-eks/catalog/search-5f8d7c9b6c-q4w8z' }),
    );
  });

  it('is undefined for a configuration without Falco', () => {
    expect(evidenceOf(sampleConfiguration(), { now: () => NOW })).toBeUndefined();
  });
});
