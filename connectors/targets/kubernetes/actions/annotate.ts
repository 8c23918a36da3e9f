import type { ActionDefinition, PlannedRequest, PreparedOn } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { TargetError } from '../../errors.ts';
import type { KubernetesReader, KubernetesWriter } from '../api.ts';
import { kubectlPatch } from '../kubectl.ts';
import { resourcePath } from '../names.ts';
import { protectionOf } from '../protected.ts';
import { jsonPatch, pointer } from '../requests.ts';
import type { Pod } from '../schema.ts';
import { attempt, type Standing } from './attempt.ts';
import { addAnnotation, check, goneWith, pinned, refusal, settled, type Undo, undoing, verification } from './steps.ts';

/** Another key than the one other actions leave, so that neither undo takes away the other's. */
export const INVESTIGATION_ANNOTATION = 'parapet.io/investigation';

/**
 * Writes on a pod that it is being investigated, so that whoever looks at it finds the incident. Pods only: for other kinds
 * the right to write an annotation is the right to change what they run. An annotation and no label, since a label may be
 * selected by somebody's policy.
 */
export const annotate: ActionDefinition<KubernetesReader, KubernetesWriter, KubernetesTarget> = {
  name: 'kubernetes.annotate',
  title: 'Annotate a pod',
  class: 'annotation',
  reversible: true,
  permissions: {
    read: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], why: 'annotations and uid of the pod' }],
    write: [{ apiGroups: [''], resources: ['pods'], verbs: ['patch'], why: 'write the annotation' }],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const { namespace } = target;
    if (target.kind !== 'Pod' || namespace === undefined) return refusal('unsupported', 'only a pod can be annotated');
    const pod = await read.getPod(namespace, target.name);
    if (pod === undefined) return refusal('gone', `pod ${namespace}/${target.name} no longer exists`);
    if (pod.metadata.uid !== target.uid) return refusal('replaced', 'another pod has taken the name');
    const guard = protectionOf(read.cluster, { kind: 'Pod', ...pod.metadata, namespace });
    if (guard !== undefined) return refusal('protected', guard);
    const held = pod.metadata.annotations[INVESTIGATION_ANNOTATION];
    if (held !== undefined)
      return refusal('unsupported', `the pod is already marked ${INVESTIGATION_ANNOTATION}=${held}`);
    const plan = planAnnotation(incidentId, namespace, pod);
    const [request] = plan.requests;
    const [inverse] = plan.inverse;
    return {
      ok: true,
      prepared: { action: 'kubernetes.annotate', incidentId, actionId, target, parameters: { ...parameters }, ...plan },
      preview: {
        title: `Annotate pod ${namespace}/${target.name} in ${target.cluster}`,
        summary: `The pod gets the annotation ${INVESTIGATION_ANNOTATION}=${incidentId}. It contains nothing.`,
        commands: request ? [kubectlPatch('pod', target, request)] : [],
        blastRadius: ['None: the pod runs on as before.'],
        undo: `The annotation is removed: ${inverse ? kubectlPatch('pod', target, inverse) : ''}`,
        warnings: [],
      },
    };
  },

  apply: (write, prepared) => attempt(write, () => standingOf(write, prepared)),

  async verify(read, prepared) {
    const pod = await read.getPod(namespaceOf(prepared.target), prepared.target.name);
    const at = read.now();
    if (pod === undefined || pod.metadata.uid !== prepared.target.uid)
      return goneWith(at, `pod ${prepared.target.name}`);
    const ok = pod.metadata.annotations[INVESTIGATION_ANNOTATION] === prepared.incidentId;
    return verification(at, [check('annotation', ok, `the pod ${ok ? 'has' : 'lacks'} the annotation`)]);
  },

  rollBack: (write, prepared) => undoing(write, () => undoOf(write, prepared)),
};

function planAnnotation(incidentId: string, namespace: string, { metadata }: Pod) {
  const path = resourcePath({ group: '', version: 'v1', plural: 'pods', namespace, name: metadata.name });
  const key = pointer('metadata', 'annotations', INVESTIGATION_ANNOTATION);
  const requests: PlannedRequest[] = [
    jsonPatch(
      path,
      metadata.uid,
      [addAnnotation(metadata.annotations, INVESTIGATION_ANNOTATION, incidentId)],
      'mark the pod as investigated',
    ),
  ];
  const inverse: PlannedRequest[] = [
    jsonPatch(
      path,
      metadata.uid,
      [
        { op: 'test', path: key, value: incidentId },
        { op: 'remove', path: key },
      ],
      'take the mark away',
    ),
  ];
  return {
    beforeState: { uid: metadata.uid, annotated: Object.keys(metadata.annotations).length > 0 },
    requests,
    inverse,
  };
}

async function standingOf(write: KubernetesWriter, prepared: PreparedOn<KubernetesTarget>): Promise<Standing> {
  const namespace = namespaceOf(prepared.target);
  const pod = await write.getPod(namespace, prepared.target.name);
  if (pod === undefined) return settled('gone', 'the pod no longer exists');
  if (pod.metadata.uid !== prepared.target.uid) return settled('replaced', 'another pod has taken the name');
  const guard = protectionOf(write.cluster, { kind: 'Pod', ...pod.metadata, namespace });
  if (guard !== undefined) return settled('refused', guard);
  const held = pod.metadata.annotations[INVESTIGATION_ANNOTATION];
  if (held === prepared.incidentId) return settled('already-applied', 'the pod is already marked');
  const plan = planAnnotation(prepared.incidentId, namespace, pod);
  if (held !== undefined || canonicalJson(plan.requests) !== canonicalJson(prepared.requests))
    return settled('changed', 'the annotations of the pod have changed since this was planned; plan again');
  return { kind: 'ready', requests: prepared.requests.map((request) => pinned(request, pod.metadata)) };
}

async function undoOf(write: KubernetesWriter, prepared: PreparedOn<KubernetesTarget>): Promise<Undo> {
  const pod = await write.getPod(namespaceOf(prepared.target), prepared.target.name);
  if (pod === undefined || pod.metadata.uid !== prepared.target.uid)
    return { outcome: 'nothing-to-undo', said: 'the pod no longer exists' };
  if (pod.metadata.annotations[INVESTIGATION_ANNOTATION] !== prepared.incidentId)
    return { outcome: 'nothing-to-undo', said: 'the pod does not carry the mark of this incident' };
  return { send: prepared.inverse, said: 'the mark was taken away' };
}

function namespaceOf({ namespace }: KubernetesTarget): string {
  if (namespace === undefined) throw new TargetError('invalid', 'the plan names a pod without its namespace');
  return namespace;
}
