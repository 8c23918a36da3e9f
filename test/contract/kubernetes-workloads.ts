import type { KubernetesAction } from '../../connectors/targets/catalogue.ts';
import { annotate } from '../../connectors/targets/kubernetes/actions/annotate.ts';
import { cordonNode } from '../../connectors/targets/kubernetes/actions/cordon-node.ts';
import { deletePod } from '../../connectors/targets/kubernetes/actions/delete-pod.ts';
import { policyName, quarantineId } from '../../connectors/targets/kubernetes/actions/quarantine-plan.ts';
import { quarantinePod } from '../../connectors/targets/kubernetes/actions/quarantine-pod.ts';
import { removeRoleBinding } from '../../connectors/targets/kubernetes/actions/remove-role-binding.ts';
import { rolloutUndo } from '../../connectors/targets/kubernetes/actions/rollout-undo.ts';
import { scaleToZero } from '../../connectors/targets/kubernetes/actions/scale-to-zero.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { type ApiObject, type ObjectStore, specOf } from '../../local/sandbox/kubernetes/objects.ts';
import { resourceOfKind } from '../../local/sandbox/kubernetes/resources.ts';
import { BINDING_TARGET, INCIDENT_ID, SUBJECT, type TestCluster } from './kubernetes-cluster.ts';

export const NODE = 'ip-10-0-12-34.ec2.internal';

const meta = (name: string, more: Partial<ApiObject['metadata']> = {}): ApiObject['metadata'] => ({
  name,
  namespace: 'payments',
  uid: '',
  resourceVersion: '',
  creationTimestamp: '',
  ...more,
});
const template = (app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: app, image: `example.com/${app}:1` }] },
});
const controller = (kind: string, app: string, spec: Record<string, unknown>): ApiObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: meta(app),
  spec: { selector: { matchLabels: { app } }, template: template(app), ...spec },
});

/** Beside the scenario's Deployment: one workload of each other kind that an action may meet, and what scales them. */
export function addWorkloads({ sandbox }: TestCluster): void {
  sandbox.change((store) => {
    store.put('statefulsets', controller('StatefulSet', 'ledger', { replicas: 3 }));
    store.put('daemonsets', controller('DaemonSet', 'agent', {}));
    const cron = store.put('cronjobs', {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: meta('report'),
      spec: { schedule: '*/5 * * * *' },
    });
    store.put('jobs', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: meta('report-29340', {
        ownerReferences: [
          { apiVersion: 'batch/v1', kind: 'CronJob', name: 'report', uid: cron.metadata.uid, controller: true },
        ],
      }),
      spec: { template: template('report') },
    });
    store.put('horizontalpodautoscalers', {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: meta('checkout'),
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout' } },
    });
    store.put('scaledobjects', {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: meta('ledger'),
      spec: { scaleTargetRef: { kind: 'StatefulSet', name: 'ledger' } },
    });
  });
}

/** A target by kind and name, with the uid it has now. */
export function targetOf({ sandbox }: TestCluster, kind: KubernetesTarget['kind'], name: string): KubernetesTarget {
  const found = sandbox.objects(resourceOfKind(kind).plural).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  const { namespace, uid } = found.metadata;
  return {
    system: 'kubernetes',
    entityId: 'N1',
    entity: { kind: 'workload', canonical: `prod-eks/${name}`, label: name },
    cluster: 'prod-eks',
    ...(namespace === undefined ? {} : { namespace }),
    kind,
    name,
    uid,
  };
}

export interface ActionCase {
  readonly name: string;
  readonly action: KubernetesAction;
  target(cluster: TestCluster): KubernetesTarget;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly arrange?: (store: ObjectStore) => void;
  readonly mayBind?: readonly string[];
}

const at = (kind: KubernetesTarget['kind'], name: string) => (cluster: TestCluster) => targetOf(cluster, kind, name);
const POD = 'checkout-6d9f7c5b8d-x2x9q';
const AGENT_POD = `agent-${NODE.replaceAll('.', '-')}`;
const JOB_POD = 'report-29340-x7k2p';

