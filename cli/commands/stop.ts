import { userInfo } from 'node:os';
import { CONTROL_CHAIN, type ExecutionSwitch } from '../../domain/control/execution-switch.ts';
import type { Connection } from '../context.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printable, printableJson } from '../io.ts';
import { SetupError } from '../setup-error.ts';

interface StopOptions extends PlaceOptions {
  readonly all?: boolean;
  readonly reason?: string;
}

export const stop: Register = (program, host, answer) => {
  withPlace(
    program
      .command('stop')
      .description(
        'Stop every execution at once, also of what was approved and waits. Nothing is changed at any target until `resume`.',
      )
      .option(
        '--all',
        'every execution of the deployment; there is no other kind of stop, and saying so is the confirmation',
      )
      .option('--reason <text>', 'why, for the audit log and for whoever meets it'),
  ).action(async (options: StopOptions) => {
    await answer(
      (async () => {
        if (!options.all) throw new SetupError('Say --all: stop concerns every execution of the deployment.');
        const to = { state: 'stopped', ...(options.reason === undefined ? {} : { reason: options.reason }) } as const;
        const set = await turn(await host.connect(options), host.now(), to);
        tell(host.io.out, options, set, 'Every execution is stopped. `parapet resume` lets them run again.');
        return true;
      })(),
    );
  });
};

export const resume: Register = (program, host, answer) => {
  withPlace(program.command('resume').description('Let executions run again after `stop`.')).action(
    async (options: PlaceOptions) => {
      await answer(
        (async () => {
          const connection = await host.connect(options);
          const before = await connection.control.read();
          if (before === undefined || before.state === 'running') {
            host.io.err('Nothing was stopped.');
            return false;
          }
          const set = await turn(connection, host.now(), { state: 'running' });
          tell(host.io.out, options, set, 'Executions run again. What was refused meanwhile is not made up for.');
          return true;
        })(),
      );
    },
  );
};

/**
 * The switch first and the log after it: what must stop does not wait for a log. `by` is who says so on this machine;
 * CloudTrail has the identity AWS saw.
 */
async function turn(
  { control, controlLog }: Pick<Connection, 'control' | 'controlLog'>,
  now: Date,
  to: Pick<ExecutionSwitch, 'state' | 'reason'>,
): Promise<ExecutionSwitch> {
  const wanted: ExecutionSwitch = { ...to, by: userInfo().username, at: now.toISOString() };
  await control.set(wanted);
  await controlLog.append({
    chain: CONTROL_CHAIN,
    at: wanted.at,
    actor: { type: 'person', id: wanted.by },
    kind: to.state === 'stopped' ? 'execution.stopped' : 'execution.resumed',
    data: to.reason === undefined ? {} : { reason: to.reason },
  });
  return wanted;
}

function tell(out: (line: string) => void, options: PlaceOptions, set: ExecutionSwitch, words: string): void {
  out(options.json ? printableJson(set, 2) : printable(words));
}
