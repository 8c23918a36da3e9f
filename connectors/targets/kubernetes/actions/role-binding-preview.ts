import type { Preview } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import type { Binding } from '../api.ts';
import { gitOpsManagerOf } from '../gitops.ts';
import { kubectlCreate, kubectlDelete, kubectlPatch } from '../kubectl.ts';
import type { RemovalPlan } from './role-binding-plan.ts';

export interface RemovalFacts {
  readonly target: KubernetesTarget;
  readonly binding: Binding;
  readonly subject: string;
  readonly fullControl: boolean;
  /** Other bindings that give rights to the same subject. */
  readonly others: readonly { readonly binding: Binding; readonly fullControl: boolean }[];
}

/** What a person reads before deciding. Made of facts and the catalogue's own words only. */
export function previewRemoval(plan: RemovalPlan, facts: RemovalFacts): Preview {
  const { target, binding, subject } = facts;
  const resource = target.kind.toLowerCase();
  const at = { namespace: target.kind === 'RoleBinding' ? target.namespace : undefined, name: target.name };
  const role = `${binding.roleRef.kind} ${binding.roleRef.name}`;
  const [request] = plan.requests;
  const [inverse] = plan.inverse;
  const scope = target.kind === 'RoleBinding' ? `namespace ${target.namespace}` : 'the whole cluster';
  return {
    title: `Remove ${subject} from ${bindingName(binding)} in ${target.cluster}`,
    summary: `${subject} loses ${role}${facts.fullControl && target.kind === 'ClusterRoleBinding' ? ', which is full control of the cluster' : ''}. ${
      plan.way === 'delete'
        ? 'It is the only subject, so the binding is deleted.'
        : `The binding stays for its ${binding.subjects.length - 1} other subjects.`
    }`,
    commands:
      plan.way === 'delete' ? [kubectlDelete(resource, at)] : request ? [kubectlPatch(resource, at, request)] : [],
    blastRadius: [
      `Everything that runs as ${subject} loses these rights in ${scope} at once, other pods of it included.`,
      'Its tokens stay valid as credentials; only the rights of this binding go.',
    ],
    undo: `${
      plan.way === 'delete' ? 'The binding is created again from its stored copy' : 'The subject is added again'
    }. The API server allows that only to an account that may bind ${role} or has its rights itself; where Parapet's account may not, an administrator of the cluster runs: ${
      inverse ? (plan.way === 'delete' ? kubectlCreate(at, inverse) : kubectlPatch(resource, at, inverse)) : ''
    }`,
    warnings: warnings(plan, facts),
  };
}

function warnings(plan: RemovalPlan, { binding, subject, others }: RemovalFacts): string[] {
  const manager = gitOpsManagerOf(binding.metadata);
  return [
    ...(manager
      ? [`The binding is managed by ${manager}, which will put it back unless it is removed there too.`]
      : []),
    ...others.map(
      (other) =>
        `${subject} also has ${other.binding.roleRef.kind} ${other.binding.roleRef.name} through ${bindingName(other.binding)}${
          other.fullControl ? ': that is full control of the cluster, and it stays' : ''
        }.`,
    ),
    ...(plan.way === 'patch'
      ? [
          `Changing a binding without deleting it needs the right to bind ${binding.roleRef.kind} ${binding.roleRef.name}; without it the dry run is denied and nothing changes.`,
        ]
      : []),
  ];
}

export function bindingName({ kind, metadata }: Pick<Binding, 'kind' | 'metadata'>): string {
  return kind === 'RoleBinding' ? `${kind} ${metadata.namespace}/${metadata.name}` : `${kind} ${metadata.name}`;
}
