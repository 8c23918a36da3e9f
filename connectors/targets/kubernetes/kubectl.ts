import type { PlannedRequest } from '../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../domain/actions/target.ts';
import { FIELD_MANAGER } from './requests.ts';

/** What a person would type to do the same by hand; for reading and for emergencies, never executed by us. */
export function kubectlPatch(
  resource: string,
  target: Pick<KubernetesTarget, 'namespace' | 'name'>,
  request: PlannedRequest,
): string {
  return `kubectl${inNamespace(target)} patch ${resource} ${quote(target.name)} --type=json --field-manager=${FIELD_MANAGER} -p ${quote(JSON.stringify(request.body))}`;
}

export function kubectlApply(target: Pick<KubernetesTarget, 'namespace'>, request: PlannedRequest): string {
  return `printf %s ${quote(JSON.stringify(request.body))} | kubectl${inNamespace(target)} apply --server-side --field-manager=${FIELD_MANAGER} --force-conflicts -f -`;
}

export function kubectlDelete(resource: string, target: Pick<KubernetesTarget, 'namespace' | 'name'>): string {
  return `kubectl${inNamespace(target)} delete ${resource} ${quote(target.name)}`;
}

export function kubectlCreate(target: Pick<KubernetesTarget, 'namespace'>, request: PlannedRequest): string {
  return `printf %s ${quote(JSON.stringify(request.body))} | kubectl${inNamespace(target)} create -f -`;
}

export function kubectlScale(
  resource: string,
  target: Pick<KubernetesTarget, 'namespace' | 'name'>,
  replicas: number,
): string {
  return `kubectl${inNamespace(target)} scale ${resource} ${quote(target.name)} --replicas=${replicas}`;
}

export function kubectlRolloutUndo(target: Pick<KubernetesTarget, 'namespace' | 'name'>, revision: number): string {
  return `kubectl${inNamespace(target)} rollout undo deployment ${quote(target.name)} --to-revision=${revision}`;
}

function inNamespace({ namespace }: { readonly namespace?: string | undefined }): string {
  return namespace === undefined ? '' : ` -n ${quote(namespace)}`;
}

/** POSIX shell quoting, so that nobody who pastes the line runs more than it says. */
export function quote(text: string): string {
  return /^[A-Za-z0-9._/:=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
