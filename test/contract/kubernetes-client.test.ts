import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TargetError } from '../../connectors/targets/errors.ts';
import { KUBERNETES_LIMITS } from '../../connectors/targets/kubernetes/client.ts';
import { kubernetesReader } from '../../connectors/targets/kubernetes/reader.ts';
import { creation, jsonPatch, serverSideApply } from '../../connectors/targets/kubernetes/requests.ts';
import { kubernetesWriter } from '../../connectors/targets/kubernetes/writer.ts';
import { sandboxCertificates } from '../../local/sandbox/kubernetes/tls.ts';
import {
  clusterAt,
  POD_UID,
  READ_TOKEN,
  secretsOf,
  startCluster,
  statusFault,
  type TestCluster,
  WRITE_TOKEN,
} from './kubernetes-cluster.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startCluster();
});
afterEach(() => cluster.close());

const POD = 'checkout-6d9f7c5b8d-x2x9q';
const pod = () => cluster.read.getPod('payments', POD);
const errorOf = async (promise: Promise<unknown>): Promise<TargetError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TargetError)) throw new Error('no TargetError was thrown', { cause: error });
  return error;
};

describe('the connection to an API server', () => {
  it('reads over TLS with the cluster authority alone', async () => {
    expect((await pod())?.metadata.uid).toBe(POD_UID);
    expect(cluster.server.calls[0]?.headers['authorization']).toBe(`Bearer ${READ_TOKEN}`);
  });

  it('fails with another authority - whoever answers there is not the cluster - and sends no token', async () => {
    const other = await sandboxCertificates('another');
    const secrets = secretsOf({ 'sandbox/read': { token: READ_TOKEN, caPem: other.caPem } });
    const reader = kubernetesReader(cluster.configuration, cluster.deps({ secrets }));
    const error = await errorOf(reader.getPod('payments', POD));
    expect(error.kind).toBe('unreachable');
    expect(error.message).toContain('check caPem');
    expect(cluster.server.calls).toEqual([]);
  });

  it('refuses a server that is not https - the token would cross the network in the clear', async () => {
    const reader = kubernetesReader(clusterAt('http://127.0.0.1:1'), cluster.deps());
    expect((await errorOf(reader.getPod('payments', POD))).kind).toBe('unusable');
  });

  it('reads the secret once more after a 401, because tokens are rotated, and goes on', async () => {
    cluster.server.misbehave(statusFault(401, 'Unauthorized'));
    expect((await pod())?.metadata.name).toBe(POD);
    expect(cluster.secretReads).toEqual([
      { name: 'sandbox/read', fresh: false },
      { name: 'sandbox/read', fresh: true },
    ]);
  });

  it('gives up after the second 401 - a loop would hammer the secret store', async () => {
    cluster.server.misbehave(statusFault(401, 'Unauthorized', { times: 5 }));
    expect((await errorOf(pod())).kind).toBe('denied');
    expect(cluster.server.calls).toHaveLength(2);
  });

  it('says which secret is missing instead of calling without one', async () => {
    const reader = kubernetesReader(cluster.configuration, cluster.deps({ secrets: secretsOf({}) }));
    const error = await errorOf(reader.getPod('payments', POD));
    expect(error.kind).toBe('unusable');
    expect(error.message).toContain('sandbox/read');
  });

  it('repeats a read on 429 and 503, waiting as long as it is told', async () => {
    cluster.server.misbehave({
      system: 'kubernetes',
      reply: { status: 429, headers: { 'retry-after': '2' }, body: '{}' },
    });
    cluster.server.misbehave(statusFault(503, 'apiserver is shutting down'));
    expect((await pod())?.metadata.name).toBe(POD);
    expect(cluster.waits).toEqual([2_000, 200]);
  });

  it('gives up when told to wait longer than a function can', async () => {
    cluster.server.misbehave({
      system: 'kubernetes',
      reply: { status: 429, headers: { 'retry-after': '600' }, body: '{}' },
    });
    expect((await errorOf(pod())).kind).toBe('unreachable');
    expect(cluster.waits).toEqual([]);
  });

  it('repeats a read whose answer was cut off', async () => {
    cluster.server.misbehave({ system: 'kubernetes', reply: { cutAfterBytes: 20 } });
    expect((await pod())?.metadata.name).toBe(POD);
  });

  it('gives up on a server that accepts and never answers', async () => {
    cluster.server.misbehave({ system: 'kubernetes', reply: { hangMs: 5_000 } });
    const limits = { ...KUBERNETES_LIMITS, timeoutMs: 200, attempts: 1 };
    const error = await errorOf(
      kubernetesReader(cluster.configuration, cluster.deps({ limits })).getPod('payments', POD),
    );
    expect(error.message).toContain('did not answer within 200 ms');
  });

  it('stops reading an answer that is larger than the limit', async () => {
    const limits = { ...KUBERNETES_LIMITS, maxAnswerBytes: 200 };
    const reader = kubernetesReader(cluster.configuration, cluster.deps({ limits }));
    expect((await errorOf(reader.getPod('payments', POD))).kind).toBe('unusable');
  });

  it('refuses a redirect - it would carry the token to another host', async () => {
    cluster.server.misbehave({
      system: 'kubernetes',
      reply: { status: 302, headers: { location: 'https://attacker.example.com/' } },
    });
    expect((await errorOf(pod())).kind).toBe('unusable');
  });

  it('takes an answer that is not JSON for what it is', async () => {
    cluster.server.misbehave({ system: 'kubernetes', reply: { status: 200, body: '<html>captive portal</html>' } });
    expect((await errorOf(pod())).kind).toBe('unusable');
  });
});

