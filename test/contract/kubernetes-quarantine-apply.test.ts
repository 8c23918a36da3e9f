import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quarantinePod } from '../../connectors/targets/kubernetes/actions/quarantine-pod.ts';
import { type PreparedOn, preparedActionSchema } from '../../domain/actions/action.ts';
import { type KubernetesTarget, kubernetesTargetSchema } from '../../domain/actions/target.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import type { ObjectStore } from '../../local/sandbox/kubernetes/objects.ts';
import {
  POD_TARGET,
  POD_UID,
  prepared as prepare,
  startCluster,
  statusFault,
  type TestCluster,
} from './kubernetes-cluster.ts';
import { allowEverything, podOf, policiesOf, replacePod, stateOf, writesOf } from './kubernetes-quarantine-case.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startCluster();
});
afterEach(() => cluster.close());

const plan = (): Promise<PreparedOn<KubernetesTarget>> => prepare(quarantinePod, cluster.read, POD_TARGET);
const labels = () => cluster.sandbox.objects('pods').find(({ metadata }) => metadata.uid === POD_UID)?.metadata.labels;
const policies = () => policiesOf(cluster);
const state = () => stateOf(cluster);
const writes = () => writesOf(cluster);

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

  it('applies a plan that went through the store as JSON', async () => {
    const read = preparedActionSchema.parse(JSON.parse(canonicalJson(await plan())));
    const stored = { ...read, target: kubernetesTargetSchema.parse(read.target) };
    expect((await quarantinePod.apply(cluster.write, stored)).outcome).toBe('applied');
    expect((await quarantinePod.rollBack(cluster.write, stored)).outcome).toBe('rolled-back');
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
    replacePod(cluster);
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
