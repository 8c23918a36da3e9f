import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { draftOf, factsOf, type Gathering, INCIDENT, POD, startGathering } from './kubernetes-gathering.ts';

const IMAGE = '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout';

let on: Gathering;
beforeEach(async () => {
  on = await startGathering();
});
afterEach(() => on.cluster.close());

describe('the part "workload"', () => {
  it('tells the pod, who controls it, how it is confined and which Service leads to it', async () => {
    const { output, body, gathered } = await on.gather('workload');
    expect(output).toEqual({
      part: 'workload',
      key: `incidents/${INCIDENT}/evidence/workload.json`,
      sha256: sha256Hex(body),
      items: 6,
      gaps: [],
    });
    expect(gathered.drafts.map(({ fact }) => fact)).toEqual([
      {
        kind: 'pod',
        name: POD,
        namespace: 'payments',
        cluster: 'prod-eks',
        uid: '5e1f0c9a-7f3b-4d6e-9a51-0c1d2e3f4a5b',
        node: 'ip-10-0-12-34.ec2.internal',
        ip: '10.0.33.17',
        phase: 'Running',
        createdAt: '2025-10-14T08:59:31.000Z',
        labels: { app: 'checkout', 'pod-template-hash': '6d9f7c5b8d', tier: 'backend' },
        serviceAccount: 'checkout',
        images: [{ container: 'checkout', image: `${IMAGE}:1.42.0`, digest: `sha256:${'3f'.repeat(32)}` }],
      },
      {
        kind: 'controller',
        controllerKind: 'ReplicaSet',
        name: 'checkout-6d9f7c5b8d',
        namespace: 'payments',
        uid: '00000000-0000-4000-8000-000000000017',
        replicas: 2,
      },
      {
        kind: 'controller',
        controllerKind: 'Deployment',
        name: 'checkout',
        namespace: 'payments',
        uid: '00000000-0000-4000-8000-000000000010',
        replicas: 2,
        managedBy: 'Helm',
      },
      {
        kind: 'security-context',
        container: 'checkout',
        privileged: false,
        runsAsRoot: 'yes',
        hostNetwork: false,
        hostPid: false,
        allowPrivilegeEscalation: true,
        readOnlyRootFilesystem: false,
        addedCapabilities: [],
        hostPaths: [],
      },
      { kind: 'service', name: 'checkout', namespace: 'payments', type: 'ClusterIP', exposed: false, ports: [8080] },
      {
        kind: 'node',
        name: 'ip-10-0-12-34.ec2.internal',
        cluster: 'prod-eks',
        uid: '00000000-0000-4000-8000-0000000000a0',
        controlPlane: false,
        unschedulable: false,
      },
    ]);
    expect(gathered.cost.calls).toBe(5);
    expect(gathered.cost.bytes).toBeGreaterThan(1000);
  });

  it('names things from the cluster downwards, and marks text the workload may have chosen', async () => {
    const { gathered } = await on.gather('workload');
    expect(draftOf(gathered, 'pod')?.trust).toBe('attacker_influenced');
    expect(draftOf(gathered, 'security-context')?.trust).toBe('own');
    expect(draftOf(gathered, 'pod')?.entities.map(({ kind, canonical }) => `${kind} ${canonical}`)).toEqual([
      `pod prod-eks/payments/${POD}`,
      'node ip-10-0-12-34.ec2.internal',
      'namespace prod-eks/payments',
      'cluster prod-eks',
      'principal prod-eks/payments/ServiceAccount/checkout',
      `image sha256:${'3f'.repeat(32)}`,
    ]);
    expect(gathered.drafts[2]?.entities[0]).toEqual({
      kind: 'workload',
      canonical: 'prod-eks/payments/Deployment/checkout',
      label: 'Deployment payments/checkout',
    });
  });

  it('sees what makes a pod dangerous', async () => {
    on.editPod({
      spec: {
        hostNetwork: true,
        hostPID: true,
        securityContext: { runAsNonRoot: true },
        containers: [
          {
            name: 'checkout',
            image: 'x',
            securityContext: { privileged: true, capabilities: { add: ['SYS_ADMIN'] } },
            volumeMounts: [{ name: 'host', mountPath: '/host' }],
          },
        ],
        volumes: [
          { name: 'host', hostPath: { path: '/' } },
          { name: 'unused', hostPath: { path: '/var' } },
        ],
      },
    });
    const { gathered } = await on.gather('workload');
    expect(factsOf(gathered, 'security-context')).toEqual([
      {
        kind: 'security-context',
        container: 'checkout',
        privileged: true,
        runsAsRoot: 'no',
        hostNetwork: true,
        hostPid: true,
        addedCapabilities: ['SYS_ADMIN'],
        hostPaths: ['/'],
      },
    ]);
  });

  it('sees a Service that is reachable from outside', async () => {
    on.cluster.sandbox.change((store) => {
      const service = store.get('services', 'payments', 'checkout');
      if (service)
        store.put('services', {
          ...service,
          spec: { type: 'LoadBalancer', selector: { app: 'checkout' }, ports: [{ port: 443 }] },
        });
    });
    expect(factsOf((await on.gather('workload')).gathered, 'service')).toMatchObject([
      { type: 'LoadBalancer', exposed: true, ports: [443] },
    ]);
  });
});

