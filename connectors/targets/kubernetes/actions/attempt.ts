import type { ApplyResult, PlannedRequest, SentRequest } from '../../../../domain/actions/action.ts';
import { TargetError } from '../../errors.ts';
import type { KubernetesWriter } from '../api.ts';
import { JSON_PATCH } from '../requests.ts';
import type { RawObject } from '../schema.ts';

type Outcome = Pick<ApplyResult, 'outcome' | 'reason'>;

/** What was found when the target was read again right before acting. */
export type Standing =
  | { readonly kind: 'ready'; readonly requests: readonly PlannedRequest[] }
  | ({ readonly kind: 'settled' } & Outcome);

/** The request that failed, and how: what an action needs for tidying up after itself. */
export interface Failure {
  readonly error: TargetError;
  readonly request: PlannedRequest;
  readonly dryRun: boolean;
  /** Requests that took effect before. */
  readonly done: readonly { readonly request: PlannedRequest; readonly answer: RawObject }[];
}

/**
 * The way of every attempt: read again, dry-run everything, then send everything. A conflict is worth one more reading,
 * since the API server met another writer; after a second one somebody must plan again.
 */
export async function attempt(
  write: KubernetesWriter,
  standing: () => Promise<Standing>,
  afterFailure: (failure: Failure, record: (sent: SentRequest) => void) => Promise<string> = async () => '',
): Promise<ApplyResult> {
  const requests: SentRequest[] = [];
  const record = (sent: SentRequest): void => {
    requests.push(sent);
  };
  for (let round = 1; ; round += 1) {
    const now = await standing();
    if (now.kind === 'settled') return { outcome: now.outcome, reason: now.reason, requests };
    const failure = await sendAll(write, now.requests, record);
    if (failure === undefined)
      return {
        outcome: 'applied',
        reason: 'every request was accepted, first as a dry run and then for good',
        requests,
      };
    const note = await afterFailure(failure, record);
    if (isConflict(failure) && round === 1) continue;
    const { outcome, reason } = outcomeOf(failure);
    return { outcome, reason: `${reason}${note}`, requests };
  }
}

async function sendAll(
  write: KubernetesWriter,
  requests: readonly PlannedRequest[],
  record: (sent: SentRequest) => void,
): Promise<Failure | undefined> {
  for (const dryRun of [true, false]) {
    const done: { request: PlannedRequest; answer: RawObject }[] = [];
    for (const request of requests) {
      try {
        const answer = await write.send(request, { dryRun, record });
        if (!dryRun) done.push({ request, answer });
      } catch (error) {
        if (error instanceof TargetError) return { error, request, dryRun, done };
        throw error;
      }
    }
  }
  return undefined;
}

/** 409, or a failed `test` of a JSON patch, which the API server answers with 422 (kubernetes/kubernetes issue 68202). */
export function isConflict({ error, request }: Pick<Failure, 'error' | 'request'>): boolean {
  return error.kind === 'conflict' || (error.status === 422 && request.contentType === JSON_PATCH);
}

function outcomeOf(failure: Failure): Outcome {
  const { error, dryRun } = failure;
  const where = dryRun ? 'the dry run was answered: ' : '';
  if (isConflict(failure))
    return { outcome: 'changed', reason: `the target was changed meanwhile; plan again (${error.message})` };
  switch (error.kind) {
    case 'denied':
      return { outcome: 'denied', reason: `${where}${error.message}` };
    case 'not-found':
      return { outcome: 'gone', reason: `the target no longer exists (${error.message})` };
    case 'invalid':
      return dryRun ? dryRunRefused(error) : { outcome: 'failed', reason: error.message };
    case 'conflict':
    case 'unreachable':
    case 'unusable':
      return {
        outcome: 'failed',
        reason: dryRun
          ? `${error.message}; this was the dry run, nothing was changed`
          : `${error.message}; it is not known whether the request took effect`,
      };
  }
}

/** A webhook without declared support for dry runs makes the API server answer 400: that says nothing about the real call. */
function dryRunRefused(error: TargetError): Outcome {
  const unsupported = error.status === 400 && /dry.?run/i.test(error.message);
  return {
    outcome: 'refused',
    reason: unsupported
      ? `dry run is not supported here, so nothing was tried and nothing was changed: ${error.message}`
      : `the dry run was refused and nothing was changed: ${error.message}`,
  };
}
