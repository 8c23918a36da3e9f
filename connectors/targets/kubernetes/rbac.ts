import type { RbacRule } from '../../../domain/actions/action.ts';
import { EXECUTABLE_ACTIONS, type ExecutableAction } from '../../../domain/analysis/analysis.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { catalogue } from '../catalogue.ts';
import { EVIDENCE_PERMISSIONS } from './permissions.ts';
import { ALWAYS_PROTECTED } from './protected.ts';

/** Everything the reading account needs: for evidence, and for previews and verification of these actions. */
export function readRules(actions: readonly ExecutableAction[] = EXECUTABLE_ACTIONS): readonly RbacRule[] {
  return merge([...EVIDENCE_PERMISSIONS, ...permissionsOf(actions).flatMap(({ read }) => read)]);
}

/** Everything the containing account needs for these actions: it reads again what it is about to change. */
export function writeRules(actions: readonly ExecutableAction[] = EXECUTABLE_ACTIONS): readonly RbacRule[] {
  return merge(permissionsOf(actions).flatMap(({ read, write }) => [...read, ...write]));
}

/** Actions that somebody switched on: the others are only suggested, and need no rights. */
export function switchedOn({ actions }: Pick<Configuration, 'actions'>): readonly ExecutableAction[] {
  return EXECUTABLE_ACTIONS.filter((name) => (actions[name]?.gate ?? 'suggest') !== 'suggest');
}

/**
 * Namespaces of a cluster in which anything may be executed, as far as the rollout rules name them; undefined: in any. RBAC
 * can only give, so that a namespace is kept out by naming the others.
 */
export function namespacesOf(
  config: Pick<Configuration, 'rollout' | 'clusters'>,
  cluster: string,
): readonly string[] | undefined {
  const known = config.clusters.find(({ name }) => name === cluster);
  const isProtected = (name: string) =>
    ALWAYS_PROTECTED.includes(name) || known?.protectedNamespaces.includes(name) === true;
  const fits = (wanted: string | undefined, own: string | undefined) =>
    wanted === undefined || wanted === '*' || own === undefined || wanted === own;
  const rules = config.rollout.filter(
    ({ scope, phase }) =>
      phase !== 'observe' && fits(scope.cluster, cluster) && fits(scope.environment, known?.environment),
  );
  const named = rules.map(({ scope }) => scope.namespace);
  if (named.some((name) => name === undefined || name === '*')) return undefined;
  return [...new Set(named.flatMap((name) => (name === undefined || isProtected(name) ? [] : [name])))].sort();
}

const WITHOUT_NAMESPACE = ['nodes', 'clusterrolebindings', 'clusterroles'];

/** Of a kind that lives in no namespace: a RoleBinding cannot give it. */
export function isClusterWide({ resources }: RbacRule): boolean {
  return resources.some((resource) => WITHOUT_NAMESPACE.includes(resource));
}

function permissionsOf(actions: readonly ExecutableAction[]) {
  return actions.flatMap((name) => {
    const entry = catalogue[name];
    return entry.system === 'kubernetes' ? [entry.action.permissions] : [];
  });
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
