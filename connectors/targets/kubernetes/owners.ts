import { TargetError } from '../errors.ts';
import {
  CONTROLLER_KINDS,
  type Controller,
  type ControllerKind,
  type KubernetesReader,
  type OwnerChain,
} from './api.ts';
import type { ResourceLocation } from './names.ts';
import type { ControllerObject, OwnerReference } from './schema.ts';

const PLURALS: Readonly<Record<ControllerKind, { readonly group: string; readonly plural: string }>> = {
  ReplicaSet: { group: 'apps', plural: 'replicasets' },
  Deployment: { group: 'apps', plural: 'deployments' },
  StatefulSet: { group: 'apps', plural: 'statefulsets' },
  DaemonSet: { group: 'apps', plural: 'daemonsets' },
  Job: { group: 'batch', plural: 'jobs' },
  CronJob: { group: 'batch', plural: 'cronjobs' },
};

/** ReplicaSet and Deployment, Job and CronJob: two levels are usual; a custom chain is not followed for ever. */
const MAX_LEVELS = 4;

type ReadOne = (at: ResourceLocation) => Promise<ControllerObject | undefined>;

/** Follows `controller: true` owner references upwards as far as the built-in kinds go. */
export function ownerChainReader(one: ReadOne): KubernetesReader['getOwnerChain'] {
  return async (namespace, owners) => {
    const controllers: Controller[] = [];
    let next = controllerOf(owners);
    while (next !== undefined && controllers.length < MAX_LEVELS) {
      const found = await readOwner(one, namespace, next);
      if ('reason' in found) return { controllers, unresolved: found };
      controllers.push(found);
      next = controllerOf(found.metadata.ownerReferences);
    }
    return { controllers };
  };
}

export function controllerOf(owners: readonly OwnerReference[]): OwnerReference | undefined {
  return owners.find(({ controller }) => controller === true);
}

async function readOwner(
  one: ReadOne,
  namespace: string,
  owner: OwnerReference,
): Promise<Controller | NonNullable<OwnerChain['unresolved']>> {
  const unresolved = (reason: string) => ({ kind: owner.kind, name: owner.name, reason });
  const kind = CONTROLLER_KINDS.find((known) => known === owner.kind);
  const group = owner.apiVersion.split('/')[0];
  if (kind === undefined || group !== PLURALS[kind].group)
    return unresolved(`${owner.kind} of ${owner.apiVersion} is not a built-in controller`);
  try {
    const object = await one({ ...PLURALS[kind], version: 'v1', namespace, name: owner.name });
    if (object === undefined) return unresolved('it no longer exists');
    if (object.metadata.uid !== owner.uid) return unresolved('another object has taken its name');
    return { ...object, kind };
  } catch (error) {
    if (error instanceof TargetError && error.kind === 'denied') return unresolved(error.message);
    throw error;
  }
}
