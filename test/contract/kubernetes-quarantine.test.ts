import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quarantinePod } from '../../connectors/targets/kubernetes/actions/quarantine-pod.ts';
import { kubernetesReader } from '../../connectors/targets/kubernetes/reader.ts';
import type { PreparedAction } from '../../domain/actions/action.ts';
import { planDigest } from '../../domain/actions/action.ts';
import type { ApiObject, ObjectStore } from '../../local/sandbox/kubernetes/objects.ts';
import {
  INCIDENT_ID,
  POD_TARGET,
  POD_UID,
  prepared as prepare,
  startCluster,
  statusFault,
  type TestCluster,
} from './kubernetes-cluster.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startCluster();
});
afterEach(() => cluster.close());

const POD = POD_TARGET.name;
const plan = (): Promise<PreparedAction> => prepare(quarantinePod, cluster.read, POD_TARGET);
const podOf = (store: ObjectStore): ApiObject => {
  const pod = store.get('pods', 'payments', POD);
  if (pod === undefined) throw new Error('the pod is gone');
  return pod;
};
const labels = () => cluster.sandbox.objects('pods').find(({ metadata }) => metadata.uid === POD_UID)?.metadata.labels;
const policies = () => cluster.sandbox.objects('networkpolicies').map(({ metadata }) => metadata.name);
/** What a person or a policy wrote, without the server's bookkeeping: what a rollback must give back. */
const state = () => ({
  pods: cluster.sandbox
    .objects('pods')
    .map(({ metadata }) => ({ uid: metadata.uid, labels: metadata.labels, annotations: metadata.annotations })),
  policies: cluster.sandbox.objects('networkpolicies').map(({ metadata, spec }) => ({ uid: metadata.uid, spec })),
});
const writes = () => cluster.server.calls.filter(({ method }) => method !== 'GET');
const allowEverything = (name: string): ApiObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'payments', uid: '', resourceVersion: '', creationTimestamp: '' },
  spec: {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{}],
    egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }],
  },
});

