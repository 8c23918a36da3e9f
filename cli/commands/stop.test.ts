import { describe, expect, it } from 'vitest';
import { CONTROL_CHAIN } from '../../domain/control/execution-switch.ts';
import { desk, NOW } from '../../test/desk/desk.ts';
import { memoryExecutionSwitch } from '../../test/fakes/execution-switch.ts';

async function deskWithSwitch() {
  const control = memoryExecutionSwitch();
  return { control, one: await desk({ connection: { control } }) };
}

describe('stop and resume', () => {
  it('throws the switch with a reason, and the audit log says who and why', async () => {
    const { control, one } = await deskWithSwitch();
    expect(await one.type('stop', '--all', '--reason', 'a change freeze')).toBe(0);
    expect(await control.read()).toMatchObject({ state: 'stopped', reason: 'a change freeze', at: NOW.toISOString() });
    expect(await one.type('resume', '--json')).toBe(0);
    expect(await control.read()).toMatchObject({ state: 'running' });
    expect((await one.stores.audit.read(CONTROL_CHAIN)).map(({ kind, data }) => [kind, data])).toEqual([
      ['execution.stopped', { reason: 'a change freeze' }],
      ['execution.resumed', {}],
    ]);
  });

  it('stops before it writes the log - a log that is down must not keep a deployment running', async () => {
    const { control, one } = await deskWithSwitch();
    one.stores.audit.failNext('append', new Error('throttled'));
    expect(await one.type('stop', '--all')).toBe(2);
    expect(await control.read()).toMatchObject({ state: 'stopped' });
  });

  it('wants to be told that everything is meant, and says no when nothing was stopped', async () => {
    const { control, one } = await deskWithSwitch();
    expect(await one.type('stop')).toBe(2);
    expect(await control.read()).toBeUndefined();
    expect(await one.type('resume')).toBe(1);
  });
});
