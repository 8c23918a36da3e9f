import type { Catalogue, CatalogueEntry, KubernetesAction } from '../../connectors/targets/catalogue.ts';
import type { KubernetesReader, KubernetesWriter } from '../../connectors/targets/kubernetes/api.ts';
import type { ApplyResult, Preparation, RollbackResult, Verification } from '../../domain/actions/action.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';

/** What a scripted action does next; an Error is thrown. The last of several verifications repeats. */
export interface ActionScript {
  readonly prepare?: (ask: Parameters<KubernetesAction['prepare']>[1]) => Preparation | Error;
  readonly apply?: ApplyResult | Error;
  readonly verify?: readonly (Verification | Error)[];
  readonly rollBack?: RollbackResult | Error;
}

/** A catalogue whose actions follow a script and count how often they were called. */
export function scriptedCatalogue(script: ActionScript): {
  readonly catalogue: Catalogue;
  readonly calls: string[];
} {
  const calls: string[] = [];
  let looks = 0;
  const play = <T>(name: string, result: T | Error | undefined): T => {
    calls.push(name);
    if (result === undefined) throw new Error(`the script has no ${name}`);
    if (result instanceof Error) throw result;
    return result;
  };
  const action = (name: ExecutableAction): CatalogueEntry => ({
    system: 'kubernetes',
    action: {
      name,
      title: name,
      class: 'network-isolation',
      reversible: true,
      permissions: { read: [], write: [] },
      prepare: async (_, ask) => play('prepare', script.prepare?.(ask)),
      apply: async () => play('apply', script.apply),
      verify: async () => {
        const steps = script.verify ?? [];
        const step = steps[Math.min(looks, steps.length - 1)];
        looks += 1;
        return play('verify', step);
      },
      rollBack: async () => play('rollBack', script.rollBack),
    },
  });
  return {
    calls,
    catalogue: {
      'kubernetes.annotate': action('kubernetes.annotate'),
      'kubernetes.cordon-node': action('kubernetes.cordon-node'),
      'kubernetes.quarantine-pod': action('kubernetes.quarantine-pod'),
      'kubernetes.scale-to-zero': action('kubernetes.scale-to-zero'),
      'kubernetes.delete-pod': action('kubernetes.delete-pod'),
      'kubernetes.rollout-undo': action('kubernetes.rollout-undo'),
      'kubernetes.remove-role-binding': action('kubernetes.remove-role-binding'),
      'aws.tag-resource': action('aws.tag-resource'),
      'aws.snapshot-volumes': action('aws.snapshot-volumes'),
      'aws.isolate-instance': action('aws.isolate-instance'),
      'aws.revoke-role-sessions': action('aws.revoke-role-sessions'),
      'aws.deny-all': action('aws.deny-all'),
      'aws.deactivate-access-key': action('aws.deactivate-access-key'),
      'aws.remove-eks-access-entry': action('aws.remove-eks-access-entry'),
      'prisma-cloud-compute.acknowledge-incident': action('prisma-cloud-compute.acknowledge-incident'),
      'prisma-cloud.snooze-alert': action('prisma-cloud.snooze-alert'),
      'prisma-cloud.dismiss-alert': action('prisma-cloud.dismiss-alert'),
      'wiz.acknowledge-issue': action('wiz.acknowledge-issue'),
      'wiz.comment-issue': action('wiz.comment-issue'),
      'wiz.resolve-issue': action('wiz.resolve-issue'),
      'wiz.forensics-copy': action('wiz.forensics-copy'),
      'lacework.comment-alert': action('lacework.comment-alert'),
      'lacework.close-alert': action('lacework.close-alert'),
    },
  };
}

const untouchable = (name: string) => async (): Promise<never> => {
  throw new Error(`${name} must not be called: the scripted action does the work`);
};

/** A reader nobody may use: it only has to be there. */
export const idleReader: KubernetesReader = {
  cluster: { name: 'prod-eks', protectedNamespaces: new Set(), protectedNames: new Set() },
  now: () => new Date('2026-01-01T00:10:00.000Z'),
  getPod: untouchable('getPod'),
  getOwnerChain: untouchable('getOwnerChain'),
  getReplicaSets: untouchable('getReplicaSets'),
  getServiceAccount: untouchable('getServiceAccount'),
  getBindingsOf: untouchable('getBindingsOf'),
  getBinding: untouchable('getBinding'),
  getRoleRules: untouchable('getRoleRules'),
  getServices: untouchable('getServices'),
  getEndpointSlices: untouchable('getEndpointSlices'),
  getNetworkPolicies: untouchable('getNetworkPolicies'),
  getPolicyEndpoints: untouchable('getPolicyEndpoints'),
  getPods: untouchable('getPods'),
  getNode: untouchable('getNode'),
  getWorkload: untouchable('getWorkload'),
  getScale: untouchable('getScale'),
  getRevisions: untouchable('getRevisions'),
  getJobs: untouchable('getJobs'),
  getScalers: untouchable('getScalers'),
};

export const idleWriter: KubernetesWriter = { ...idleReader, send: untouchable('send') };
