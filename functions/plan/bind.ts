import { WORKLOAD_KINDS, type WorkloadKind } from '../../connectors/targets/kubernetes/api.ts';
import { accountOfSubject } from '../../connectors/targets/kubernetes/subjects.ts';
import { type ActionTarget, identityOf } from '../../domain/actions/target.ts';
import { EXECUTABLE_ACTIONS, type ExecutableAction, type RecommendedAction } from '../../domain/analysis/analysis.ts';
import type { Entity, EvidenceItem, EvidencePack } from '../../domain/evidence/pack.ts';
import { awsTargetOf, serviceAccountOf } from './bind-aws.ts';
import { vendorTargetOf } from './bind-vendor.ts';

/** A recommendation that may become an action, or the reason why it stays advice. */
export type Binding =
  | {
      readonly ok: true;
      readonly action: ExecutableAction;
      readonly target: ActionTarget;
      readonly parameters: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly target: string; readonly reason: string };

/**
 * Binds a recommendation to a thing of the evidence (rule 1): the action must be in the catalogue, the target an entity
 * of the pack that a fact read from a system of record describes, and at least one cited item must not be text that the
 * workload itself could have written (V12 of the verifier rules).
 */
export function bind(recommended: RecommendedAction, pack: EvidencePack): Binding {
  const entity = pack.entities.find(({ id }) => id === recommended.target);
  const label = entity?.label ?? recommended.target;
  const action = EXECUTABLE_ACTIONS.find((name) => name === recommended.action);
  if (action === undefined)
    return { ok: false, target: label, reason: 'This is advice for people; Parapet has no action for it.' };
  if (entity === undefined) return { ok: false, target: label, reason: 'Its target is not an entity of the evidence.' };
  const cited = pack.items.filter(({ id }) => recommended.evidence.includes(id));
  if (!cited.some(({ trust }) => trust !== 'attacker_influenced')) {
    return { ok: false, target: label, reason: 'It rests only on text that the workload itself could have written.' };
  }
  const parameters = Object.fromEntries(recommended.parameters.map(({ name, value }) => [name, value]));
  const target = targetOf(action, entity, pack, parameters);
  if (target === undefined) {
    return {
      ok: false,
      target: label,
      reason: whyNoTarget(action),
    };
  }
  if (action === 'kubernetes.remove-role-binding' && !namesSubject(pack, target, parameters['subject'])) {
    return {
      ok: false,
      target: label,
      reason: 'The subject to remove is not one the evidence names for this binding.',
    };
  }
  const account = action === 'aws.revoke-role-sessions' ? serviceAccountOf(entity, pack) : undefined;
  return {
    ok: true,
    action,
    target,
    // Never what a recommendation says: it decides whether the action asks IAM at all.
    parameters: account === undefined ? parameters : { ...parameters, serviceAccount: account },
  };
}

function whyNoTarget(action: ExecutableAction): string {
  const nothing = 'so there is nothing exact to act on.';
  if (action.startsWith('kubernetes.')) return `The cluster was not read for its target, ${nothing}`;
  if (action.startsWith('aws.')) return `No system of record was read that names its target, ${nothing}`;
  return `The vendor confirmed no record of this id about its target, ${nothing}`;
}