describe('planning a quarantine', () => {
  it('writes nothing and gives the exact requests: policy first, then the label', async () => {
    const before = state();
    const prepared = await plan();
    expect(state()).toEqual(before);
    expect(writes()).toEqual([]);
    const id = /parapet-quarantine-([0-9a-f]{12})/.exec(prepared.requests[0]?.path ?? '')?.[1];
    expect(prepared).toEqual({
      action: 'kubernetes.quarantine-pod',
      incidentId: INCIDENT_ID,
      actionId: 'A1',
      target: POD_TARGET,
      parameters: {},
      beforeState: {
        uid: POD_UID,
        labels: { app: 'checkout', 'pod-template-hash': '6d9f7c5b8d', tier: 'backend' },
        removedLabels: { app: 'checkout', 'pod-template-hash': '6d9f7c5b8d' },
      },
      requests: [
        {
          method: 'PATCH',
          path: `/apis/networking.k8s.io/v1/namespaces/payments/networkpolicies/parapet-quarantine-${id}?fieldManager=parapet&fieldValidation=Strict&force=true`,
          contentType: 'application/apply-patch+yaml',
          body: {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'NetworkPolicy',
            metadata: {
              name: `parapet-quarantine-${id}`,
              namespace: 'payments',
              labels: { 'app.kubernetes.io/managed-by': 'parapet' },
              annotations: { 'parapet.io/incident': INCIDENT_ID },
            },
            spec: { podSelector: { matchLabels: { 'parapet.io/quarantine': id } }, policyTypes: ['Ingress', 'Egress'] },
          },
          purpose: 'deny all traffic of the label',
        },
        {
          method: 'PATCH',
          path: `/api/v1/namespaces/payments/pods/${POD}?fieldManager=parapet&fieldValidation=Strict`,
          contentType: 'application/json-patch+json',
          body: [
            { op: 'test', path: '/metadata/uid', value: POD_UID },
            {
              op: 'test',
              path: '/metadata/labels',
              value: { app: 'checkout', 'pod-template-hash': '6d9f7c5b8d', tier: 'backend' },
            },
            { op: 'remove', path: '/metadata/labels/app' },
            { op: 'remove', path: '/metadata/labels/pod-template-hash' },
            { op: 'add', path: '/metadata/labels/parapet.io~1quarantine', value: id },
            { op: 'add', path: '/metadata/annotations/parapet.io~1incident', value: INCIDENT_ID },
            {
              op: 'add',
              path: '/metadata/annotations/parapet.io~1labels-before',
              value: '{"app":"checkout","pod-template-hash":"6d9f7c5b8d","tier":"backend"}',
            },
          ],
          purpose: 'put the pod under the policy',
        },
      ],
      inverse: expect.any(Array),
    });
  });

  it('gives the same digest as long as nothing relevant changes - the kubelet writes status every few seconds', async () => {
    const first = await plan();
    cluster.sandbox.change((store) =>
      store.put('pods', { ...podOf(store), status: { phase: 'Running', podIP: '10.0.33.17', message: 'probed' } }),
    );
    expect(planDigest(await plan())).toBe(planDigest(first));
  });

  it('tells people what happens, what it costs, how it is undone and what it may not do', async () => {
    const preparation = await quarantinePod.prepare(cluster.read, {
      incidentId: INCIDENT_ID,
      actionId: 'A1',
      target: POD_TARGET,
      parameters: {},
    });
    if (!preparation.ok) throw new Error(preparation.reason);
    const { preview } = preparation;
    expect(preview.title).toBe(`Quarantine pod payments/${POD} in prod-eks`);
    expect(preview.blastRadius).toEqual([
      `All traffic of pod payments/${POD} stops, in and out, name resolution included.`,
      'The pod leaves Service checkout.',
      'ReplicaSet checkout-6d9f7c5b8d no longer counts the pod and starts a replacement from the same image, which is as vulnerable as this one until the cause is fixed.',
    ]);
    expect(preview.commands).toHaveLength(2);
    expect(preview.commands[1]).toMatch(
      /^kubectl -n payments patch pod checkout-6d9f7c5b8d-x2x9q --type=json .* -p '\[/,
    );
    expect(preview.undo).toContain('kubectl -n payments delete networkpolicy parapet-quarantine-');
    expect(preview.warnings.join('\n')).toMatch(/open now may survive[\s\S]*network plug-in enforces/);
  });

  it.each([
    ['gone', (store: ObjectStore) => store.remove('pods', podOf(store))],
    [
      'replaced',
      (store: ObjectStore) =>
        store.put('pods', { ...podOf(store), metadata: { ...podOf(store).metadata, uid: 'another' } }),
    ],
    [
      'unsupported',
      (store: ObjectStore) => store.put('pods', { ...podOf(store), spec: { hostNetwork: true, containers: [] } }),
    ],
    ['gone', (store: ObjectStore) => store.put('pods', { ...podOf(store), status: { phase: 'Succeeded' } })],
  ] as const)('says that the pod is %s when it is', async (code, edit) => {
    cluster.sandbox.change((store) => {
      edit(store);
    });
    const preparation = await quarantinePod.prepare(cluster.read, {
      incidentId: INCIDENT_ID,
      actionId: 'A1',
      target: POD_TARGET,
      parameters: {},
    });
    expect(preparation).toMatchObject({ ok: false, code });
  });

  it('never touches kube-system, nor a namespace that the configuration protects', async () => {
    const dns = {
      ...POD_TARGET,
      namespace: 'kube-system',
      name: 'coredns-7c65d6cfc9-4hx2l',
      uid: '00000000-0000-4000-8000-000000000041',
    };
    const ask = { incidentId: INCIDENT_ID, actionId: 'A1', parameters: {} };
    expect(await quarantinePod.prepare(cluster.read, { ...ask, target: dns })).toMatchObject({
      ok: false,
      code: 'protected',
    });
    const guarded = kubernetesReader({ ...cluster.configuration, protectedNamespaces: ['payments'] }, cluster.deps());
    expect(await quarantinePod.prepare(guarded, { ...ask, target: POD_TARGET })).toMatchObject({
      ok: false,
      code: 'protected',
    });
  });

  it('warns before the decision when another policy would keep the pod reachable', async () => {
    cluster.sandbox.change((store) => store.put('networkpolicies', allowEverything('allow-all')));
    const preparation = await quarantinePod.prepare(cluster.read, {
      incidentId: INCIDENT_ID,
      actionId: 'A1',
      target: POD_TARGET,
      parameters: {},
    });
    if (!preparation.ok) throw new Error(preparation.reason);
    expect(preparation.preview.warnings.filter((text) => text.includes('NetworkPolicy allow-all'))).toHaveLength(2);
  });
});

