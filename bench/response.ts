import { setTimeout as sleep } from 'node:timers/promises';
import { decide } from '../functions/decide/decide.ts';
import { execute } from '../functions/execute/execute.ts';
import { verify } from '../functions/verify/verify.ts';
import { recordingTelemetry } from '../test/fakes/telemetry.ts';
import { mortal } from '../test/faults/mortal.ts';
import { EXECUTE, INPUT, open } from '../test/faults/worlds.ts';
import { ASKED_AT, approverConfiguration, linkFor, storyApproval, storyStores } from '../test/stories/asked-action.ts';
import { formOf, peopleEvent, postEvent } from '../test/stories/people-event.ts';
import { type Figure, percentile } from './statistics.ts';

const RUNS = 50;
/** Slower than DynamoDB and S3 answer, and than the emulator does. */
const STORE_ANSWERS_AFTER_MS = 20;
const CLUSTER_ANSWERS_AFTER_MS = 100;

/**
 * What people wait for: the approval page and the decision, each store call 20 ms late, and a quarantine from its execution
 * until it is verified, on an API server over TLS that answers 100 ms late. Time of Lambda and network are not in it.
 */
export async function benchResponse(): Promise<readonly Figure[]> {
  return [...(await benchDecide()), await benchQuarantine()];
}

async function benchDecide(): Promise<readonly Figure[]> {
  const seen = { page: [] as number[], decision: [] as number[] };
  let most = { page: 0, reads: 0, transactions: 0 };
  for (let run = 0; run < RUNS; run += 1) {
    const stores = await storyStores({ asked: true });
    const calls = { reads: 0, transactions: 0 };
    const late = <T extends object>(door: T): T =>
      new Proxy(door, {
        get(target, name, receiver) {
          const member: unknown = Reflect.get(target, name, receiver);
          if (typeof member !== 'function') return member;
          return async (...args: readonly unknown[]): Promise<unknown> => {
            calls[name === 'decide' ? 'transactions' : 'reads'] += 1;
            await sleep(STORE_ANSWERS_AFTER_MS);
            return Reflect.apply(member, target, args);
          };
        },
      });
    const deps = {
      incidents: late(stores.incidents),
      approvals: late(stores.approvals),
      audit: late(stores.audit),
      blobs: late(stores.blobs),
      links: stores.links,
      sessions: stores.sessions,
      rights: stores.rights,
      config: approverConfiguration(),
      telemetry: recordingTelemetry(),
      now: () => new Date(ASKED_AT.getTime() + 60_000),
    };
    const t = await linkFor(stores, 'dana');
    const page = await timed(seen.page, () => decide(deps, peopleEvent('GET', { t })));
    const forPage = calls.reads;
    calls.reads = 0;
    await timed(seen.decision, () => decide(deps, postEvent(formOf(page.body, 'approved'), { t })));
    if ((await stores.approvals.get(storyApproval().approvalId))?.status !== 'APPROVED')
      throw new Error('the decision was not made');
    most = {
      page: Math.max(most.page, forPage),
      reads: Math.max(most.reads, calls.reads),
      transactions: Math.max(most.transactions, calls.transactions),
    };
  }
  return [
    { what: 'approval page, p95', measured: percentile(seen.page, 0.95), unit: 'ms', mustBe: { atMost: 300 } },
    { what: 'approval page, reads', measured: most.page, unit: '', mustBe: { atMost: 4 } },
    { what: 'decision, p95', measured: percentile(seen.decision, 0.95), unit: 'ms', mustBe: { atMost: 300 } },
    { what: 'decision, reads', measured: most.reads, unit: '', mustBe: { atMost: 4 } },
    { what: 'decision, transactions', measured: most.transactions, unit: '', mustBe: { atMost: 1 } },
  ];
}

async function timed<T>(into: number[], work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const done = await work();
  into.push(performance.now() - begun);
  return done;
}

async function benchQuarantine(): Promise<Figure> {
  const world = await open('kubernetes.quarantine-pod', { answersAfterMs: CLUSTER_ANSWERS_AFTER_MS });
  try {
    const process = { ...world.process(mortal()), now: () => new Date(), sleep: (ms: number) => sleep(ms) };
    const begun = performance.now();
    const { outcome, reason } = await execute(process, EXECUTE);
    const { result } = await verify(process, INPUT);
    const seconds = (performance.now() - begun) / 1000;
    if (outcome !== 'applied' || result !== 'contained')
      throw new Error(`the quarantine is ${outcome} and ${result}: ${reason}`);
    return { what: 'pod quarantine, execute to verified', measured: seconds, unit: 's', mustBe: { atMost: 5 } };
  } finally {
    await world.close();
  }
}
