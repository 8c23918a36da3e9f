import type * as z from 'zod';
import type { Bus } from '../../connectors/bus/bus.ts';
import type { AlertPoller, PollPage } from '../../connectors/cwpp/poller.ts';
import { handOver } from '../../connectors/intake/hand-over.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { PollState, PollStore } from '../../connectors/store/context-ports.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import { nextPeriod, pollInputSchema, type pollOutputSchema, type Resume } from '../../domain/reconcile.ts';
import type { Source } from '../../domain/source.ts';

export interface PollDeps {
  readonly pollerOf: (source: Source) => AlertPoller | undefined | Promise<AlertPoller | undefined>;
  readonly polls: Pick<PollStore, 'get' | 'advance'>;
  readonly bus: Bus;
  readonly blobs: () => Promise<Pick<BlobStore, 'put'>>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  readonly newDeliveryId: () => string;
}

type Output = z.infer<typeof pollOutputSchema>;

/** Asked for at once; vendors cap it lower where they must. */
const PAGE = 100;
/** Of one invocation, whichever comes first; the state machine calls again. */
const MOST_PAGES = 20;
const MOST_MS = 60_000;

/**
 * Asks a vendor for the alerts since the cursor and hands each on as "Alert Received" on channel `poll`; `normalize` knows
 * those the push has brought. The cursor moves when the last page of a period is on the bus and never before: a page
 * that cannot be read or handed on is asked for again.
 * @throws what the vendor, the bus and the stores throw; the state machine repeats, and its failure raises an alarm
 */
export async function poll(deps: PollDeps, event: unknown): Promise<Output> {
  const { source, resume } = pollInputSchema.parse(event);
  const poller = await deps.pollerOf(source);
  if (poller === undefined) return finished(source, 0, 'this source has no alerts to ask for, or is not configured');
  const state = await deps.polls.get(source);
  const period = resume ?? begin(state, deps.now());
  if (period === undefined) return finished(source, 0, 'nothing has settled since the last poll');
  if ((state?.cursor ?? null) !== period.cursor) return finished(source, 0, 'another poll has moved the cursor');
  try {
    return await readPeriod(deps, source, poller, period);
  } catch (error) {
    await noteTrouble(deps, source, state, error);
    throw error;
  }
}

function begin(state: PollState | undefined, now: Date): Resume | undefined {
  const period = nextPeriod(state?.cursor, now);
  return period && { ...period, cursor: state?.cursor ?? null, next: null, alerts: 0 };
}

async function readPeriod(deps: PollDeps, source: Source, poller: AlertPoller, period: Resume): Promise<Output> {
  const started = deps.now().getTime();
  let { alerts } = period;
  let next = period.next ?? undefined;
  for (let pages = 0; ; pages += 1) {
    if (pages >= MOST_PAGES || deps.now().getTime() - started >= MOST_MS) {
      const resume = { ...period, next: next ?? null, alerts };
      return { source, more: true, resume, alerts, reason: 'the pages of one call are read; the rest follows' };
    }
    const page = await poller.poll({ since: new Date(period.since), until: new Date(period.until), limit: PAGE, next });
    await handOn(deps, source, page);
    alerts += page.bodies.length;
    if (page.next === undefined) return await conclude(deps, source, period, alerts);
    if (page.next === next) throw new PagingError(`${source} answered with the page token it was given`);
    next = page.next;
  }
}

/** A vendor that sends us in circles; nothing is lost, because the cursor stays. */
export class PagingError extends Error {
  override readonly name = 'PagingError';
}

async function handOn(deps: PollDeps, source: Source, { bodies }: PollPage): Promise<void> {
  for (const body of bodies) {
    const receivedAt = deps.now().toISOString();
    await handOver(deps, { deliveryId: deps.newDeliveryId(), source, channel: 'poll', receivedAt }, body);
  }
}

async function conclude(deps: PollDeps, source: Source, period: Resume, alerts: number): Promise<Output> {
  const now = deps.now();
  const moved = await deps.polls.advance(
    { source, cursor: period.until, lastPollAt: now.toISOString(), lastAlerts: alerts },
    period.cursor ?? undefined,
  );
  deps.telemetry.info('source polled', { source, since: period.since, until: period.until, alerts });
  deps.telemetry.count('SourcePolled', { source });
  if (!moved) return finished(source, alerts, 'another poll has moved the cursor');
  // Behind by more than one period: the next one is read at once.
  const more = nextPeriod(period.until, now) !== undefined && isBehind(period.until, now);
  return { source, more, resume: null, alerts, reason: more ? 'the next period follows' : 'all is handed on' };
}

const BEHIND_MS = 30 * 60_000;
function isBehind(until: string, now: Date): boolean {
  return now.getTime() - Date.parse(until) > BEHIND_MS;
}

/** For `doctor`: that it was tried, and what was in the way. Without a cursor yet there is nothing to write it beside. */
async function noteTrouble(
  deps: PollDeps,
  source: Source,
  state: PollState | undefined,
  error: unknown,
): Promise<void> {
  const trouble = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown error';
  deps.telemetry.error('source not polled', { source }, error);
  if (state === undefined) return;
  try {
    await deps.polls.advance({ ...state, lastPollAt: deps.now().toISOString(), trouble }, state.cursor);
  } catch (second) {
    deps.telemetry.error('trouble of a poll not noted', { source }, second);
  }
}

function finished(source: Source, alerts: number, reason: string): Output {
  return { source, more: false, resume: null, alerts, reason };
}
