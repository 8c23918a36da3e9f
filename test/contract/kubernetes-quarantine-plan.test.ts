import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quarantinePod } from '../../connectors/targets/kubernetes/actions/quarantine-pod.ts';
import { kubernetesReader } from '../../connectors/targets/kubernetes/reader.ts';
import type { PreparedOn } from '../../domain/actions/action.ts';
import { planDigest } from '../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import type { ObjectStore } from '../../local/sandbox/kubernetes/objects.ts';
import {
  INCIDENT_ID,
  POD_TARGET,
  POD_UID,
  prepared as prepare,
  startCluster,
  type TestCluster,
} from './kubernetes-cluster.ts';
import { allowEverything, podOf, stateOf, writesOf } from './kubernetes-quarantine-case.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startCluster();
});
afterEach(() => cluster.close());

const plan = (): Promise<PreparedOn<KubernetesTarget>> => prepare(quarantinePod, cluster.read, POD_TARGET);
const POD = POD_TARGET.name;
const state = () => stateOf(cluster);
const writes = () => writesOf(cluster);

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
