import type { ActionDefinition } from '../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import { quarantinePod } from './kubernetes/actions/quarantine-pod.ts';
import { removeRoleBinding } from './kubernetes/actions/remove-role-binding.ts';
import type { KubernetesReader, KubernetesWriter } from './kubernetes/api.ts';

export type KubernetesAction = ActionDefinition<KubernetesReader, KubernetesWriter, KubernetesTarget>;

/** An action and the system it acts on: which clients it is given. */
export type CatalogueEntry = { readonly system: 'kubernetes'; readonly action: KubernetesAction };
export type Catalogue = Readonly<Record<ExecutableAction, CatalogueEntry>>;

/** Every action Parapet can execute. What is not here cannot be named, planned or approved. */
export const catalogue: Catalogue = {
  'kubernetes.quarantine-pod': { system: 'kubernetes', action: quarantinePod },
  'kubernetes.remove-role-binding': { system: 'kubernetes', action: removeRoleBinding },
};
