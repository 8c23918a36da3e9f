import type { Executions } from '../../connectors/workflow/executions.ts';

export interface MemoryExecutions extends Executions {
  /** Every execution by its name, with what it was given. */
  readonly started: Map<string, unknown>;
  /** Ends an execution; until then it runs. */
  end(name: string, state: 'succeeded' | 'broken'): void;
}

/** Executions of a state machine that does nothing: a name is used once, as with Step Functions. */
export function memoryExecutions(): MemoryExecutions {
  const started = new Map<string, unknown>();
  const ended = new Map<string, 'succeeded' | 'broken'>();
  const nameIn = (execution: string): string => execution.split(':').at(-1) ?? '';
  return {
    started,
    end: (name, state) => void ended.set(name, state),
    async start(name, input) {
      const execution = `arn:aws:states:us-east-1:000000000000:execution:roll-back:${name}`;
      if (!started.has(name)) {
        started.set(name, input);
        return { execution, state: 'started' };
      }
      return { execution, state: ended.has(name) ? 'ended' : 'running' };
    },
    stateOf: async (execution) => ended.get(nameIn(execution)) ?? 'running',
  };
}
