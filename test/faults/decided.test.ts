import { beforeEach, describe, expect, it } from 'vitest';
import { writingTargets } from '../../connectors/targets/writing.ts';
import type { Workflow } from '../../connectors/workflow/workflow.ts';
import { type Decision, decisionSchema } from '../../domain/approval/approval.ts';
import { verifyChain } from '../../domain/audit/entry.ts';
import { decide } from '../../functions/decide/decide.ts';
import { deliverDecisions } from '../../functions/deliver-decision/deliver-decision.ts';
import { execute } from '../../functions/execute/execute.ts';
import { idleWriter, scriptedCatalogue } from '../fakes/actions.ts';
import { memoryExecutionSwitch } from '../fakes/execution-switch.ts';
import { memoryPlaybookSlots } from '../fakes/playbook-slots.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import {
  ASKED_AT,
  approverConfiguration,
  INCIDENT_ID,
  linkFor,
  PLAN_KEY,
  type StoryStores,
  storyApproval,
  storyStores,
} from '../stories/asked-action.ts';
import { formOf, peopleEvent, postEvent } from '../stories/people-event.ts';
import { Killed, type Mortal, mortal } from './mortal.ts';

const ID = storyApproval().approvalId;
const TOKEN = 'an-invented-task-token';
const now = (): Date => new Date(ASKED_AT.getTime() + 120_000);
const config = approverConfiguration();

let stores: StoryStores;
/** What the workflow did with its token: used up with the first answer, after which the execution goes on by itself. */
let results: Decision[];
let effects: string[];
let bodies: Readonly<Record<string, string>>;

beforeEach(async () => {
  stores = await storyStores({ asked: true });
  results = [];
  effects = [];
  bodies = {};
  for (const person of ['dana', 'sam']) {
    const page = await decide(decideDeps(mortal()), peopleEvent('GET', { t: await linkFor(stores, person) }));
    for (const decision of ['approved', 'rejected'] as const)
      bodies = { ...bodies, [`${person} ${decision}`]: formOf(page.body, decision) };
  }
});

function decideDeps(life: Mortal) {
  const { incidents, approvals, audit, blobs, links, sessions, rights } = stores;
  const doors = { incidents, approvals, audit, blobs, links, rights };
  const wrapped = {
    incidents: life.wrap(doors.incidents),
    approvals: life.wrap(doors.approvals),
    audit: life.wrap(doors.audit),
    blobs: life.wrap(doors.blobs),
    links: life.wrap(doors.links),
    sessions: life.wrap(sessions),
    rights: life.wrap(doors.rights),
  };
  return { ...wrapped, config, telemetry: recordingTelemetry(), now };
}

function deliverDeps(life: Mortal) {
  const workflow: Workflow = {
    async succeed(token, output) {
      if (token !== TOKEN || results.length > 0) return { outcome: 'gone', reason: 'the token was used' };
      const decision = decisionSchema.parse(output);
      results.push(decision);
      if (decision.decision === 'approved') await runExecution();
      return { outcome: 'accepted' };
    },
  };
  return {
    approvals: life.wrap(stores.approvals),
    deliveries: life.wrap(stores.approvals),
    incidents: life.wrap(stores.incidents),
    audit: life.wrap(stores.audit),
    workflow: life.wrap(workflow),
    telemetry: recordingTelemetry(),
    now,
  };
}

/** The execution that waited goes on. */
async function runExecution(): Promise<void> {
  const { catalogue, calls } = scriptedCatalogue({ apply: { outcome: 'applied', reason: 'cut off', requests: [] } });
  const targets = writingTargets(catalogue, {
    kubernetes: () => idleWriter,
    aws: () => undefined,
    vendor: () => undefined,
  });
  const deps = { ...stores, config, targets, control: memoryExecutionSwitch(), slots: memoryPlaybookSlots(), now };
  await execute(deps, { incidentId: INCIDENT_ID, actionId: 'A1', planKey: PLAN_KEY, approvalId: ID });
  effects.push(...calls);
}

