import type { ActionDefinition } from '../../domain/actions/action.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import { quarantinePod } from './kubernetes/actions/quarantine-pod.ts';
import { removeRoleBinding } from './kubernetes/actions/remove-role-binding.ts';
import type { KubernetesReader, KubernetesWriter } from './kubernetes/api.ts';

export type KubernetesAction = ActionDefinition<KubernetesReader, KubernetesWriter>;

/** Every action Parapet can execute. What is not here cannot be named, planned or approved. */
export const catalogue: Readonly<Record<ExecutableAction, KubernetesAction>> = {
  'kubernetes.quarantine-pod': quarantinePod,
  'kubernetes.remove-role-binding': removeRoleBinding,
};
