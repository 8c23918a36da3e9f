import type { ApiObject, ObjectStore } from '../../local/sandbox/kubernetes/objects.ts';
import { POD_TARGET, type TestCluster } from './kubernetes-cluster.ts';

/** What the tests of the quarantine look at and change behind its back. */
export function podOf(store: ObjectStore): ApiObject {
  const pod = store.get('pods', 'payments', POD_TARGET.name);
  if (pod === undefined) throw new Error('the pod is gone');
  return pod;
}

export function policiesOf({ sandbox }: TestCluster): string[] {
  return sandbox.objects('networkpolicies').map(({ metadata }) => metadata.name);
}

/** What a person or a policy wrote, without the server's bookkeeping: what a rollback must give back. */
export function stateOf({ sandbox }: TestCluster): unknown {
  return {
    pods: sandbox
      .objects('pods')
      .map(({ metadata }) => ({ uid: metadata.uid, labels: metadata.labels, annotations: metadata.annotations })),
    policies: sandbox.objects('networkpolicies').map(({ metadata, spec }) => ({ uid: metadata.uid, spec })),
  };
}

export function writesOf({ server }: TestCluster): TestCluster['server']['calls'] {
  return server.calls.filter(({ method }) => method !== 'GET');
}

/** The policy that makes a quarantine useless: an empty selector, and everything allowed. */
export function allowEverything(name: string): ApiObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'payments', uid: '', resourceVersion: '', creationTimestamp: '' },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{}],
      egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }],
    },
  };
}

/** Another object takes the pod's name. */
export function replacePod({ sandbox }: TestCluster): void {
  sandbox.change((store) =>
    store.put('pods', { ...podOf(store), metadata: { ...podOf(store).metadata, uid: 'another' } }),
  );
}
