import type {
  ActionDefinition,
  Preparation,
  PreparedAction,
  PreparedOn,
  RollbackResult,
  SentRequest,
  Verification,
} from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { TargetError } from '../../errors.ts';
import type { Binding, BindingKind, KubernetesReader, KubernetesWriter } from '../api.ts';
import { protectionOf } from '../protected.ts';
import { deletion } from '../requests.ts';
import { type Account, accountOfSubject, isFullControl, nameOfAccount, namesAccount } from '../subjects.ts';
import { attempt, type Standing } from './attempt.ts';
import { bindingPath, essenceOf, planRemoval } from './role-binding-plan.ts';
import { bindingName, previewRemoval } from './role-binding-preview.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

/**
 * Takes one ServiceAccount out of a ClusterRoleBinding or RoleBinding (reference/containment.md, section 8).
 *
 * The API server checks every create and update of a binding for escalation: the caller needs the verb `bind` on the
 * role, or the rights of the role itself. DELETE is not checked. Parapet does not ask for `bind`, which would let its
 * account make anybody cluster-admin, so that without it removing the only subject works, while removing one of many, and
 * the undo, are answered 403; both say so.
 */
export const removeRoleBinding: ActionDefinition<KubernetesReader, KubernetesWriter, KubernetesTarget> = {
  name: 'kubernetes.remove-role-binding',
  title: 'Remove a subject from a role binding',
  class: 'identity',
  reversible: true,
  permissions: {
    read: [
      {
        apiGroups: [RBAC_GROUP],
        resources: ['clusterrolebindings', 'rolebindings'],
        verbs: ['get', 'list'],
        why: 'the binding, and others that give the same subject rights',
      },
      {
        apiGroups: [RBAC_GROUP],
        resources: ['clusterroles', 'roles'],
        verbs: ['get'],
        why: 'what the bound role allows',
      },
    ],
    write: [
      {
        apiGroups: [RBAC_GROUP],
        resources: ['clusterrolebindings', 'rolebindings'],
        verbs: ['patch', 'delete', 'create'],
        why: 'remove the subject or the binding, and put it back',
      },
    ],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const ask = askOf(target, parameters);
    if (ask === undefined)
      return no(
        'unsupported',
        'only a ServiceAccount can be removed from a binding; a group or a user stands for others, too',
      );
    const guard = bindingProtection(read, target, ask.account);
    if (guard !== undefined) return no('protected', guard);
    const binding = await read.getBinding(ask.kind, target.namespace, target.name);
    if (binding === undefined) return no('gone', `${target.kind} ${target.name} no longer exists`);
    if (binding.metadata.uid !== target.uid) return no('replaced', 'another binding has taken the name');
    const mark = protectionOf(read.cluster, { kind: target.kind, ...binding.metadata });
    if (mark !== undefined) return no('protected', mark);
    if (isBootstrap(binding))
      return no('protected', 'the binding belongs to Kubernetes itself (label kubernetes.io/bootstrapping)');
    const plan = planRemoval(binding, ask.account);
    if (plan === undefined) return no('gone', `${bindingName(binding)} no longer names ${ask.subject}`);
    const prepared: PreparedAction = {
      action: 'kubernetes.remove-role-binding',
      incidentId,
      actionId,
      target,
      parameters: { subject: ask.subject },
      beforeState: plan.beforeState,
      requests: plan.requests,
      inverse: plan.inverse,
    };
    const preview = previewRemoval(plan, {
      target,
      binding,
      subject: ask.subject,
      fullControl: await hasFullControl(read, binding),
      others: await othersOf(read, binding, ask.account),
    });
    return { ok: true, prepared, preview };
  },

  apply: (write, prepared) => attempt(write, () => standingOf(write, prepared)),

  async verify(read, prepared) {
    const { kind, account } = mustAsk(prepared);
    const binding = await read.getBinding(kind, prepared.target.namespace, prepared.target.name);
    const named = binding?.subjects.some((entry) => namesAccount(entry, account, binding.metadata.namespace)) === true;
    const left = (await bindingsWithFullControl(read, account)).filter(
      (other) => !(other.kind === kind && other.metadata.uid === binding?.metadata.uid),
    );
    return toVerification(read.now(), prepared, {
      named,
      left,
      recreated: named && binding?.metadata.uid !== prepared.target.uid,
    });
  },

  async rollBack(write, prepared): Promise<RollbackResult> {
    const requests: SentRequest[] = [];
    const record = (sent: SentRequest): void => {
      requests.push(sent);
    };
    try {
      const { kind, subject, account } = mustAsk(prepared);
      const live = await write.getBinding(kind, prepared.target.namespace, prepared.target.name);
      if (live?.subjects.some((entry) => namesAccount(entry, account, live.metadata.namespace)))
        return { outcome: 'nothing-to-undo', reason: `${bindingName(live)} names ${subject}`, requests };
      const [inverse] = prepared.inverse;
      if (inverse === undefined) throw new TargetError('invalid', 'the plan holds no way back');
      await write.send(inverse, { dryRun: false, record });
      return { outcome: 'rolled-back', reason: `${subject} has its binding back`, requests };
    } catch (error) {
      if (error instanceof TargetError) return { outcome: 'failed', reason: undoFailed(error), requests };
      throw error;
    }
  },
};

function no(code: Extract<Preparation, { ok: false }>['code'], reason: string): Preparation {
  return { ok: false, code, reason };
}

interface Ask {
  readonly kind: BindingKind;
  readonly subject: string;
  readonly account: Account;
}

