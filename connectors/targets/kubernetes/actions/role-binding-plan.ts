import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import type { Binding } from '../api.ts';
import { resourcePath } from '../names.ts';
import { creation, deletion, jsonPatch } from '../requests.ts';
import type { RawObject } from '../schema.ts';
import { type Account, nameOfAccount, namesAccount } from '../subjects.ts';

export interface RemovalPlan {
  /** `delete`: the subject is the only one · `patch`: others keep their rights. */
  readonly way: 'delete' | 'patch';
  readonly beforeState: Record<string, unknown>;
  readonly requests: PlannedRequest[];
  readonly inverse: PlannedRequest[];
}

/**
 * The requests that take one subject out of a binding. The whole subject list is tested, since an index alone could mean
 * somebody else by then. @returns undefined when the binding has no such subject
 */
export function planRemoval(binding: Binding, account: Account): RemovalPlan | undefined {
  const subject = nameOfAccount(account);
  const positions = binding.subjects.flatMap((entry, index) =>
    namesAccount(entry, account, binding.metadata.namespace) ? [index] : [],
  );
  if (positions.length === 0) return undefined;
  const { uid } = binding.metadata;
  const beforeState = { object: binding.object, subject };
  const path = bindingPath(binding.kind, binding.metadata.namespace, binding.metadata.name);
  if (positions.length === binding.subjects.length) {
    return {
      way: 'delete',
      beforeState,
      requests: [deletion(path, { uid }, `delete the binding, whose only subject is ${subject}`)],
      inverse: [
        creation(
          bindingPath(binding.kind, binding.metadata.namespace, undefined),
          recreatable(binding),
          'create the binding again from its stored copy',
        ),
      ],
    };
  }
  const rawSubjects = subjectsOf(binding.object);
  return {
    way: 'patch',
    beforeState,
    requests: [
      jsonPatch(
        path,
        uid,
        [
          { op: 'test', path: '/subjects', value: rawSubjects },
          // From the back, so that the positions before it keep their meaning.
          ...positions.toReversed().map((index) => ({ op: 'remove', path: `/subjects/${index}` }) as const),
        ],
        `remove ${subject} from the subjects`,
      ),
    ],
    inverse: [
      jsonPatch(
        path,
        uid,
        // Appended: the order of subjects has no meaning, and their number may have changed meanwhile.
        positions.map((index) => ({ op: 'add', path: '/subjects/-', value: rawSubjects[index] }) as const),
        `add ${subject} to the subjects again`,
      ),
    ],
  };
}

export function bindingPath(kind: Binding['kind'], namespace: string | undefined, name: string | undefined): string {
  return resourcePath({
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    plural: kind === 'ClusterRoleBinding' ? 'clusterrolebindings' : 'rolebindings',
    namespace: kind === 'RoleBinding' ? namespace : undefined,
    name,
  });
}

function subjectsOf(object: RawObject): readonly unknown[] {
  const { subjects } = object;
  return Array.isArray(subjects) ? subjects : [];
}

/** Fields the API server sets itself; a copy that keeps them is refused or lies about its history. */
const SERVER_FIELDS = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'managedFields',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

function recreatable(binding: Binding): Record<string, unknown> {
  const { metadata } = binding.object;
  const kept =
    typeof metadata === 'object' && metadata !== null
      ? Object.fromEntries(Object.entries(metadata).filter(([key]) => !SERVER_FIELDS.has(key)))
      : { name: binding.metadata.name };
  return { ...binding.object, apiVersion: 'rbac.authorization.k8s.io/v1', kind: binding.kind, metadata: kept };
}

/** What must still be as it was: everything a person or a controller writes, without the server's bookkeeping. */
export function essenceOf(object: unknown): unknown {
  if (typeof object !== 'object' || object === null) return object;
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      key === 'metadata' && typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).filter(([field]) => field === 'uid' || !SERVER_FIELDS.has(field)))
        : value,
    ]),
  );
}