function targetOf(
  action: ExecutableAction,
  of: Entity,
  pack: EvidencePack,
  parameters: Readonly<Record<string, string>>,
): ActionTarget | undefined {
  const { items } = pack;
  const { id: entityId, kind, canonical, label } = of;
  const read = factsRead(of, items);
  const about = items.filter(({ entities, trust }) => entities.includes(entityId) && trust !== 'attacker_influenced');
  switch (action) {
    case 'kubernetes.annotate':
    case 'kubernetes.quarantine-pod':
    case 'kubernetes.delete-pod':
      return podTarget(of, read);
    case 'kubernetes.cordon-node':
      return nodeTarget(of, read);
    case 'kubernetes.scale-to-zero':
      return workloadTarget(of, read, WORKLOAD_KINDS);
    case 'kubernetes.rollout-undo':
      return workloadTarget(of, read, ['Deployment']);
    case 'aws.isolate-instance':
    case 'aws.snapshot-volumes':
      return awsTargetOf('instance', of, pack);
    case 'aws.tag-resource':
      return awsTargetOf('resource', of, pack);
    case 'aws.revoke-role-sessions':
      return awsTargetOf('role', of, pack);
    case 'aws.deny-all':
      return awsTargetOf('user', of, pack);
    case 'aws.deactivate-access-key':
      return awsTargetOf('access-key', of, pack);
    case 'aws.remove-eks-access-entry':
      return awsTargetOf('eks-access-entry', of, pack);
    case 'prisma-cloud-compute.acknowledge-incident':
    case 'prisma-cloud.snooze-alert':
    case 'prisma-cloud.dismiss-alert':
    case 'wiz.acknowledge-issue':
    case 'wiz.comment-issue':
    case 'wiz.resolve-issue':
    case 'wiz.forensics-copy':
    case 'lacework.comment-alert':
    case 'lacework.close-alert':
      return vendorTargetOf(action, of, pack, parameters['record']);
    case 'kubernetes.remove-role-binding': {
      const binding = about
        .filter(({ source }) => source === 'kubernetes_api')
        .map(({ fact }) => fact)
        .find((fact) => fact.kind === 'role-binding' && canonical.endsWith(bindingPath(fact)));
      if (binding?.kind !== 'role-binding' || kind !== 'role-binding') return undefined;
      const cluster = canonical.slice(0, -bindingPath(binding).length);
      return {
        system: 'kubernetes',
        entityId,
        entity: { kind, canonical, label },
        cluster,
        ...(binding.namespace === undefined ? {} : { namespace: binding.namespace }),
        kind: binding.bindingKind,
        name: binding.name,
        uid: binding.uid,
      };
    }
  }
}

/** What the API server itself said of an entity. Labels make an item attacker-influenced as text; names and uids are the server's own. */
function factsRead({ id }: Entity, items: readonly EvidenceItem[]): readonly EvidenceItem['fact'][] {
  return items
    .filter(({ source, entities }) => source === 'kubernetes_api' && entities.includes(id))
    .map(({ fact }) => fact);
}

function podTarget({ id: entityId, ...entity }: Entity, read: ReturnType<typeof factsRead>): ActionTarget | undefined {
  const pod = read.find(
    (fact) => fact.kind === 'pod' && `${fact.cluster}/${fact.namespace}/${fact.name}` === entity.canonical,
  );
  if (pod?.kind !== 'pod' || entity.kind !== 'pod') return undefined;
  const { cluster, namespace, name, uid } = pod;
  return { system: 'kubernetes', entityId, entity, cluster, namespace, kind: 'Pod', name, uid };
}

function nodeTarget({ id: entityId, ...entity }: Entity, read: ReturnType<typeof factsRead>): ActionTarget | undefined {
  const node = read.find((fact) => fact.kind === 'node' && fact.name === entity.canonical);
  if (node?.kind !== 'node' || entity.kind !== 'node') return undefined;
  const { cluster, name, uid } = node;
  return { system: 'kubernetes', entityId, entity, cluster, kind: 'Node', name, uid };
}

/** A controller's canonical name is `cluster/namespace/Kind/name`. */
function workloadTarget(
  { id: entityId, ...entity }: Entity,
  read: ReturnType<typeof factsRead>,
  kinds: readonly WorkloadKind[],
): ActionTarget | undefined {
  for (const fact of read) {
    const kind = fact.kind === 'controller' ? kinds.find((known) => known === fact.controllerKind) : undefined;
    if (fact.kind !== 'controller' || kind === undefined || entity.kind !== 'workload') continue;
    const { namespace, name, uid } = fact;
    const path = `/${namespace}/${kind}/${name}`;
    if (!entity.canonical.endsWith(path)) continue;
    const cluster = entity.canonical.slice(0, -path.length);
    return { system: 'kubernetes', entityId, entity, cluster, namespace, kind, name, uid };
  }
  return undefined;
}

/** Whose rights are taken is part of the target: it comes from what was read of this very binding (rule 1). */
function namesSubject(pack: EvidencePack, target: ActionTarget, subject: string | undefined): boolean {
  const account = accountOfSubject(subject ?? '');
  return pack.items.some(({ source, fact }) => {
    if (source !== 'kubernetes_api' || fact.kind !== 'role-binding' || fact.uid !== identityOf(target)) return false;
    const named = accountOfSubject(fact.subject);
    return account !== undefined && named?.namespace === account.namespace && named.name === account.name;
  });
}

/** The end of a binding's canonical name, after the cluster: `/[namespace/]Kind/name`. */
function bindingPath(fact: {
  readonly bindingKind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}): string {
  return `/${fact.namespace === undefined ? '' : `${fact.namespace}/`}${fact.bindingKind}/${fact.name}`;
}
