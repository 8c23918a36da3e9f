import { isLabelName, isSubdomainName } from './names.ts';
import type { RoleRules, Subject } from './schema.ts';

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Whether a subject of a binding stands for a ServiceAccount: by name, by the user name its token authenticates as, or by a
 * group every such token is in (kubernetes.io/docs, "Authenticating", service account tokens).
 */
export function givesRightsTo(subject: Subject, account: Account, bindingNamespace: string | undefined): boolean {
  switch (subject.kind) {
    case 'ServiceAccount':
      return subject.name === account.name && (subject.namespace ?? bindingNamespace) === account.namespace;
    case 'User':
      return subject.name === `system:serviceaccount:${account.namespace}:${account.name}`;
    case 'Group':
      return groupsOf(account).includes(subject.name);
    default:
      return false;
  }
}

function groupsOf(account: Account): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated'];
}

/** The spelling of a subject in facts, parameters and texts: `ServiceAccount/payments/checkout`, `Group/system:serviceaccounts`. */
export function subjectName(subject: Subject, bindingNamespace: string | undefined): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind}/${subject.name}`;
  return `ServiceAccount/${subject.namespace ?? bindingNamespace ?? '-'}/${subject.name}`;
}

/** The ServiceAccount a subject stands for alone: also as `payments/checkout`, or by the user name of its token. */
export function accountOfSubject(subject: string): Account | undefined {
  const bare = subject.replace(/^(?:ServiceAccount|User)\//, '');
  const parts = bare.startsWith('system:serviceaccount:') ? bare.split(':').slice(2) : bare.split('/');
  const [namespace, name, ...rest] = parts;
  return namespace && name && rest.length === 0 && isLabelName(namespace) && isSubdomainName(name)
    ? { namespace, name }
    : undefined;
}

export function nameOfAccount({ namespace, name }: Account): string {
  return `ServiceAccount/${namespace}/${name}`;
}

/** Whether the subject is this one account, by either of its names; a group that contains it is another matter. */
export function namesAccount(subject: Subject, account: Account, bindingNamespace: string | undefined): boolean {
  return subject.kind !== 'Group' && givesRightsTo(subject, account, bindingNamespace);
}

/** Full control: ClusterRole `cluster-admin` by name, or any role with one rule of all verbs on all resources of all groups. */
export function isFullControl(roleName: string, rules: RoleRules | undefined): boolean {
  return (
    roleName === 'cluster-admin' ||
    (rules ?? []).some(
      ({ verbs, apiGroups, resources }) => verbs.includes('*') && apiGroups.includes('*') && resources.includes('*'),
    )
  );
}