describe('lists', () => {
  it('follows continue tokens to the end', async () => {
    const limits = { ...KUBERNETES_LIMITS, pageSize: 1 };
    const reader = kubernetesReader(cluster.configuration, cluster.deps({ limits }));
    const bindings = await reader.getBindingsOf({ namespace: 'payments', name: 'checkout' });
    expect(bindings.map(({ metadata }) => metadata.name)).toEqual([
      'checkout-cluster-admin',
      'system:basic-user',
      'checkout-view',
    ]);
  });

  it('fails on a list that does not end - half a list of policies would be a false statement about isolation', async () => {
    const limits = { ...KUBERNETES_LIMITS, pageSize: 1, maxPages: 2 };
    const reader = kubernetesReader(cluster.configuration, cluster.deps({ limits }));
    expect((await errorOf(reader.getBindingsOf({ namespace: 'payments', name: 'checkout' }))).kind).toBe('unusable');
  });

  it('counts calls and bytes for the evidence', async () => {
    const meter = { calls: 0, bytes: 0 };
    await kubernetesReader(cluster.configuration, cluster.deps({ meter })).getServices('payments');
    expect(meter.calls).toBe(1);
    expect(meter.bytes).toBeGreaterThan(100);
  });
});

describe('answers that mean no', () => {
  it('knows a pod that is not there from one it may not see', async () => {
    expect(await cluster.read.getPod('payments', 'nobody')).toBeUndefined();
    cluster.server.misbehave(statusFault(403, 'pods "x" is forbidden'));
    const error = await errorOf(pod());
    expect(error.kind).toBe('denied');
    expect(error.message).toContain('is forbidden');
  });

  it('has no proof of enforcement where the cluster does not publish any', async () => {
    cluster.server.misbehave(statusFault(404, 'the server could not find the requested resource'));
    expect(await cluster.read.getPolicyEndpoints('payments')).toBeUndefined();
  });

  it('never calls for a name that Kubernetes cannot have - names come from alerts', async () => {
    for (const name of ['../secrets', 'a/b', 'a%2f', '', 'A', 'x'.repeat(254), 'a..b', '-a'])
      expect((await errorOf(cluster.read.getPod('payments', name))).kind).toBe('invalid');
    for (const namespace of ['..', 'a/b', 'a.b', ''])
      expect((await errorOf(cluster.read.getPod(namespace, 'pod'))).kind).toBe('invalid');
    expect(cluster.server.calls).toEqual([]);
  });

  it('stays below its path whatever text comes as a name of an RBAC object', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 40 }), async (name) => {
        await cluster.read.getBinding('ClusterRoleBinding', undefined, name).catch((error: unknown) => {
          if (!(error instanceof TargetError)) throw error;
        });
        const path = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/';
        for (const call of cluster.server.calls) expect(call.path.startsWith(path)).toBe(true);
        for (const call of cluster.server.calls) expect(call.path.slice(path.length)).not.toContain('/');
      }),
      { numRuns: 60 },
    );
  });
});