describe('applying a quarantine', () => {
  it('isolates the pod, takes it from its Service and lets the ReplicaSet start a replacement', async () => {
    const prepared = await plan();
    const result = await quarantinePod.apply(cluster.write, prepared);
    expect(result.outcome).toBe('applied');
    expect(result.requests.map(({ method, dryRun, status }) => [method, dryRun, status])).toEqual([
      ['PATCH', true, 201],
      ['PATCH', true, 200],
      ['PATCH', false, 201],
      ['PATCH', false, 200],
    ]);
    expect(labels()).toEqual({ tier: 'backend', 'parapet.io/quarantine': expect.stringMatching(/^[0-9a-f]{12}$/) });
    const pods = cluster.sandbox.objects('pods').filter(({ metadata }) => metadata.namespace === 'payments');
    expect(pods).toHaveLength(3);
    const [slice] = cluster.sandbox
      .objects('endpointslices')
      .filter(({ metadata }) => metadata.namespace === 'payments');
    expect(JSON.stringify(slice)).not.toContain('10.0.33.17');
    expect(await quarantinePod.verify(cluster.read, prepared)).toEqual({
      result: 'contained',
      enforcement: 'assumed',
      checks: [
        { name: 'quarantine-label', ok: true, detail: expect.any(String) },
        { name: 'policy-in-place', ok: true, detail: expect.any(String) },
        { name: 'out-of-services', ok: true, detail: 'no Service leads to the pod' },
        { name: 'ingress-denied', ok: true, detail: 'all policies together deny ingress' },
        { name: 'egress-denied', ok: true, detail: 'all policies together deny egress' },
      ],
      verifiedAt: '2025-10-14T09:20:00.000Z',
    });
  });

  it('sends exactly what was approved, byte for byte', async () => {
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    const sent = writes().filter(({ query }) => !query.has('dryRun'));
    expect(sent.map(({ body }) => JSON.parse(body) as unknown)).toEqual(prepared.requests.map(({ body }) => body));
    expect(sent.map(({ path, query }) => `${path}?${query}`)).toEqual(prepared.requests.map(({ path }) => path));
  });

  it('changes nothing in the dry run', async () => {
    const prepared = await plan();
    const before = state();
    cluster.server.misbehave(statusFault(403, 'is forbidden', { method: 'PATCH', path: '/pods/' }));
    expect((await quarantinePod.apply(cluster.write, prepared)).outcome).toBe('denied');
    expect(writes()).toHaveLength(2);
    expect(state()).toEqual(before);
  });

  it('does nothing the second time', async () => {
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    const once = state();
    const sent = writes().length;
    expect(await quarantinePod.apply(cluster.write, prepared)).toMatchObject({
      outcome: 'already-applied',
      requests: [],
    });
    expect(state()).toEqual(once);
    expect(writes()).toHaveLength(sent);
  });

  it('goes on where a crash between policy and label left it', async () => {
    const prepared = await plan();
    const [policy] = prepared.requests;
    if (policy === undefined) throw new Error('no policy in the plan');
    await cluster.write.send(policy, { dryRun: false, record: () => undefined });
    expect((await quarantinePod.verify(cluster.read, prepared)).result).toBe('failed');
    expect((await quarantinePod.apply(cluster.write, prepared)).outcome).toBe('applied');
    expect((await quarantinePod.verify(cluster.read, prepared)).result).toBe('contained');
  });

  it('puts the policy back under a pod that carries the label already', async () => {
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    cluster.sandbox.change((store) => {
      for (const policy of store.all('networkpolicies').filter(({ metadata }) => metadata.name.startsWith('parapet-')))
        store.remove('networkpolicies', policy);
    });
    expect((await quarantinePod.verify(cluster.read, prepared)).result).toBe('failed');
    expect((await quarantinePod.apply(cluster.write, prepared)).outcome).toBe('applied');
    expect((await quarantinePod.verify(cluster.read, prepared)).result).toBe('contained');
  });

  it('stops at a pod that is gone, and at one that only has the same name', async () => {
    const prepared = await plan();
    cluster.sandbox.change((store) =>
      store.put('pods', { ...podOf(store), metadata: { ...podOf(store).metadata, uid: 'another' } }),
    );
    expect((await quarantinePod.apply(cluster.write, prepared)).outcome).toBe('replaced');
    cluster.sandbox.change((store) => store.remove('pods', podOf(store)));
    expect((await quarantinePod.apply(cluster.write, prepared)).outcome).toBe('gone');
    expect(writes()).toEqual([]);
  });

  it.each([
    [
      'a label of the pod',
      (store: ObjectStore) =>
        store.put('pods', { ...podOf(store), metadata: { ...podOf(store).metadata, labels: { app: 'other' } } }),
    ],
    [
      'a Service that now selects it by another label',
      (store: ObjectStore) =>
        store.put('services', {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'backdoor', namespace: 'payments', uid: '', resourceVersion: '', creationTimestamp: '' },
          spec: { selector: { tier: 'backend' } },
        }),
    ],
  ])('wants a new plan after a change of %s - what was approved would no longer isolate it', async (_, edit) => {
    const prepared = await plan();
    cluster.sandbox.change((store) => {
      edit(store);
    });
    expect((await quarantinePod.apply(cluster.write, prepared)).outcome).toBe('changed');
    expect(writes()).toEqual([]);
  });

  it('goes on after a change of the pod that does not matter', async () => {
    const prepared = await plan();
    cluster.sandbox.change((store) =>
      store.put('pods', { ...podOf(store), status: { phase: 'Running', podIP: '10.0.33.17', message: 'x' } }),
    );
    expect((await quarantinePod.apply(cluster.write, prepared)).outcome).toBe('applied');
  });

  it('reads again after one conflict and goes on; after two it wants a new plan', async () => {
    const prepared = await plan();
    cluster.server.misbehave(statusFault(409, 'the object has been modified', { method: 'PATCH', path: '/pods/' }));
    expect((await quarantinePod.apply(cluster.write, prepared)).outcome).toBe('applied');
    await quarantinePod.rollBack(cluster.write, prepared);
    const again = await plan();
    cluster.server.misbehave(
      statusFault(409, 'the object has been modified', { method: 'PATCH', path: '/pods/', times: 2 }),
    );
    expect((await quarantinePod.apply(cluster.write, again)).outcome).toBe('changed');
    expect(policies()).toEqual(['allow-checkout']);
  });

  it('removes the policy again when the pod was refused to it for good', async () => {
    const prepared = await plan();
    let podWrites = 0;
    const write = {
      ...cluster.write,
      send: (request: Parameters<typeof cluster.write.send>[0], options: Parameters<typeof cluster.write.send>[1]) => {
        // The second write to the pod is the real one: a webhook may refuse what it let pass as a dry run.
        if (request.path.includes('/pods/') && ++podWrites === 2)
          cluster.server.misbehave(statusFault(403, 'denied by webhook', { method: 'PATCH', path: '/pods/' }));
        return cluster.write.send(request, options);
      },
    };
    const result = await quarantinePod.apply(write, prepared);
    expect(result.outcome).toBe('denied');
    expect(result.reason).toContain('was removed again');
    expect(policies()).toEqual(['allow-checkout']);
  });

  it('does not claim to know what became of a write that got no answer', async () => {
    const prepared = await plan();
    cluster.server.misbehave({ system: 'kubernetes', method: 'PATCH', path: '/pods/', reply: { cutAfterBytes: 3 } });
    const dry = await quarantinePod.apply(cluster.write, prepared);
    expect(dry).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('this was the dry run, nothing was changed'),
    });
  });

  it('reports a webhook without dry-run support as that, not as success or failure of the real thing', async () => {
    const prepared = await plan();
    cluster.server.misbehave(
      statusFault(400, 'admission webhook "guard.example.com" does not support dry run', { method: 'PATCH' }),
    );
    const result = await quarantinePod.apply(cluster.write, prepared);
    expect(result).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('dry run is not supported here'),
    });
    expect(policies()).toEqual(['allow-checkout']);
  });

  it("does not overwrite somebody else's policy that has our name", async () => {
    const prepared = await plan();
    const name = /parapet-quarantine-[0-9a-f]+/.exec(prepared.requests[0]?.path ?? '')?.[0] ?? '';
    cluster.sandbox.change((store) => store.put('networkpolicies', allowEverything(name)));
    expect((await quarantinePod.apply(cluster.write, prepared)).outcome).toBe('refused');
    expect(writes()).toEqual([]);
  });
});

