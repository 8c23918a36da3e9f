import type { ActionDefinition, PreparedOn, Preview, Verification } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { TargetError } from '../../errors.ts';
import type { KubernetesReader, KubernetesWriter, WorkloadController } from '../api.ts';
import { gitOpsManagerOf } from '../gitops.ts';
import { kubectlRolloutUndo } from '../kubectl.ts';
import { protectionOf } from '../protected.ts';
import { imagesOf, type Template } from '../schema-workloads.ts';
import { attempt, type Standing } from './attempt.ts';
import { type Choice, chooseRevision, planUndo, replaceTemplate, sameTemplate } from './rollout-plan.ts';
import { check, goneWith, refusal, settled, type Undo, undoing, unnote, verification } from './steps.ts';

/** Goes back to the revision of a Deployment that ran before (reference/containment.md, section 7). */
export const rolloutUndo: ActionDefinition<KubernetesReader, KubernetesWriter, KubernetesTarget> = {
  name: 'kubernetes.rollout-undo',
  title: 'Undo a rollout',
  class: 'workload',
  reversible: true,
  // A rollout replaces pods a few at a time and waits for each to be ready; Kubernetes itself gives up after 10 minutes.
  settlesWithinSeconds: 300,
  permissions: {
    read: [
      {
        apiGroups: ['apps'],
        resources: ['deployments'],
        verbs: ['get'],
        why: 'what it runs, and how far a rollout is',
      },
      { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['list'], why: 'what its revisions ran' },
    ],
    write: [
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch'], why: 'put the earlier pod template back' },
    ],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const { namespace } = target;
    if (target.kind !== 'Deployment' || namespace === undefined)
      return refusal('unsupported', 'only the rollout of a Deployment can be undone');
    const deployment = await read.getWorkload('Deployment', namespace, target.name);
    if (deployment === undefined) return refusal('gone', `Deployment ${namespace}/${target.name} no longer exists`);
    if (deployment.metadata.uid !== target.uid) return refusal('replaced', 'another Deployment has taken the name');
    const guard = protectionOf(read.cluster, { kind: 'Deployment', ...deployment.metadata, namespace });
    if (guard !== undefined) return refusal('protected', guard);
    const choice = chooseRevision(deployment, await read.getRevisions(namespace, target.uid), read.now());
    if (!choice.ok) return refusal('unsupported', `the rollout cannot be undone: ${choice.reason}`);
    const plan = planUndo({ incidentId, actionId }, deployment, namespace, choice);
    return {
      ok: true,
      prepared: {
        action: 'kubernetes.rollout-undo',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        ...plan,
      },
      preview: previewUndo(target, deployment, choice),
    };
  },

  apply: (write, prepared) => attempt(write, () => standingOf(write, prepared)),

  async verify(read, prepared) {
    const namespace = namespaceOf(prepared.target);
    const deployment = await read.getWorkload('Deployment', namespace, prepared.target.name);
    if (deployment === undefined || deployment.metadata.uid !== prepared.target.uid)
      return goneWith(read.now(), `Deployment ${prepared.target.name}`);
    return rolledOut(read.now(), prepared, deployment);
  },

  rollBack: (write, prepared) => undoing(write, () => undoOf(write, prepared)),
};

async function standingOf(write: KubernetesWriter, prepared: PreparedOn<KubernetesTarget>): Promise<Standing> {
  const namespace = namespaceOf(prepared.target);
  const deployment = await write.getWorkload('Deployment', namespace, prepared.target.name);
  if (deployment === undefined) return settled('gone', 'the Deployment no longer exists');
  if (deployment.metadata.uid !== prepared.target.uid)
    return settled('replaced', 'another Deployment has taken the name');
  const guard = protectionOf(write.cluster, { kind: 'Deployment', ...deployment.metadata, namespace });
  if (guard !== undefined) return settled('refused', guard);
  if (sameTemplate(deployment.spec.template, templatesOf(prepared).to))
    return settled('already-applied', 'the Deployment has the earlier template already');
  const choice = chooseRevision(deployment, await write.getRevisions(namespace, prepared.target.uid), write.now());
  if (!choice.ok) return settled('changed', `the rollout can no longer be undone: ${choice.reason}`);
  const { requests, beforeState } = planUndo(prepared, deployment, namespace, choice);
  const approved = { requests: prepared.requests, beforeState: prepared.beforeState };
  if (canonicalJson({ requests, beforeState }) !== canonicalJson(approved))
    return settled('changed', 'the Deployment has changed since this was planned; plan again');
  return { kind: 'ready', requests: prepared.requests };
}

