import { Command, CommanderError } from 'commander';
import { actions } from './commands/actions.ts';
import { approvals } from './commands/approvals.ts';
import { ask } from './commands/ask.ts';
import { audit } from './commands/audit.ts';
import { cost } from './commands/cost.ts';
import { doctor } from './commands/doctor.ts';
import { incident } from './commands/incident.ts';
import { incidents } from './commands/incidents.ts';
import { normalize } from './commands/normalize.ts';
import { phase } from './commands/phase.ts';
import { quarantine } from './commands/quarantine.ts';
import { replay } from './commands/replay.ts';
import { rollback } from './commands/rollback.ts';
import { send } from './commands/send.ts';
import { resume, stop } from './commands/stop.ts';
import { connect } from './context.ts';
import { explain } from './explain.ts';
import type { Answer, Host, Register } from './host.ts';
import { printable, processIo } from './io.ts';

const COMMANDS: readonly Register[] = [
  send,
  normalize,
  incidents,
  incident,
  ask,
  approvals,
  actions,
  quarantine,
  audit,
  cost,
  replay,
  phase,
  rollback,
  stop,
  resume,
  doctor,
];

export const realHost: Host = {
  io: processIo,
  now: () => new Date(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  connect,
};

/** Runs one command line. @returns the exit code: 0 yes, 1 the answer is no, 2 usage or set-up fault */
export async function main(argv: readonly string[], host: Host = realHost): Promise<0 | 1 | 2> {
  let outcome = true;
  const answer = async (pending: Answer): Promise<void> => {
    outcome = await pending;
  };
  try {
    await program(host, answer).parseAsync([...argv], { from: 'user' });
    return outcome ? 0 : 1;
  } catch (error) {
    // Commander has written its message already; help and version are no faults.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    host.io.err(printable(explain(error)));
    if (process.env['PARAPET_DEBUG'] && error instanceof Error) host.io.err(error.stack ?? error.message);
    return 2;
  }
}

function program(host: Host, answer: (pending: Answer) => Promise<void>): Command {
  const root = new Command('parapet')
    .description('Alerts of cloud workload protection platforms, as investigated incidents and approved responses.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.io.out(text.trimEnd()),
      writeErr: (text) => host.io.err(text.trimEnd()),
    })
    .showHelpAfterError('(add --help for the usage)')
    .addHelpText('after', '\nExit code: 0 yes, 1 the answer is no, 2 usage or set-up fault.');
  for (const register of COMMANDS) register(root, host, answer);
  return root;
}