describe('verifying a quarantine', () => {
  it('says partial when another policy with an empty selector still allows traffic - policies only add', async () => {
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    cluster.sandbox.change((store) => store.put('networkpolicies', allowEverything('allow-all')));
    const verification = await quarantinePod.verify(cluster.read, prepared);
    expect(verification.result).toBe('partial');
    expect(verification.checks.filter(({ ok }) => !ok)).toEqual([
      {
        name: 'ingress-denied',
        ok: false,
        detail: 'NetworkPolicy allow-all still allows ingress from anywhere on all ports',
      },
      {
        name: 'egress-denied',
        ok: false,
        detail: 'NetworkPolicy allow-all still allows egress to 0.0.0.0/0 on all ports',
      },
    ]);
  });

  it('says partial while a Service still leads to the pod', async () => {
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    cluster.sandbox.change((store) =>
      store.put('endpointslices', {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          name: 'manual-1',
          namespace: 'payments',
          uid: '',
          resourceVersion: '',
          creationTimestamp: '',
          labels: { 'kubernetes.io/service-name': 'manual' },
        },
        endpoints: [{ addresses: ['10.0.33.17'] }],
      }),
    );
    const { result, checks } = await quarantinePod.verify(cluster.read, prepared);
    expect(result).toBe('partial');
    expect(checks.find(({ name }) => name === 'out-of-services')?.detail).toBe('still an endpoint of manual');
  });

  it('calls enforcement proven only where the network plug-in published our policy with our pod', async () => {
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    const name = policies().find((policy) => policy.startsWith('parapet-')) ?? '';
    const publish = (pod: string) =>
      cluster.sandbox.change((store) =>
        store.put('policyendpoints', {
          apiVersion: 'networking.k8s.aws/v1alpha1',
          kind: 'PolicyEndpoint',
          metadata: { name: `${name}-x`, namespace: 'payments', uid: '', resourceVersion: '', creationTimestamp: '' },
          spec: {
            policyRef: { name, namespace: 'payments' },
            podSelectorEndpoints: [{ name: pod, namespace: 'payments', podIP: '10.0.33.17', hostIP: '10.0.12.34' }],
          },
        }),
      );
    publish('another-pod');
    expect((await quarantinePod.verify(cluster.read, prepared)).enforcement).toBe('assumed');
    publish(POD);
    expect((await quarantinePod.verify(cluster.read, prepared)).enforcement).toBe('proven');
  });

  it('says failed and not enforced before anything was applied', async () => {
    expect(await quarantinePod.verify(cluster.read, await plan())).toMatchObject({
      result: 'failed',
      enforcement: 'none',
    });
  });

  it('says what became of a pod that is gone', async () => {
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    cluster.sandbox.change((store) => store.remove('pods', podOf(store)));
    expect(await quarantinePod.verify(cluster.read, prepared)).toMatchObject({
      result: 'contained',
      enforcement: 'not-applicable',
    });
  });
});

