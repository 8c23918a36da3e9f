import type {
  ApplyResult,
  PlannedRequest,
  Preparation,
  RollbackResult,
  SentRequest,
} from '../../../domain/actions/action.ts';
import { TargetError } from '../errors.ts';
import type { VendorWriter } from './api.ts';

type Outcome = Pick<ApplyResult, 'outcome' | 'reason'>;

/** What was found when the record was read again right before acting. */
export type Standing =
  | { readonly kind: 'ready'; readonly requests: readonly PlannedRequest[] }
  | ({ readonly kind: 'settled' } & Outcome);

export function settled(outcome: Outcome['outcome'], reason: string): Standing {
  return { kind: 'settled', outcome, reason };
}

export function no(code: Extract<Preparation, { ok: false }>['code'], reason: string): Preparation {
  return { ok: false, code, reason };
}

/**
 * Read again, then send. No vendor has a dry run. A conflict is worth one more reading; where an answer got lost, the record
 * itself says whether the request took effect.
 */
export async function attempt(write: VendorWriter, standing: () => Promise<Standing>): Promise<ApplyResult> {
  const requests: SentRequest[] = [];
  for (let round = 1; ; round += 1) {
    const now = await standing();
    if (now.kind === 'settled') return { outcome: now.outcome, reason: now.reason, requests };
    const failure = await sendAll(write, now.requests, requests);
    if (failure === undefined) return { outcome: 'applied', reason: 'every request was accepted', requests };
    if (failure.error.kind === 'conflict' && round === 1) continue;
    if (isUncertain(failure.error) && (await isDone(standing)))
      return { outcome: 'applied', reason: 'the answer was lost, and the record shows the effect', requests };
    return { ...outcomeOf(failure), requests };
  }
}

interface Failure {
  readonly error: TargetError;
  /** How many requests took effect before. */
  readonly done: number;
}

async function sendAll(
  write: VendorWriter,
  requests: readonly PlannedRequest[],
  sent: SentRequest[],
): Promise<Failure | undefined> {
  let done = 0;
  for (const request of requests) {
    try {
      await write.send(request, (one) => {
        sent.push(one);
      });
      done += 1;
    } catch (error) {
      if (error instanceof TargetError) return { error, done };
      throw error;
    }
  }
  return undefined;
}

/** Nobody knows whether the request took effect; one that was refused for its rate did not. */
function isUncertain({ kind, status }: TargetError): boolean {
  return (kind === 'unreachable' && status !== 429) || kind === 'unusable';
}

async function isDone(standing: () => Promise<Standing>): Promise<boolean> {
  try {
    const after = await standing();
    return after.kind === 'settled' && after.outcome === 'already-applied';
  } catch (error) {
    if (error instanceof TargetError) return false;
    throw error;
  }
}

function outcomeOf({ error, done }: Failure): Outcome {
  const where = done > 0 ? `${done} of the requests took effect, the next one was answered: ` : '';
  switch (error.kind) {
    case 'denied':
      return { outcome: done > 0 ? 'failed' : 'denied', reason: `${where}${error.message}` };
    case 'not-found':
      return { outcome: done > 0 ? 'failed' : 'gone', reason: `${where}${error.message}` };
    case 'conflict':
      return { outcome: 'changed', reason: `${where}the record was changed meanwhile; plan again (${error.message})` };
    case 'invalid':
      return { outcome: 'failed', reason: `${where}${error.message}` };
    case 'unreachable':
    case 'unusable':
      return {
        outcome: 'failed',
        reason: isUncertain(error)
          ? `${where}${error.message}; it is not known whether the request took effect`
          : `${where}${error.message}; the request was not processed`,
      };
  }
}

/** What is still to be undone, and what was found in place of it. */
export interface WayBack {
  readonly requests: readonly PlannedRequest[];
  readonly said: string;
}

/** Only where it is still needed, so that doing it twice equals doing it once. */
export async function undo(write: VendorWriter, look: () => Promise<WayBack>): Promise<RollbackResult> {
  const requests: SentRequest[] = [];
  try {
    const way = await look();
    const failure = await sendAll(write, way.requests, requests);
    if (failure === undefined)
      return {
        outcome: way.requests.length > 0 ? 'rolled-back' : 'nothing-to-undo',
        reason: way.said,
        requests,
      };
    if (isUncertain(failure.error) && (await look()).requests.length === 0)
      return { outcome: 'rolled-back', reason: 'the answer was lost, and the record is as it was', requests };
    return { outcome: 'failed', reason: failure.error.message, requests };
  } catch (error) {
    if (error instanceof TargetError) return { outcome: 'failed', reason: error.message, requests };
    throw error;
  }
}
