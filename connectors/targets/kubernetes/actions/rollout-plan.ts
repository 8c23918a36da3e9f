import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import type { WorkloadController } from '../api.ts';
import { resourcePath } from '../names.ts';
import { WORKLOAD_RESOURCES } from '../reader-workloads.ts';
import { type JsonPatchOperation, jsonPatch } from '../requests.ts';
import { imagesOf, type Template, type WorkloadObject } from '../schema-workloads.ts';
import { type Ask, note, type ObjectPlan, plannedUnnote } from './steps.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const POD_TEMPLATE_HASH = 'pod-template-hash';
/** An image that nobody has run for longer has weaknesses of its own by now. */
export const OLDEST_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

/** A revision of a Deployment that may be gone back to. */
export interface Revision {
  readonly number: number;
  readonly template: Template;
}

export type Choice =
  | { readonly ok: true; readonly current: Revision; readonly previous: Revision }
  | { readonly ok: false; readonly reason: string };

/**
 * The revision right before the present one, or why it is not gone back to. There is no rollback in the API: `kubectl
 * rollout undo` too puts the template of an older ReplicaSet into the Deployment.
 */
export function chooseRevision(deployment: WorkloadController, sets: readonly WorkloadObject[], now: Date): Choice {
  const no = (reason: string): Choice => ({ ok: false, reason });
  const { template, paused } = deployment.spec;
  const current = revisionNumber(deployment.metadata.annotations);
  if (paused === true) return no('its rollout is paused: somebody is working on it');
  if (template === undefined || current === undefined) return no('it does not say which revision it runs');
  const [previous] = sets
    .flatMap((set) => {
      const number = revisionNumber(set.metadata.annotations);
      return number === undefined || number >= current ? [] : [{ number, set }];
    })
    .sort((a, b) => b.number - a.number);
  if (previous?.set.spec.template === undefined) return no('no older revision is kept');
  const older = withoutHash(previous.set.spec.template);
  if (runSameImages(template, older)) return no(`revision ${previous.number}, which ran before, has the same images`);
  const createdAt = Date.parse(previous.set.metadata.creationTimestamp ?? '');
  if (!(now.getTime() - createdAt <= OLDEST_DAYS * DAY_MS))
    return no(`revision ${previous.number}, which ran before, is older than ${OLDEST_DAYS} days`);
  return {
    ok: true,
    current: { number: current, template },
    previous: { number: previous.number, template: older },
  };
}

export function planUndo(
  ask: Ask,
  deployment: WorkloadController,
  namespace: string,
  { current, previous }: Extract<Choice, { ok: true }>,
): ObjectPlan {
  const { metadata } = deployment;
  return {
    beforeState: { uid: metadata.uid, revision: current.number, template: current.template, to: previous.number },
    requests: [
      replaceTemplate(deployment, namespace, current.template, previous.template, note(metadata, ask.incidentId)),
    ],
    inverse: [replaceTemplate(deployment, namespace, previous.template, current.template, plannedUnnote(metadata))],
  };
}

export function replaceTemplate(
  { metadata }: WorkloadController,
  namespace: string,
  from: Template,
  to: Template,
  more: readonly JsonPatchOperation[],
): PlannedRequest {
  return jsonPatch(
    resourcePath({ ...WORKLOAD_RESOURCES.Deployment, namespace, name: metadata.name }),
    metadata.uid,
    [
      { op: 'test', path: '/spec/template', value: from },
      { op: 'replace', path: '/spec/template', value: to },
      ...more,
    ],
    'run the pods of another revision',
  );
}

export function sameTemplate(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}

function revisionNumber(annotations: Readonly<Record<string, string>>): number | undefined {
  const text = annotations[REVISION] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The ReplicaSet's own label, which the Deployment's controller adds. */
function withoutHash(template: Template): Template {
  const { metadata } = template;
  if (!isRecord(metadata) || !isRecord(metadata['labels'])) return template;
  const labels = Object.fromEntries(Object.entries(metadata['labels']).filter(([key]) => key !== POD_TEMPLATE_HASH));
  return { ...template, metadata: { ...metadata, labels } };
}

/** Same digest where both name one, else the same text. */
function runSameImages(a: Template, b: Template): boolean {
  const known = (template: Template): string =>
    canonicalJson(
      imagesOf(template).map(({ container, image }) => ({ container, image: /@(.+)$/.exec(image)?.[1] ?? image })),
    );
  return known(a) === known(b);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