describe('rolling a quarantine back', () => {
  it('gives back the very state from before', async () => {
    const before = state();
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    expect(state()).not.toEqual(before);
    expect(await quarantinePod.rollBack(cluster.write, prepared)).toMatchObject({ outcome: 'rolled-back' });
    expect(state()).toEqual(before);
    expect((await plan()).beforeState).toEqual(prepared.beforeState);
  });

  it('does nothing the second time, nor when nothing was applied', async () => {
    const prepared = await plan();
    expect(await quarantinePod.rollBack(cluster.write, prepared)).toMatchObject({
      outcome: 'nothing-to-undo',
      requests: [],
    });
    await quarantinePod.apply(cluster.write, prepared);
    await quarantinePod.rollBack(cluster.write, prepared);
    expect(await quarantinePod.rollBack(cluster.write, prepared)).toMatchObject({
      outcome: 'nothing-to-undo',
      requests: [],
    });
  });

  it('keeps the policy when the labels could not be restored - the pod must not look isolated and be open', async () => {
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    cluster.server.misbehave(statusFault(403, 'is forbidden', { method: 'PATCH' }));
    expect((await quarantinePod.rollBack(cluster.write, prepared)).outcome).toBe('failed');
    expect(policies()).toHaveLength(2);
  });

  it('removes the policy of a pod that is gone, and leaves its successor alone', async () => {
    const prepared = await plan();
    await quarantinePod.apply(cluster.write, prepared);
    cluster.sandbox.change((store) =>
      store.put('pods', { ...podOf(store), metadata: { ...podOf(store).metadata, uid: 'another' } }),
    );
    expect((await quarantinePod.rollBack(cluster.write, prepared)).outcome).toBe('rolled-back');
    expect(policies()).toEqual(['allow-checkout']);
    expect(writes().at(-1)?.method).toBe('DELETE');
  });
});