describe('writes', () => {
  const path = '/apis/networking.k8s.io/v1/namespaces/payments/networkpolicies';
  const policy = (name: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'payments' },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  });

  it('uses the writing account, and the reading account may not write', async () => {
    const sent: unknown[] = [];
    await cluster.write.send(creation(path, policy('a'), 'test'), {
      dryRun: false,
      record: (request) => sent.push(request),
    });
    expect(cluster.server.calls.at(-1)?.headers['authorization']).toBe(`Bearer ${WRITE_TOKEN}`);
    expect(sent).toEqual([
      {
        method: 'POST',
        path: `${path}?fieldManager=parapet&fieldValidation=Strict`,
        bodySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        status: 201,
        dryRun: false,
        at: '2025-10-14T09:20:00.000Z',
      },
    ]);
    const asReader = kubernetesWriter({ ...cluster.configuration, writeSecret: 'sandbox/read' }, cluster.deps());
    const refused = asReader.send(creation(path, policy('b'), 'test'), { dryRun: false, record: () => undefined });
    expect((await errorOf(refused)).kind).toBe('denied');
  });

  it('does not repeat a write whose answer was lost - nobody knows whether it arrived', async () => {
    for (const request of [creation(path, policy('a'), 'test'), serverSideApply(`${path}/a`, policy('a'), 'test')]) {
      const before = cluster.server.calls.length;
      cluster.server.misbehave({ system: 'kubernetes', reply: { cutAfterBytes: 5 } });
      expect((await errorOf(cluster.write.send(request, { dryRun: false, record: () => undefined }))).kind).toBe(
        'unreachable',
      );
      expect(cluster.server.calls.length - before).toBe(1);
    }
  });

  it('repeats only what gives the same state however often it arrives, and only when told that it was not processed', async () => {
    cluster.server.misbehave(statusFault(429, 'too many requests'));
    await cluster.write.send(serverSideApply(`${path}/a`, policy('a'), 'test'), {
      dryRun: false,
      record: () => undefined,
    });
    expect(cluster.sandbox.objects('networkpolicies').map(({ metadata }) => metadata.name)).toContain('a');
    cluster.server.misbehave(statusFault(429, 'too many requests'));
    const created = cluster.write.send(creation(path, policy('b'), 'test'), { dryRun: false, record: () => undefined });
    expect((await errorOf(created)).status).toBe(429);
  });

  it('never sends a write without its guard - a same-named successor could be hit', async () => {
    const pods = '/api/v1/namespaces/payments/pods/x';
    const unguarded = [
      { method: 'DELETE', path: pods, contentType: 'application/json', body: {}, purpose: 'x' },
      { ...jsonPatch(pods, 'uid', [], 'x'), body: [{ op: 'remove', path: '/metadata/labels/app' }] },
      { method: 'PUT', path: pods, contentType: 'application/json', body: {}, purpose: 'x' },
      { method: 'PATCH', path: pods, contentType: 'application/merge-patch+json', body: {}, purpose: 'x' },
    ] as const;
    for (const request of unguarded)
      expect((await errorOf(cluster.write.send({ ...request }, { dryRun: false, record: () => undefined }))).kind).toBe(
        'invalid',
      );
    expect(cluster.server.calls).toEqual([]);
  });

  it('tells a conflict from an invalid request', async () => {
    cluster.server.misbehave(statusFault(409, 'the object has been modified'));
    cluster.server.misbehave(statusFault(422, 'is invalid'));
    const send = () => cluster.write.send(creation(path, policy('a'), 'x'), { dryRun: false, record: () => undefined });
    expect((await errorOf(send())).kind).toBe('conflict');
    expect((await errorOf(send())).kind).toBe('invalid');
  });
});
