import type { Command } from 'commander';
import type { Connection, Place } from './context.ts';
import type { Io } from './io.ts';

/** What a command is given: where to write, and how to reach the run or stack when it needs one. */
export interface Host {
  readonly io: Io;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** @throws SetupError when nothing can be reached; called only by commands that need it */
  connect(place: Place): Promise<Connection>;
}

/** `true`: done, or the answer is yes. `false`: the answer is no (exit code 1). */
export type Answer = Promise<boolean>;

/** One command of the program: declares itself and hands its answer to `answer`. */
export type Register = (program: Command, host: Host, answer: (outcome: Answer) => Promise<void>) => void;

/** The options of every command that talks to a run or a stack. */
export interface PlaceOptions {
  readonly stack?: string;
  readonly region?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function withPlace(command: Command): Command {
  return command
    .option('--stack <name>', 'a deployed stack (default: the laptop run if there is one, else Parapet)')
    .option('--region <region>', 'AWS region of the stack')
    .option('--config <file>', 'configuration that was deployed', undefined)
    .option('--json', 'machine-readable output');
}
