import type { RbacRule } from '../../../domain/actions/action.ts';
import { catalogue } from '../catalogue.ts';
import { EVIDENCE_PERMISSIONS } from './permissions.ts';

/** Everything the reading account needs: for evidence, previews and verification. */
export function readRules(): readonly RbacRule[] {
  return merge([...EVIDENCE_PERMISSIONS, ...permissionsOf().flatMap(({ read }) => read)]);
}

/** Everything the containing account needs: it reads again what it is about to change. */
export function writeRules(): readonly RbacRule[] {
  return merge(permissionsOf().flatMap(({ read, write }) => [...read, ...write]));
}

function permissionsOf() {
  return Object.values(catalogue).flatMap(({ system, action }) =>
    system === 'kubernetes' ? [action.permissions] : [],
  );
}

/** One rule for each group and resource, with the verbs of all who need it. */
function merge(rules: readonly RbacRule[]): readonly RbacRule[] {
  const merged = new Map<string, { group: string; resource: string; verbs: Set<string>; why: Set<string> }>();
  for (const rule of rules)
    for (const group of rule.apiGroups)
      for (const resource of rule.resources) {
        const entry = merged.get(`${group}/${resource}`) ?? { group, resource, verbs: new Set(), why: new Set() };
        for (const verb of rule.verbs) entry.verbs.add(verb);
        entry.why.add(rule.why);
        merged.set(`${group}/${resource}`, entry);
      }
  return [...merged.values()].map(({ group, resource, verbs, why }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [...verbs].sort(),
    why: [...why].join('; '),
  }));
}

const NAMES = { read: 'parapet-read', write: 'parapet-contain' } as const;

/**
 * Manifests for `kubectl apply -f -`: a namespace, two ServiceAccounts, two ClusterRoles made from the catalogue, and their
 * bindings. Narrow it by replacing the second ClusterRoleBinding with RoleBindings in the namespaces Parapet may act in
 * (removing a ClusterRoleBinding then is no longer possible).
 * @param namespace where the two ServiceAccounts live
 */
export function renderManifests(namespace = 'parapet'): string {
  return [
    document([`apiVersion: v1`, `kind: Namespace`, `metadata:`, `  name: ${JSON.stringify(namespace)}`]),
    ...(['read', 'write'] as const).flatMap((which) => [
      serviceAccount(NAMES[which], namespace),
      clusterRole(NAMES[which], which === 'read' ? readRules() : writeRules()),
      clusterRoleBinding(NAMES[which], namespace),
    ]),
  ].join('');
}

function document(lines: readonly string[]): string {
  return `---\n${lines.join('\n')}\n`;
}

function serviceAccount(name: string, namespace: string): string {
  return document([
    'apiVersion: v1',
    'kind: ServiceAccount',
    'metadata:',
    `  name: ${name}`,
    `  namespace: ${JSON.stringify(namespace)}`,
    // Nothing runs as this account inside the cluster.
    'automountServiceAccountToken: false',
  ]);
}

/** Strings are written as JSON, which every YAML parser reads as it is meant. */
function clusterRole(name: string, rules: readonly RbacRule[]): string {
  return document([
    'apiVersion: rbac.authorization.k8s.io/v1',
    'kind: ClusterRole',
    'metadata:',
    `  name: ${name}`,
    'rules:',
    ...rules.flatMap(({ apiGroups, resources, verbs, why }) => [
      `  # ${why}`,
      `  - apiGroups: ${JSON.stringify(apiGroups)}`,
      `    resources: ${JSON.stringify(resources)}`,
      `    verbs: ${JSON.stringify(verbs)}`,
    ]),
  ]);
}

function clusterRoleBinding(name: string, namespace: string): string {
  return document([
    'apiVersion: rbac.authorization.k8s.io/v1',
    'kind: ClusterRoleBinding',
    'metadata:',
    `  name: ${name}`,
    'roleRef:',
    '  apiGroup: rbac.authorization.k8s.io',
    '  kind: ClusterRole',
    `  name: ${name}`,
    'subjects:',
    '  - kind: ServiceAccount',
    `    name: ${name}`,
    `    namespace: ${JSON.stringify(namespace)}`,
  ]);
}
