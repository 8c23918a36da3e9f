import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';

/** `ended`: an execution of this name is over; a name is used once. */
export interface Started {
  readonly execution: string;
  readonly state: 'started' | 'running' | 'ended';
}

/** Executions of one state machine, by names of ours: the same name twice is the same execution. */
export interface Executions {
  start(name: string, input: unknown): Promise<Started>;
  /** `broken`: it ended other than by succeeding. */
  stateOf(execution: string): Promise<'running' | 'succeeded' | 'broken'>;
}

/** Permissions: states:StartExecution on the state machine, states:DescribeExecution on its executions. */
export function executions(client: SFNClient, stateMachineArn: string): Executions {
  const stateOf: Executions['stateOf'] = async (executionArn) => {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return 'running';
    return status === 'SUCCEEDED' ? 'succeeded' : 'broken';
  };
  return {
    stateOf,
    async start(name, input) {
      try {
        const { executionArn } = await client.send(
          new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
        );
        if (executionArn === undefined) throw new Error(`the execution ${name} was started without a name of its own`);
        return { execution: executionArn, state: 'started' };
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
        const execution = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
        return { execution, state: (await stateOf(execution)) === 'running' ? 'running' : 'ended' };
      }
    },
  };
}
