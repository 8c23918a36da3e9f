import type {
  PlannedRequest,
  Preparation,
  PreparedAction,
  RollbackResult,
  SentRequest,
  Verification,
} from '../../../../domain/actions/action.ts';
import { TargetError } from '../../errors.ts';
import type { KubernetesWriter } from '../api.ts';
import { JSON_PATCH, type JsonPatchOperation, pointer } from '../requests.ts';
import type { Metadata } from '../schema.ts';
import type { Standing } from './attempt.ts';
import { INCIDENT_ANNOTATION, quarantineId } from './quarantine-plan.ts';

/** For which incident, and which action of its plan. */
export type Ask = Pick<PreparedAction, 'incidentId' | 'actionId'>;

/** What tells our own mark from another's. */
export function markOf({ incidentId, actionId }: Ask): string {
  return quarantineId(incidentId, actionId);
}

export interface ObjectPlan {
  readonly beforeState: Record<string, unknown>;
  readonly requests: PlannedRequest[];
  readonly inverse: PlannedRequest[];
}

export function refusal(code: Extract<Preparation, { ok: false }>['code'], reason: string): Preparation {
  return { ok: false, code, reason };
}

export function settled(outcome: Extract<Standing, { kind: 'settled' }>['outcome'], reason: string): Standing {
  return { kind: 'settled', outcome, reason };
}

/**
 * A guarded patch with the resourceVersion just read as one more test. It can only make the request fail, and it closes the
 * moment between reading and writing for what no other test can express: that something is still absent.
 */
export function pinned(
  request: PlannedRequest,
  { resourceVersion }: Pick<Metadata, 'resourceVersion'>,
): PlannedRequest {
  if (resourceVersion === undefined || request.contentType !== JSON_PATCH || !Array.isArray(request.body))
    return request;
  const [uid, ...rest]: readonly unknown[] = request.body;
  return {
    ...request,
    body: [uid, { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }, ...rest],
  };
}

/** Writes the incident on the object, unless another one stands there. */
export function note({ annotations }: Pick<Metadata, 'annotations'>, incidentId: string): JsonPatchOperation[] {
  if (annotations[INCIDENT_ANNOTATION] !== undefined) return [];
  return [addAnnotation(annotations, INCIDENT_ANNOTATION, incidentId)];
}

/** The undo of `note`, as it is planned: nothing, where `note` writes nothing. */
export function plannedUnnote({ annotations }: Pick<Metadata, 'annotations'>): JsonPatchOperation[] {
  return annotations[INCIDENT_ANNOTATION] === undefined ? [UNNOTE] : [];
}

/** The undo of `note`, as the object is now: only what still is as it was written. */
export function unnote({ annotations }: Pick<Metadata, 'annotations'>, incidentId: string): JsonPatchOperation[] {
  return annotations[INCIDENT_ANNOTATION] === incidentId ? [UNNOTE] : [];
}

const UNNOTE = { op: 'remove', path: pointer('metadata', 'annotations', INCIDENT_ANNOTATION) } as const;

/** An object without annotations has no member to add to. */
export function addAnnotation(
  annotations: Readonly<Record<string, string>>,
  key: string,
  value: string,
): JsonPatchOperation {
  return Object.keys(annotations).length === 0
    ? { op: 'add', path: '/metadata/annotations', value: { [key]: value } }
    : { op: 'add', path: pointer('metadata', 'annotations', key), value };
}

/** What is to be sent to undo, or why nothing is. */
export type Undo =
  | { readonly send: readonly PlannedRequest[]; readonly said: string }
  | { readonly send?: undefined; readonly outcome: 'nothing-to-undo' | 'failed'; readonly said: string };

/** Reads what holds now and sends what undoes it; another writer in between is worth one more reading. */
export async function undoing(write: KubernetesWriter, look: () => Promise<Undo>): Promise<RollbackResult> {
  const requests: SentRequest[] = [];
  const record = (sent: SentRequest): void => {
    requests.push(sent);
  };
  for (let round = 1; ; round += 1) {
    try {
      const undo = await look();
      if (undo.send === undefined) return { outcome: undo.outcome, reason: undo.said, requests };
      for (const request of undo.send) await write.send(request, { dryRun: false, record });
      return { outcome: 'rolled-back', reason: undo.said, requests };
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (round === 1 && (error.kind === 'conflict' || error.status === 422)) continue;
      return { outcome: 'failed', reason: error.message, requests };
    }
  }
}

type Check = Verification['checks'][number];

export function check(name: string, ok: boolean, detail: string): Check {
  return { name, ok, detail };
}

/** All checks hold: contained; none: failed; anything between is partial. */
export function verification(
  at: Date,
  checks: readonly Check[],
  result: Verification['result'] = checks.every(({ ok }) => ok)
    ? 'contained'
    : checks.some(({ ok }) => ok)
      ? 'partial'
      : 'failed',
): Verification {
  return { result, enforcement: 'not-applicable', checks: [...checks], verifiedAt: at.toISOString() };
}

/** What was to be stopped or marked is gone with its object. */
export function goneWith(at: Date, what: string): Verification {
  return verification(at, [check('target-gone', true, `${what} no longer exists`)]);
}
