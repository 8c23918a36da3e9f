import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quarantinePod } from '../../connectors/targets/kubernetes/actions/quarantine-pod.ts';
import type { PreparedOn } from '../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import { POD_TARGET, prepared as prepare, startCluster, statusFault, type TestCluster } from './kubernetes-cluster.ts';
import { allowEverything, podOf, policiesOf, replacePod, stateOf, writesOf } from './kubernetes-quarantine-case.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startCluster();
});
afterEach(() => cluster.close());

const plan = (): Promise<PreparedOn<KubernetesTarget>> => prepare(quarantinePod, cluster.read, POD_TARGET);
const POD = POD_TARGET.name;
const policies = () => policiesOf(cluster);
const state = () => stateOf(cluster);
const writes = () => writesOf(cluster);

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
    replacePod(cluster);
    expect((await quarantinePod.rollBack(cluster.write, prepared)).outcome).toBe('rolled-back');
    expect(policies()).toEqual(['allow-checkout']);
    expect(writes().at(-1)?.method).toBe('DELETE');
  });
});
