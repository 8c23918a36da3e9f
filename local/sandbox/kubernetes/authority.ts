import type { SandboxCall } from '../system.ts';
import type { Resource, Route } from './resources.ts';
import { refuse } from './status.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Of a RoleBinding; absent: of a ClusterRoleBinding. */
  readonly namespaces?: readonly string[] | undefined;
}

/** Who may do what: a bearer token with the rules of its ClusterRole. */
export interface Account {
  readonly user: string;
  readonly token: string;
  readonly rules: readonly Rule[];
  /** Names of roles it may `bind`; without that, creating and updating bindings is refused as an escalation. */
  readonly mayBind: readonly string[];
}

/** @throws StatusError 401 */
export function authenticate(call: SandboxCall, accounts: readonly Account[]): Account {
  const token = /^Bearer (.+)$/.exec(call.headers['authorization'] ?? '')?.[1];
  const account = accounts.find((candidate) => candidate.token === token);
  if (account === undefined) throw refuse.unauthorized();
  return account;
}

/** @throws StatusError 403 */
export function authorize(account: Account, verb: string, route: Route): void {
  if (isAllowed(account, verb, route)) return;
  const { resource, namespace, name } = route;
  const plural = resourceName(route);
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw refuse.forbidden(
    `${plural}${name === undefined ? '' : ` "${name}"`} is forbidden: User "${account.user}" cannot ${verb} resource "${plural}" in API group "${resource.group}" ${where}`,
  );
}

function isAllowed(account: Account, verb: string, route: Route): boolean {
  return account.rules.some(
    ({ verbs, apiGroups, resources, namespaces }) =>
      verbs.includes(verb) &&
      apiGroups.includes(route.resource.group) &&
      resources.includes(resourceName(route)) &&
      (namespaces === undefined || (route.namespace !== undefined && namespaces.includes(route.namespace))),
  );
}

/** As rules name it: a subresource is a resource of its own. */
function resourceName({ resource, subresource }: Route): string {
  return subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
}

/**
 * The escalation check on every create and update of a binding (kubernetes.io/docs, "Using RBAC Authorization",
 * restrictions on role binding creation or update). DELETE is not checked. @throws StatusError 403
 */
export function checkEscalation(account: Account, resource: Resource, object: Readonly<Record<string, unknown>>): void {
  if (resource.plural !== 'clusterrolebindings' && resource.plural !== 'rolebindings') return;
  const { roleRef } = object;
  const role = typeof roleRef === 'object' && roleRef !== null && 'name' in roleRef ? String(roleRef.name) : '';
  if (account.mayBind.includes(role)) return;
  throw refuse.forbidden(
    `${resource.plural} is forbidden: user "${account.user}" is attempting to grant RBAC permissions not currently held (role "${role}")`,
  );
}
