import type { Configuration } from '../../domain/config/schema.ts';
import type { KubernetesSandbox } from '../../local/sandbox/kubernetes/sandbox.ts';

const RBAC = { apiVersion: 'rbac.authorization.k8s.io/v1' } as const;
const meta = { name: 'responders', uid: '', resourceVersion: '', creationTimestamp: '' };

/** In the cluster, who is in this group may do themselves what both actions of the stories do, and their undo. */
export function allowResponders(cluster: KubernetesSandbox): void {
  cluster.change((store) => {
    store.put('clusterroles', {
      ...RBAC,
      metadata: meta,
      kind: 'ClusterRole',
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['patch'] },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['create', 'patch', 'delete'] },
        {
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['clusterrolebindings', 'rolebindings'],
          verbs: ['patch', 'delete'],
        },
      ],
    });
    store.put('clusterrolebindings', {
      ...RBAC,
      metadata: meta,
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'responders' },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'responders' }],
    });
  });
}

const may: Configuration['approvers'][number]['may'] = [{ actions: ['*'], scope: { cluster: 'prod-eks' } }];

/** Two who could do it themselves, asked of the cluster each time; and one whom the configuration names and the cluster does not let. */
export function responders([first]: Configuration['approvers']): Configuration['approvers'] {
  if (!first) throw new Error('the sample configuration has no approver');
  const identity = (username: string, groups: string[]) => ({ kubernetes: { 'prod-eks': { username, groups } } });
  return [
    { ...first, may, ...identity('ada@example.com', ['responders']) },
    {
      id: 'grace',
      name: 'Grace Example',
      mail: 'grace@example.com',
      may,
      ...identity('grace@example.com', ['responders']),
    },
    { id: 'pat', name: 'Pat Example', mail: 'pat@example.com', may, ...identity('pat@example.com', ['viewers']) },
  ];
}

export function withRights(clusters: Configuration['clusters']): Configuration['clusters'] {
  return clusters.map((cluster) => ({ ...cluster, rightsSecret: `parapet/kubernetes/${cluster.name}/rights` }));
}