const record = (sequence: number) => ({
  eventID: `event-${sequence}`,
  eventName: 'MODIFY',
  eventSource: 'aws:dynamodb',
  dynamodb: { Keys: { id: { S: `APPROVAL#${ID}` } }, SequenceNumber: String(sequence) },
});
const deliver = (life: Mortal, sequence = 1) => deliverDecisions(deliverDeps(life), { Records: [record(sequence)] });
const post = async (life: Mortal, which: string, person = which.split(' ')[0] ?? '') =>
  await decide(decideDeps(life), postEvent(bodies[which] ?? '', { t: await linkFor(stores, person) }));

async function kinds(): Promise<string[]> {
  const chain = await stores.audit.read(INCIDENT_ID);
  expect(verifyChain(INCIDENT_ID, chain)).toMatchObject({ ok: true });
  return chain.map(({ kind }) => kind);
}
const times = (list: readonly string[], kind: string): number => list.filter((one) => one === kind).length;

/** How many calls an undisturbed run makes. */
async function callsOf(verb: (life: Mortal) => Promise<unknown>): Promise<number> {
  const life = mortal();
  await verb(life);
  return life.calls();
}

describe('a decision', () => {
  const calls = 12;

  it.each(Array.from({ length: calls }, (_, index) => index + 1))(
    'is made once, when its process is killed before call %i and the person posts again',
    async (call) => {
      const life = mortal(call);
      await post(life, 'dana approved').catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
      await post(mortal(), 'dana approved');
      expect(await stores.approvals.get(ID)).toMatchObject({ status: 'APPROVED', decidedBy: 'dana' });
      expect(times(await kinds(), 'approval.decided')).toBe(1);
    },
  );

  it('makes no more calls than those at which it was killed', async () => {
    expect(await callsOf((life) => post(life, 'dana approved'))).toBeLessThan(calls);
  });
});

describe('the delivery of a decision', () => {
  const calls = 12;

  it.each(Array.from({ length: calls }, (_, index) => index + 1))(
    'happens once, with one effect, when its process is killed before call %i and the stream delivers again',
    async (call) => {
      await post(mortal(), 'sam approved');
      // A killed process reports nothing; here its last words are the failed record, which comes again all the same.
      await deliver(mortal(call));
      await deliver(mortal());
      await deliver(mortal());
      expect(results.map(({ decision, decidedBy }) => [decision, decidedBy])).toEqual([['approved', 'sam']]);
      expect(effects).toEqual(['apply']);
      expect(await stores.approvals.get(ID)).toMatchObject({ delivery: 'delivered' });
      const said = await kinds();
      expect([times(said, 'decision.delivered'), times(said, 'decision.late')]).toEqual([1, 0]);
    },
  );

  it('makes no more calls than those at which it was killed', async () => {
    await post(mortal(), 'sam approved');
    expect(await callsOf((life) => deliver(life))).toBeLessThan(calls);
  });
});

describe('a thousand people who decide at once', () => {
  it('make one decision, one delivery and at most one effect, whichever of them was first', {
    timeout: 120_000,
  }, async () => {
    const which = ['dana approved', 'sam rejected', 'sam approved', 'dana rejected'];
    const replies = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => post(mortal(), which[index % which.length] ?? '')),
    );
    expect(replies.filter(({ statusCode }) => statusCode >= 500)).toEqual([]);
    const decided = await stores.approvals.get(ID);
    for (let sequence = 1; sequence <= 20; sequence += 1) await deliver(mortal(), sequence);
    const said = await kinds();
    expect([times(said, 'approval.decided'), times(said, 'decision.delivered'), times(said, 'decision.late')]).toEqual([
      1, 1, 0,
    ]);
    expect(results).toHaveLength(1);
    expect(results[0]?.decidedBy).toBe(decided?.decidedBy);
    expect(effects).toEqual(decided?.status === 'APPROVED' ? ['apply'] : []);
  });
});