/** The two templates the plan is between, from its own request. */
function templatesOf({ requests }: PreparedOn<KubernetesTarget>): { readonly from: unknown; readonly to: unknown } {
  const body = requests[0]?.body;
  const values = (Array.isArray(body) ? body : []).flatMap((operation: unknown) =>
    typeof operation === 'object' && operation !== null && 'path' in operation && 'value' in operation
      ? operation.path === '/spec/template'
        ? [operation.value]
        : []
      : [],
  );
  if (values.length !== 2) throw new TargetError('invalid', 'the plan does not name the templates it is between');
  return { from: values[0], to: values[1] };
}

async function undoOf(write: KubernetesWriter, prepared: PreparedOn<KubernetesTarget>): Promise<Undo> {
  const namespace = namespaceOf(prepared.target);
  const deployment = await write.getWorkload('Deployment', namespace, prepared.target.name);
  if (deployment === undefined || deployment.metadata.uid !== prepared.target.uid)
    return { outcome: 'nothing-to-undo', said: 'the Deployment no longer exists' };
  const { from, to } = templatesOf(prepared);
  const { template } = deployment.spec;
  if (sameTemplate(template, from)) return { outcome: 'nothing-to-undo', said: 'the Deployment has its template' };
  if (template === undefined || !sameTemplate(template, to) || !isTemplate(from))
    return { outcome: 'failed', said: 'the Deployment was changed since; its template is not overwritten' };
  return {
    send: [replaceTemplate(deployment, namespace, template, from, unnote(deployment.metadata, prepared.incidentId))],
    said: 'the Deployment has its template back and rolls out again',
  };
}

function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null;
}

/** Complete as `kubectl rollout status` means it: seen by the controller, all pods new, all available, none of the old left. */
function rolledOut(
  at: Date,
  prepared: PreparedOn<KubernetesTarget>,
  { metadata, spec, status }: WorkloadController,
): Verification {
  const there = sameTemplate(spec.template, templatesOf(prepared).to);
  const wanted = spec.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  const seen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const stuck = (status?.conditions ?? []).some(({ reason }) => reason === 'ProgressDeadlineExceeded');
  const done = seen && updatedReplicas === wanted && availableReplicas === wanted && replicas === wanted;
  const checks = [
    check('template', there, `the Deployment ${there ? 'has' : 'no longer has'} the earlier template`),
    check(
      'rollout-complete',
      there && done,
      stuck
        ? 'Kubernetes has given up: the progress deadline is exceeded'
        : `${updatedReplicas} of ${wanted} pods are of the earlier revision, ${availableReplicas} are available, ${Math.max(0, replicas - updatedReplicas)} old ones are left`,
    ),
  ];
  const ok = checks.every((one) => one.ok);
  return verification(at, checks, ok ? 'contained' : there && !stuck ? 'partial' : 'failed');
}

function previewUndo(
  target: KubernetesTarget,
  deployment: WorkloadController,
  { current, previous }: Extract<Choice, { ok: true }>,
): Preview {
  const name = `${target.namespace}/${target.name}`;
  const manager = gitOpsManagerOf(deployment.metadata);
  return {
    title: `Undo the rollout of Deployment ${name} in ${target.cluster}`,
    summary: `Revision ${previous.number} runs again instead of ${current.number}: ${difference(current.template, previous.template)}.`,
    // What the API is sent is the whole template, which may hold settings nobody should read on a page.
    commands: [kubectlRolloutUndo(target, previous.number)],
    blastRadius: [
      `All pods of Deployment ${name} are replaced, a few at a time.`,
      `Everything that came with revision ${current.number} goes, also what is not the cause.`,
    ],
    undo: `The present template is put back and rolls out again: ${kubectlRolloutUndo(target, current.number)}`,
    warnings: [
      'Evidence is lost: the memory of the processes and the own files of every replaced pod that is not in quarantine.',
      'The earlier revision may have weaknesses of its own, and a change of data that came with the present one may not fit it.',
      ...(manager
        ? [
            `The Deployment is managed by ${manager}, which will roll out the present revision again: revert it there as well.`,
          ]
        : []),
    ],
  };
}

function difference(from: Template, to: Template): string {
  const before = imagesOf(from);
  const changed = imagesOf(to).filter(({ container, image }) =>
    before.every((one) => one.container !== container || one.image !== image),
  );
  const words = changed.map(({ container, image }) => {
    const old = before.find((one) => one.container === container)?.image;
    return `container ${container} runs ${image}${old === undefined ? '' : ` instead of ${old}`}`;
  });
  return words.length === 0 ? 'a container of the present revision is not in it' : words.join(', ');
}

function namespaceOf({ namespace }: KubernetesTarget): string {
  if (namespace === undefined) throw new TargetError('invalid', 'the plan names a Deployment without its namespace');
  return namespace;
}
