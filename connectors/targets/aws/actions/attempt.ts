import type {
  ApplyResult,
  PlannedRequest,
  Preparation,
  RollbackResult,
  SentRequest,
} from '../../../../domain/actions/action.ts';
import { TargetError } from '../../errors.ts';
import type { AwsWriter } from '../api.ts';

type Outcome = Pick<ApplyResult, 'outcome' | 'reason'>;

/** What was found when the target was read again right before acting. */
export type Standing =
  | {
      readonly kind: 'ready';
      readonly requests: readonly PlannedRequest[];
    }
  | ({ readonly kind: 'settled' } & Outcome);

export function settled(outcome: Outcome['outcome'], reason: string): Standing {
  return { kind: 'settled', outcome, reason };
}

export function no(code: Extract<Preparation, { ok: false }>['code'], reason: string): Preparation {
  return { ok: false, code, reason };
}

/**
 * The way of every attempt: read again, try what can be tried (EC2 alone has dry runs), then send everything. A conflict is
 * worth one more reading; after a second one somebody must plan again.
 */
export async function attempt(write: AwsWriter, standing: () => Promise<Standing>): Promise<ApplyResult> {
  const requests: SentRequest[] = [];
  const record = (sent: SentRequest): void => {
    requests.push(sent);
  };
  for (let round = 1; ; round += 1) {
    const now = await standing();
    if (now.kind === 'settled') return { outcome: now.outcome, reason: now.reason, requests };
    const failure = await sendAll(write, now.requests, record);
    if (failure === undefined) return { outcome: 'applied', reason: 'every request was accepted', requests };
    if (failure.error.kind === 'conflict' && round === 1) continue;
    return { ...outcomeOf(failure), requests };
  }
}

interface Failure {
  readonly error: TargetError;
  readonly dryRun: boolean;
  /** How many requests took effect before. */
  readonly done: number;
}

async function sendAll(
  write: AwsWriter,
  requests: readonly PlannedRequest[],
  record: (sent: SentRequest) => void,
): Promise<Failure | undefined> {
  const trials = requests.filter(({ path }) => path.startsWith('/ec2/'));
  for (const [dryRun, sent] of [[true, trials] as const, [false, requests] as const]) {
    let done = 0;
    for (const request of sent) {
      try {
        await write.send(request, { dryRun, record });
        done += 1;
      } catch (error) {
        if (error instanceof TargetError) return { error, dryRun, done };
        throw error;
      }
    }
  }
  return undefined;
}

function outcomeOf({ error, dryRun, done }: Failure): Outcome {
  const where = dryRun
    ? 'the dry run was answered: '
    : done > 0
      ? `${done} of the requests took effect, the next one was answered: `
      : '';
  switch (error.kind) {
    case 'denied':
      return { outcome: done > 0 ? 'failed' : 'denied', reason: `${where}${error.message}` };
    case 'not-found':
      return {
        outcome: done > 0 ? 'failed' : 'gone',
        reason: `${where}the target no longer exists (${error.message})`,
      };
    case 'conflict':
      return { outcome: 'changed', reason: `${where}the target was changed meanwhile; plan again (${error.message})` };
    case 'invalid':
      return dryRun
        ? { outcome: 'refused', reason: `the dry run was refused and nothing was changed: ${error.message}` }
        : { outcome: 'failed', reason: `${where}${error.message}` };
    case 'unreachable':
    case 'unusable':
      return {
        outcome: 'failed',
        reason: dryRun
          ? `${error.message}; this was the dry run, nothing was changed`
          : `${where}${error.message}; it is not known whether the request took effect`,
      };
  }
}

/** What is still to be undone, in order, and what was found in place of it. */
export interface WayBack {
  readonly requests: readonly PlannedRequest[];
  /** Sentences about what is undone and what is left alone. */
  readonly said: readonly string[];
}

/** Each step only where it is still needed, so that doing it twice equals doing it once. */
export async function undo(write: AwsWriter, look: () => Promise<WayBack>): Promise<RollbackResult> {
  const requests: SentRequest[] = [];
  try {
    const way = await look();
    for (const request of way.requests) {
      await write.send(request, {
        dryRun: false,
        record: (sent) => {
          requests.push(sent);
        },
      });
    }
    return {
      outcome: way.requests.length > 0 ? 'rolled-back' : 'nothing-to-undo',
      reason: way.said.join('; '),
      requests,
    };
  } catch (error) {
    if (error instanceof TargetError) return { outcome: 'failed', reason: error.message, requests };
    throw error;
  }
}
