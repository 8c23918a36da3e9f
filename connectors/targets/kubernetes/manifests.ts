import type { RbacRule } from '../../../domain/actions/action.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { RIGHTS_PERMISSIONS } from '../../rights/kubernetes/permissions.ts';
import { OWN_NAMESPACE } from './protected.ts';
import { isClusterWide, namespacesOf, readRules, switchedOn, writeRules } from './rbac.ts';

const READ = 'parapet-read';
const CONTAIN = 'parapet-contain';
const CONTAIN_CLUSTER = 'parapet-contain-cluster';
const RIGHTS = 'parapet-rights';

/**
 * Manifests of one cluster for `kubectl apply -f -`: the namespace of Parapet's accounts, the accounts, and the rights of
 * each, made from the actions that are switched on and nothing else. Where the rollout rules name namespaces, the account
 * that contains is bound in these alone, so that the API server too keeps it out of every other one.
 */
export function renderManifests(
  config: Pick<Configuration, 'actions' | 'rollout' | 'clusters'>,
  cluster: string,
): string {
  const actions = switchedOn(config);
  return [
    document([`apiVersion: v1`, `kind: Namespace`, `metadata:`, `  name: ${OWN_NAMESPACE}`]),
    ...account(READ, readRules(actions)),
    ...containing(writeRules(actions), namespacesOf(config, cluster)),
    ...account(RIGHTS, RIGHTS_PERMISSIONS),
  ].join('');
}

function account(name: string, rules: readonly RbacRule[]): string[] {
  return [serviceAccount(name), clusterRole(name, rules), binding('ClusterRoleBinding', name, name)];
}

function containing(rules: readonly RbacRule[], namespaces: readonly string[] | undefined): string[] {
  if (namespaces === undefined) return rules.length === 0 ? [serviceAccount(CONTAIN)] : account(CONTAIN, rules);
  const wide = rules.filter(isClusterWide);
  const narrow = rules.filter((rule) => !isClusterWide(rule));
  return [
    serviceAccount(CONTAIN),
    ...(narrow.length === 0 || namespaces.length === 0
      ? []
      : [
          clusterRole(CONTAIN, narrow),
          ...namespaces.map((namespace) => binding('RoleBinding', CONTAIN, CONTAIN, namespace)),
        ]),
    ...(wide.length === 0 || namespaces.length === 0
      ? []
      : [clusterRole(CONTAIN_CLUSTER, wide), binding('ClusterRoleBinding', CONTAIN_CLUSTER, CONTAIN)]),
  ];
}

function document(lines: readonly string[]): string {
  return `---\n${lines.join('\n')}\n`;
}

function serviceAccount(name: string): string {
  return document([
    'apiVersion: v1',
    'kind: ServiceAccount',
    'metadata:',
    `  name: ${name}`,
    `  namespace: ${OWN_NAMESPACE}`,
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

function binding(
  kind: 'ClusterRoleBinding' | 'RoleBinding',
  role: string,
  subject: string,
  namespace?: string,
): string {
  return document([
    'apiVersion: rbac.authorization.k8s.io/v1',
    `kind: ${kind}`,
    'metadata:',
    `  name: ${role}`,
    ...(namespace === undefined ? [] : [`  namespace: ${JSON.stringify(namespace)}`]),
    'roleRef:',
    '  apiGroup: rbac.authorization.k8s.io',
    '  kind: ClusterRole',
    `  name: ${role}`,
    'subjects:',
    '  - kind: ServiceAccount',
    `    name: ${subject}`,
    `    namespace: ${OWN_NAMESPACE}`,
  ]);
}