/** Every action on everything it acts on in its own way. */
export const ACTION_CASES: readonly ActionCase[] = [
  { name: 'annotate a pod', action: annotate, target: at('Pod', POD) },
  { name: 'cordon a node', action: cordonNode, target: at('Node', NODE) },
  {
    name: 'quarantine a pod of a ReplicaSet',
    action: quarantinePod,
    target: at('Pod', POD),
    arrange: (store) => {
      const id = quarantineId(INCIDENT_ID, 'A1');
      store.put('policyendpoints', {
        apiVersion: 'networking.k8s.aws/v1alpha1',
        kind: 'PolicyEndpoint',
        metadata: meta('published'),
        spec: {
          policyRef: { name: policyName(id), namespace: 'payments' },
          podSelectorEndpoints: [{ name: POD, namespace: 'payments' }],
        },
      });
    },
  },
  { name: 'quarantine a pod of a StatefulSet', action: quarantinePod, target: at('Pod', 'ledger-0') },
  { name: 'quarantine a pod of a DaemonSet', action: quarantinePod, target: at('Pod', AGENT_POD) },
  { name: 'quarantine a pod of a CronJob', action: quarantinePod, target: at('Pod', JOB_POD) },
  { name: 'scale a Deployment to zero', action: scaleToZero, target: at('Deployment', 'checkout') },
  { name: 'scale a StatefulSet to zero', action: scaleToZero, target: at('StatefulSet', 'ledger') },
  { name: 'scale a DaemonSet to zero', action: scaleToZero, target: at('DaemonSet', 'agent') },
  { name: 'suspend a CronJob', action: scaleToZero, target: at('CronJob', 'report') },
  { name: 'delete a pod of a ReplicaSet', action: deletePod, target: at('Pod', POD) },
  { name: 'delete a pod of a StatefulSet', action: deletePod, target: at('Pod', 'ledger-0') },
  { name: 'delete a pod of a DaemonSet', action: deletePod, target: at('Pod', AGENT_POD) },
  { name: 'delete a pod of a CronJob', action: deletePod, target: at('Pod', JOB_POD) },
  { name: 'undo a rollout', action: rolloutUndo, target: at('Deployment', 'checkout') },
  {
    name: 'remove the only subject of a ClusterRoleBinding',
    action: removeRoleBinding,
    target: () => BINDING_TARGET,
    parameters: { subject: SUBJECT },
    mayBind: ['cluster-admin'],
  },
  {
    name: 'remove one subject of a ClusterRoleBinding',
    action: removeRoleBinding,
    target: () => BINDING_TARGET,
    parameters: { subject: SUBJECT },
    mayBind: ['cluster-admin'],
    arrange: (store) => {
      const binding = store.get('clusterrolebindings', undefined, 'checkout-cluster-admin');
      if (binding)
        store.put('clusterrolebindings', {
          ...binding,
          subjects: ['checkout', 'other'].map((name) => ({ kind: 'ServiceAccount', name, namespace: 'payments' })),
        });
    },
  },
  ...(['only', 'one'] as const).map(
    (which): ActionCase => ({
      name: `remove the ${which === 'only' ? 'only subject' : 'first subject'} of a RoleBinding`,
      action: removeRoleBinding,
      target: at('RoleBinding', 'checkout-edit'),
      parameters: { subject: SUBJECT },
      mayBind: ['editor'],
      arrange: (store) => {
        const admin = store.get('clusterrolebindings', undefined, BINDING_TARGET.name);
        if (admin) store.remove('clusterrolebindings', admin);
        store.put('roles', {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'Role',
          metadata: meta('editor'),
          rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        });
        store.put('rolebindings', {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: meta('checkout-edit'),
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'editor' },
          subjects: ['checkout', ...(which === 'only' ? [] : ['other'])].map((name) => ({
            kind: 'ServiceAccount',
            name,
            namespace: 'payments',
          })),
        });
      },
    }),
  ),
];

const PLURALS = [
  'nodes',
  'deployments',
  'statefulsets',
  'daemonsets',
  'cronjobs',
  'jobs',
  'networkpolicies',
  'clusterrolebindings',
  'rolebindings',
];

/** What people write and controllers do, without the server's bookkeeping and the names of started pods. */
export function essenceOfCluster({ sandbox }: TestCluster): unknown {
  const objects = PLURALS.flatMap((plural) => sandbox.objects(plural)).map(({ kind, metadata, spec, subjects }) => ({
    kind,
    name: metadata.name,
    labels: metadata.labels ?? {},
    annotations: Object.fromEntries(
      // The number of a revision rises with each rollout, also with one that goes back.
      Object.entries(metadata.annotations ?? {}).filter(([key]) => key !== 'deployment.kubernetes.io/revision'),
    ),
    spec: normal(spec),
    // Their order has no meaning.
    subjects: (Array.isArray(subjects) ? subjects : []).map((one) => JSON.stringify(one)).sort(),
  }));
  const pods = sandbox.objects('pods').map(({ metadata }) => ({
    owner: metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`) ?? [],
    labels: metadata.labels ?? {},
    ours: Object.entries(metadata.annotations ?? {}).filter(([key]) => key.startsWith('parapet.io/')),
  }));
  return { objects, pods: pods.map((pod) => canonicalJson(pod)).sort() };
}

/** Absent, empty and false of `suspend` mean the same. */
function normal(spec: unknown): unknown {
  if (spec === undefined) return undefined;
  return JSON.parse(
    JSON.stringify(spec, (key, one: unknown) =>
      (key === 'suspend' && one === false) || (key !== '' && isEmpty(one)) ? undefined : one,
    ),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

export interface ClusterState {
  readonly taints: readonly unknown[];
  readonly unschedulable: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  readonly replicas: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
}

/** Puts node and workloads into a state, as somebody in the cluster would. */
export function setState({ sandbox }: TestCluster, state: ClusterState): void {
  sandbox.change((store) => {
    const edit = (plural: string, namespace: string | undefined, name: string, spec: (was: ApiObject) => unknown) => {
      const object = store.get(plural, namespace, name);
      if (object === undefined) throw new Error(`there is no ${plural} ${name}`);
      const revision = Object.entries(object.metadata.annotations ?? {}).filter(([key]) =>
        key.startsWith('deployment.'),
      );
      const annotations = { ...state.annotations, ...Object.fromEntries(revision) };
      store.put(plural, { ...object, metadata: { ...object.metadata, annotations }, spec: spec(object) });
    };
    const { taints, unschedulable, replicas, nodeSelector } = state;
    edit('nodes', undefined, NODE, () => ({ taints, ...(unschedulable ? { unschedulable } : {}) }));
    edit('deployments', 'payments', 'checkout', (was) => ({ ...specOf(was), replicas }));
    edit('statefulsets', 'payments', 'ledger', (was) => ({ ...specOf(was), replicas }));
    edit('cronjobs', 'payments', 'report', specOf);
    edit('daemonsets', 'payments', 'agent', (was) => ({
      ...specOf(was),
      template: { ...template('agent'), spec: { ...template('agent').spec, nodeSelector } },
    }));
  });
}