describe('the part "identity"', () => {
  it('tells the account, its cloud role, and every binding that gives it rights', async () => {
    const { gathered } = await on.gather('identity');
    expect(factsOf(gathered, 'service-account')).toEqual([
      {
        kind: 'service-account',
        name: 'checkout',
        namespace: 'payments',
        tokenMounted: true,
        cloudRole: 'arn:aws:iam::111122223333:role/checkout',
      },
    ]);
    expect(factsOf(gathered, 'role-binding')).toEqual([
      {
        kind: 'role-binding',
        bindingKind: 'ClusterRoleBinding',
        name: 'checkout-cluster-admin',
        uid: '7a2b3c4d-1111-4222-8333-944455566677',
        roleKind: 'ClusterRole',
        roleName: 'cluster-admin',
        subject: 'ServiceAccount/payments/checkout',
        subjectCount: 1,
        clusterAdmin: true,
      },
      {
        kind: 'role-binding',
        bindingKind: 'ClusterRoleBinding',
        name: 'system:basic-user',
        uid: '00000000-0000-4000-8000-000000000034',
        roleKind: 'ClusterRole',
        roleName: 'system:basic-user',
        subject: 'Group/system:authenticated',
        subjectCount: 1,
        clusterAdmin: false,
      },
      {
        kind: 'role-binding',
        bindingKind: 'RoleBinding',
        name: 'checkout-view',
        namespace: 'payments',
        uid: '00000000-0000-4000-8000-000000000035',
        roleKind: 'ClusterRole',
        roleName: 'view',
        subject: 'ServiceAccount/payments/checkout',
        subjectCount: 2,
        clusterAdmin: false,
      },
    ]);
    expect(draftOf(gathered, 'role-binding')?.entities.map(({ canonical }) => canonical)).toEqual([
      'prod-eks/ClusterRoleBinding/checkout-cluster-admin',
      'prod-eks/payments/ServiceAccount/checkout',
    ]);
  });

  it('knows full control by what a role allows, and that a RoleBinding reaches one namespace only', async () => {
    const all = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
    on.cluster.sandbox.change((store) => {
      const meta = (name: string, namespace?: string) => ({
        name,
        uid: name,
        resourceVersion: '',
        creationTimestamp: '',
        ...(namespace ? { namespace } : {}),
      });
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'ops' };
      const subjects = [{ kind: 'Group', name: 'system:serviceaccounts:payments' }];
      const apiVersion = 'rbac.authorization.k8s.io/v1';
      store.put('clusterroles', { apiVersion, kind: 'ClusterRole', metadata: meta('ops'), rules: all });
      store.put('clusterrolebindings', {
        apiVersion,
        kind: 'ClusterRoleBinding',
        metadata: meta('ops-all'),
        roleRef,
        subjects,
      });
      store.put('rolebindings', {
        apiVersion,
        kind: 'RoleBinding',
        metadata: meta('ops-here', 'payments'),
        roleRef,
        subjects,
      });
    });
    const found = factsOf((await on.gather('identity')).gathered, 'role-binding');
    expect(
      found.filter(({ roleName }) => roleName === 'ops').map(({ name, clusterAdmin }) => [name, clusterAdmin]),
    ).toEqual([
      ['ops-all', true],
      ['ops-here', false],
    ]);
  });

  it('says that no token is mounted when it is not', async () => {
    on.editPod({ spec: { serviceAccountName: 'checkout', automountServiceAccountToken: false, containers: [] } });
    expect(factsOf((await on.gather('identity')).gathered, 'service-account')).toMatchObject([{ tokenMounted: false }]);
  });
});

describe('the part "recent-deployments"', () => {
  it('tells the revisions, newest first, with what ran before', async () => {
    expect(factsOf((await on.gather('recent-deployments')).gathered, 'revision')).toEqual([
      {
        kind: 'revision',
        controllerKind: 'Deployment',
        controller: 'checkout',
        revision: 7,
        createdAt: '2025-10-14T08:59:30.000Z',
        images: [`${IMAGE}:1.42.0`],
        changeCause: 'release 1.42.0 by payments-team',
        current: true,
        previousImages: [`${IMAGE}:1.41.3`],
      },
      {
        kind: 'revision',
        controllerKind: 'Deployment',
        controller: 'checkout',
        revision: 6,
        createdAt: '2025-09-30T14:12:05.000Z',
        images: [`${IMAGE}:1.41.3`],
        changeCause: 'release 1.41.3 by payments-team',
        current: false,
      },
    ]);
  });

  it('sorts by number, not by text - revision 10 comes after 9', async () => {
    on.cluster.sandbox.change((store) => {
      const set = store.get('replicasets', 'payments', 'checkout-5c4b8f6d9c');
      if (set)
        store.put('replicasets', {
          ...set,
          metadata: { ...set.metadata, annotations: { 'deployment.kubernetes.io/revision': '10' } },
        });
    });
    expect(
      factsOf((await on.gather('recent-deployments')).gathered, 'revision').map(({ revision }) => revision),
    ).toEqual([10, 7]);
  });

  it('names the reason where there are no revisions to read', async () => {
    on.editPod({
      metadata: {
        name: POD,
        namespace: 'payments',
        uid: 'bare',
        resourceVersion: '',
        creationTimestamp: '',
        labels: { app: 'bare' },
      },
    });
    const { output } = await on.gather('recent-deployments');
    expect(output.gaps).toEqual([`recent deployments of pod payments/${POD}: the pod has no controller`]);
  });
});
