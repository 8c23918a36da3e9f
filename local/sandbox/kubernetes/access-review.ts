import * as z from 'zod';
import { json, type SandboxCall, type SandboxReply } from '../system.ts';
import { type Account, authorize } from './authority.ts';
import type { ApiObject, ObjectStore } from './objects.ts';
import { refuse } from './status.ts';

const GROUP = 'authorization.k8s.io';
const RESOURCE = {
  group: GROUP,
  version: 'v1',
  plural: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
} as const;
const PATH = `/apis/${GROUP}/v1/${RESOURCE.plural}`;

/** undefined: the call is another. @throws StatusError */
export function answerAccessReview(store: ObjectStore, account: Account, call: SandboxCall): SandboxReply | undefined {
  if (call.path !== PATH || call.method !== 'POST') return undefined;
  authorize(account, 'create', { resource: RESOURCE, namespace: undefined, name: undefined });
  return json(201, reviewAccess(store, call.body));
}

const reviewSchema = z.strictObject({
  apiVersion: z.literal('authorization.k8s.io/v1'),
  kind: z.literal('SubjectAccessReview'),
  spec: z.strictObject({
    user: z.string().default(''),
    groups: z.array(z.string()).default([]),
    resourceAttributes: z.strictObject({
      verb: z.string(),
      group: z.string().default(''),
      version: z.string().default(''),
      resource: z.string(),
      subresource: z.string().default(''),
      namespace: z.string().default(''),
      name: z.string().default(''),
    }),
  }),
});
type Spec = z.infer<typeof reviewSchema>['spec'];

const listed = z.array(z.string()).default([]);
const roleSchema = z.object({
  rules: z.array(z.object({ verbs: listed, apiGroups: listed, resources: listed, resourceNames: listed })).default([]),
});
const bindingSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string().default('') }),
  roleRef: z.object({ kind: z.enum(['ClusterRole', 'Role']), name: z.string() }),
  subjects: z.array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().default('') })).default([]),
});
type Binding = z.infer<typeof bindingSchema>;

/**
 * A SubjectAccessReview, answered from the RBAC objects in the cluster as the real authoriser does: allowed if any
 * binding of the subject gives the right, denied never (kubernetes/pkg/registry/rbac/validation). @throws StatusError
 */
function reviewAccess(store: ObjectStore, body: string): ApiObject {
  const review = parse(body);
  const { spec } = review;
  const binding = [...bindingsOf(store, 'clusterrolebindings'), ...bindingsOf(store, 'rolebindings')].find(
    (candidate) => reaches(candidate, spec) && names(candidate, spec) && gives(store, candidate, spec),
  );
  return {
    ...review,
    metadata: { name: '', uid: '', resourceVersion: '', creationTimestamp: '' },
    status:
      binding === undefined
        ? { allowed: false }
        : { allowed: true, reason: `RBAC: allowed by "${binding.metadata.name}" to ${binding.roleRef.name}` },
  };
}

function parse(body: string): z.infer<typeof reviewSchema> {
  try {
    return reviewSchema.parse(JSON.parse(body));
  } catch (error) {
    throw refuse.badRequest(`the body is no SubjectAccessReview: ${error instanceof Error ? error.message : ''}`);
  }
}

function bindingsOf(store: ObjectStore, plural: string): readonly Binding[] {
  return store.all(plural).map((object) => bindingSchema.parse(object));
}

/** A RoleBinding reaches its namespace only. */
function reaches({ metadata }: Binding, { resourceAttributes }: Spec): boolean {
  return metadata.namespace === '' || metadata.namespace === resourceAttributes.namespace;
}

function names({ subjects }: Binding, { user, groups }: Spec): boolean {
  return subjects.some(({ kind, name, namespace }) => {
    switch (kind) {
      case 'User':
        return name === user;
      case 'Group':
        return groups.includes(name);
      default:
        return kind === 'ServiceAccount' && user === `system:serviceaccount:${namespace}:${name}`;
    }
  });
}

function gives(store: ObjectStore, { metadata, roleRef }: Binding, { resourceAttributes: at }: Spec): boolean {
  const role =
    roleRef.kind === 'ClusterRole'
      ? store.get('clusterroles', undefined, roleRef.name)
      : store.get('roles', metadata.namespace, roleRef.name);
  const resource = at.subresource === '' ? at.resource : `${at.resource}/${at.subresource}`;
  const among = (list: readonly string[], value: string) => list.includes('*') || list.includes(value);
  return (role === undefined ? [] : roleSchema.parse(role).rules).some(
    (rule) =>
      among(rule.verbs, at.verb) &&
      among(rule.apiGroups, at.group) &&
      among(rule.resources, resource) &&
      (rule.resourceNames.length === 0 || rule.resourceNames.includes(at.name)),
  );
}
