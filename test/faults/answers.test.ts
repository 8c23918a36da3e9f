import { describe, expect, it } from 'vitest';
import { TargetError } from '../../connectors/targets/errors.ts';
import { execute } from '../../functions/execute/execute.ts';
import { INCIDENT_ID } from '../contract/kubernetes-cluster.ts';
import { type Mortal, mortal } from './mortal.ts';
import { type Answer, EXECUTE, ON_TARGETS, open } from './worlds.ts';

const ANSWERS: readonly (readonly [name: string, answer: Answer])[] = [
  ...[401, 403, 404, 409, 422, 429, 500].map((status) => [String(status), { status }] as const),
  ['nothing in time', 'nothing'],
];

/** The request arrives and takes effect, and its answer is lost: `send` alone changes anything. */
function losingAnswers(which: number): Mortal {
  let sent = 0;
  return {
    calls: () => sent,
    wrap: (door) =>
      new Proxy(door, {
        get(target, name, receiver) {
          const member: unknown = Reflect.get(target, name, receiver);
          if (name !== 'send' || typeof member !== 'function') return member;
          return async (...args: readonly unknown[]): Promise<unknown> => {
            const answer: unknown = await Reflect.apply(member, target, args);
            sent += 1;
            if (sent === which) throw new TargetError('unreachable', 'the connection was lost');
            return answer;
          };
        },
      }),
  };
}

describe.each(ON_TARGETS)('%s', (name) => {
  it.each(ANSWERS)(
    'changes nothing and says so where the target answers its changes with %s, and succeeds afterwards',
    async (_, answer) => {
      const calm = await open(name);
      const world = await open(name);
      try {
        const untouched = world.look();
        world.answer(answer);
        const first = await execute(world.process(mortal()), EXECUTE);
        expect(['denied', 'failed', 'gone', 'changed', 'refused']).toContain(first.outcome);
        expect(first.reason).not.toBe('');
        expect(world.look()).toBe(untouched);
        const said = (await world.audit.read(INCIDENT_ID)).map(({ kind, data }) => [kind, data['outcome']]);
        expect(said).toEqual([
          ['action.started', undefined],
          ['action.applied', first.outcome],
        ]);
        world.answer(undefined);
        expect((await execute(world.process(mortal()), EXECUTE)).outcome).toBe('applied');
        await execute(calm.process(mortal()), EXECUTE);
        expect(world.look()).toBe(calm.look());
      } finally {
        await calm.close();
        await world.close();
      }
    },
  );

  it('is told as failed and half done where an answer is lost after the effect, and finished by the next run', async () => {
    const calm = await open(name);
    const counting = losingAnswers(0);
    await execute(calm.process(counting), EXECUTE);
    for (let lost = 1; lost <= counting.calls(); lost += 1) {
      const world = await open(name);
      try {
        const first = await execute(world.process(losingAnswers(lost)), EXECUTE);
        expect(first, `answer ${lost} of ${counting.calls()}`).toMatchObject({ outcome: 'failed' });
        const second = await execute(world.process(mortal()), EXECUTE);
        expect(['applied', 'already-applied']).toContain(second.outcome);
        expect(world.look()).toBe(calm.look());
      } finally {
        await world.close();
      }
    }
    await calm.close();
  });
});
