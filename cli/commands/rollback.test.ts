import { describe, expect, it } from 'vitest';
import { desk, NOW } from '../../test/desk/desk.ts';
import { memoryExecutions } from '../../test/fakes/executions.ts';
import { INCIDENT_ID, storyAction, storyIncident } from '../../test/stories/asked-action.ts';
import { undoApproval } from '../../test/stories/asked-undo.ts';

const NAME = `${INCIDENT_ID}-A1-1`;

async function stage(options: { readonly executed: boolean }) {
  const rollBacks = memoryExecutions();
  const one = await desk({ connection: { rollBacks } });
  one.stores.incidents.seed(storyIncident({ status: 'concluded', outcome: 'contained' }));
  const say = async (kind: 'plan.made' | 'action.started' | 'rollback.concluded', data: Record<string, unknown>) => {
    const actor = { type: 'function', id: 'test' } as const;
    await one.stores.audit.append({ chain: INCIDENT_ID, at: '2025-10-14T09:30:00.000Z', actor, kind, data });
  };
  const { digest } = storyAction();
  await say('plan.made', { planKey: 'plan-v1', actions: [{ actionId: 'A1', digest }] });
  if (options.executed) await say('action.started', { actionId: 'A1', digest });
  const end = (attempt: number, result: string) =>
    say('rollback.concluded', { actionId: 'A1', attempt, result, reason: 'because of it' });
  return { one, rollBacks, end };
}

describe('parapet rollback', () => {
  it('starts one execution that is named after incident, action and attempt, with who asks and why', async () => {
    const { one, rollBacks } = await stage({ executed: true });
    expect(await one.type('rollback', INCIDENT_ID, 'A1', '--no-wait', '--reason', 'a false alarm')).toBe(0);
    expect([...rollBacks.started]).toEqual([
      [
        NAME,
        {
          incidentId: INCIDENT_ID,
          actionId: 'A1',
          attempt: 1,
          requestedBy: expect.any(String),
          reason: 'a false alarm',
        },
      ],
    ]);
    expect(one.err.join('\n')).toContain('Asked for: A1');
  });

  it('asked twice is asked once', async () => {
    const { one, rollBacks } = await stage({ executed: true });
    await one.type('rollback', INCIDENT_ID, 'A1', '--no-wait');
    expect(await one.type('rollback', INCIDENT_ID, 'A1', '--no-wait', '--json')).toBe(0);
    expect(rollBacks.started.size).toBe(1);
    expect(one.json()).toMatchObject({ attempt: 1, state: 'running' });
    expect(one.err.join('\n')).toContain('is under way');
  });

  it('asks anew after an attempt has ended, and past a run that broke off without a word', async () => {
    const { one, rollBacks, end } = await stage({ executed: true });
    await end(1, 'rejected');
    await rollBacks.start(`${INCIDENT_ID}-A1-2`, {});
    rollBacks.end(`${INCIDENT_ID}-A1-2`, 'broken');
    await one.type('rollback', INCIDENT_ID, 'A1', '--no-wait');
    expect([...rollBacks.started.keys()]).toEqual([`${INCIDENT_ID}-A1-2`, `${INCIDENT_ID}-A1-3`]);
  });

  it.each([
    ['undone', 0],
    ['rejected', 1],
    ['expired', 1],
    ['refused', 1],
    ['unverified', 1],
    ['failed', 1],
  ])('waits for the end: %s is exit code %i', async (result, code) => {
    const { one, rollBacks, end } = await stage({ executed: true });
    await rollBacks.start(NAME, {});
    const start = rollBacks.start;
    rollBacks.start = async (name, input) => {
      const started = await start(name, input);
      await end(1, result);
      return started;
    };
    expect(await one.type('rollback', INCIDENT_ID, 'A1', '--json')).toBe(code);
    expect(one.json()).toMatchObject({ incidentId: INCIDENT_ID, actionId: 'A1', attempt: 1, result });
  });

  it('tells whom it waits for, once', async () => {
    const { one, rollBacks } = await stage({ executed: true });
    await one.stores.approvals.create(undoApproval(), 'token');
    let looks = 0;
    rollBacks.stateOf = async () => {
      looks += 1;
      return looks > 3 ? 'broken' : 'running';
    };
    expect(await one.type('rollback', INCIDENT_ID, 'A1')).toBe(2);
    const waiting = one.err.filter((line) => line.startsWith('Waiting for a decision of dana, sam'));
    expect(waiting).toHaveLength(1);
    expect(one.err.at(-1)).toContain('broke off without a result');
  });

  it('ends its waiting when it was told to, and says that the question goes on', async () => {
    const { one, rollBacks } = await stage({ executed: true });
    let at = NOW.getTime();
    rollBacks.stateOf = async () => {
      at += 600;
      return 'running';
    };
    expect(await one.typeAt(() => new Date(at), 'rollback', INCIDENT_ID, 'A1', '--timeout', '1')).toBe(2);
    expect(one.err.at(-1)).toContain('It had not ended after 1 seconds; it goes on');
  });

  it.each([
    ['an action that was never executed', 'A1', false, /A1 was never executed/],
    ['an action there is not', 'A7', true, /A7 was never executed/],
  ])('refuses %s with its reason, and starts nothing', async (_, action, executed, reason) => {
    const { one, rollBacks } = await stage({ executed });
    expect(await one.type('rollback', INCIDENT_ID, action)).toBe(1);
    expect(one.err).toEqual([expect.stringMatching(reason)]);
    expect(rollBacks.started.size).toBe(0);
  });

  it('knows no incident of another name', async () => {
    const { one } = await stage({ executed: true });
    expect(await one.type('rollback', 'inc-nothing', 'A1')).toBe(1);
    expect(one.err).toEqual(['There is no incident inc-nothing.']);
  });

  it.each([[['--reason', ' ']], [['--reason', 'x'.repeat(301)]], [['--timeout', '0']], [['--as', 'ada']]])(
    'is not asked with %j',
    async (options) => {
      const { one, rollBacks } = await stage({ executed: true });
      expect(await one.type('rollback', INCIDENT_ID, 'A1', ...options)).toBe(2);
      expect(rollBacks.started.size).toBe(0);
    },
  );
});