function askOf(target: KubernetesTarget, parameters: Readonly<Record<string, string>>): Ask | undefined {
  const account = accountOfSubject(parameters['subject'] ?? '');
  if (account === undefined) return undefined;
  if (target.kind !== 'ClusterRoleBinding' && target.kind !== 'RoleBinding') return undefined;
  return { kind: target.kind, subject: nameOfAccount(account), account };
}

function mustAsk(prepared: PreparedOn<KubernetesTarget>): Ask {
  const ask = askOf(prepared.target, prepared.parameters);
  if (ask === undefined) throw new TargetError('invalid', 'the plan names no ServiceAccount to remove from a binding');
  return ask;
}

/** Bindings whose loss would break the cluster, or us. */
function bindingProtection(read: KubernetesReader, target: KubernetesTarget, account: Account): string | undefined {
  const { protectedNamespaces } = read.cluster;
  if (target.name.startsWith('parapet')) return 'bindings whose name starts with parapet are never changed';
  if (protectedNamespaces.has(account.namespace))
    return `the subject lives in the protected namespace ${account.namespace}; its rights are never changed`;
  return (
    protectionOf(read.cluster, { kind: target.kind, namespace: target.namespace, name: target.name }) ??
    protectionOf(read.cluster, { kind: 'ServiceAccount', ...account })
  );
}

function isBootstrap(binding: Binding): boolean {
  return binding.metadata.labels['kubernetes.io/bootstrapping'] !== undefined;
}

async function hasFullControl(read: KubernetesReader, binding: Binding): Promise<boolean> {
  const { kind, name } = binding.roleRef;
  return isFullControl(name, await read.getRoleRules(kind, binding.metadata.namespace, name));
}

async function othersOf(read: KubernetesReader, binding: Binding, account: Account) {
  const others = (await read.getBindingsOf(account)).filter(({ metadata }) => metadata.uid !== binding.metadata.uid);
  return await Promise.all(
    others.map(async (other) => ({
      binding: other,
      fullControl: other.kind === 'ClusterRoleBinding' && (await hasFullControl(read, other)),
    })),
  );
}

async function bindingsWithFullControl(read: KubernetesReader, account: Account): Promise<readonly Binding[]> {
  const cluster = (await read.getBindingsOf(account)).filter(({ kind }) => kind === 'ClusterRoleBinding');
  const full = await Promise.all(cluster.map((binding) => hasFullControl(read, binding)));
  return cluster.filter((_, index) => full[index]);
}

async function standingOf(write: KubernetesWriter, prepared: PreparedOn<KubernetesTarget>): Promise<Standing> {
  const settled = (outcome: Extract<Standing, { kind: 'settled' }>['outcome'], reason: string): Standing => ({
    kind: 'settled',
    outcome,
    reason,
  });
  const { kind, subject, account } = mustAsk(prepared);
  const guard = bindingProtection(write, prepared.target, account);
  if (guard !== undefined) return settled('refused', guard);
  const live = await write.getBinding(kind, prepared.target.namespace, prepared.target.name);
  if (live === undefined) return settled('already-applied', 'the binding no longer exists');
  if (live.metadata.uid !== prepared.target.uid) return settled('replaced', 'another binding has taken the name');
  const mark = protectionOf(write.cluster, { kind, ...live.metadata });
  if (mark !== undefined) return settled('refused', mark);
  if (isBootstrap(live)) return settled('refused', 'the binding belongs to Kubernetes itself');
  const plan = planRemoval(live, account);
  if (plan === undefined) return settled('already-applied', `${bindingName(live)} no longer names ${subject}`);
  const unchanged =
    canonicalJson(essenceOf(live.object)) === canonicalJson(essenceOf(prepared.beforeState['object'])) &&
    canonicalJson(plan.requests) === canonicalJson(prepared.requests);
  if (!unchanged) return settled('changed', 'the binding has changed since this was planned; plan again');
  return { kind: 'ready', requests: plan.way === 'delete' ? [pinned(prepared, live)] : prepared.requests };
}

/**
 * The approved DELETE with the resourceVersion just read as one more precondition. It can only make the request fail,
 * and it closes the moment in which a subject added by somebody else would be deleted with the rest.
 */
function pinned(prepared: PreparedOn<KubernetesTarget>, live: Binding) {
  const { uid, resourceVersion } = live.metadata;
  return deletion(
    bindingPath(live.kind, live.metadata.namespace, live.metadata.name),
    { uid, resourceVersion },
    prepared.requests[0]?.purpose ?? 'delete the binding',
  );
}

function toVerification(
  at: Date,
  prepared: PreparedOn<KubernetesTarget>,
  found: { readonly named: boolean; readonly recreated: boolean; readonly left: readonly Binding[] },
): Verification {
  const { subject } = mustAsk(prepared);
  const where = `${prepared.target.kind} ${prepared.target.name}`;
  return {
    result: found.named ? 'failed' : found.left.length > 0 ? 'partial' : 'contained',
    enforcement: 'not-applicable',
    checks: [
      {
        name: 'subject-removed',
        ok: !found.named,
        detail: found.named
          ? `${where} ${found.recreated ? 'was created again and' : 'still'} names ${subject}`
          : `${where} does not name ${subject}`,
      },
      {
        name: 'no-other-full-control',
        ok: found.left.length === 0,
        detail:
          found.left.length === 0
            ? `no other ClusterRoleBinding gives ${subject} full control of the cluster`
            : `${subject} still has full control through ${found.left.map(bindingName).join(', ')}`,
      },
    ],
    verifiedAt: at.toISOString(),
  };
}

function undoFailed(error: TargetError): string {
  return error.kind === 'denied'
    ? `Parapet's account may not bind this role, so an administrator of the cluster must run the undo command of the plan (${error.message})`
    : error.message;
}
