import {
  InvalidToken,
  SendTaskSuccessCommand,
  type SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { Answered, Workflow } from './workflow.ts';

/** AWS Step Functions. The token is used and forgotten: no error that leaves here carries it. */
export function stepFunctions(client: SFNClient): Workflow {
  return {
    async succeed(taskToken, output) {
      try {
        await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
        return { outcome: 'accepted' };
      } catch (error) {
        const gone = goneReason(error);
        if (gone !== undefined) return { outcome: 'gone', reason: gone } satisfies Answered;
        throw error;
      }
    },
  };
}

function goneReason(error: unknown): string | undefined {
  if (error instanceof TaskTimedOut) return 'the workflow had stopped waiting (timed out, ended, or answered before)';
  if (error instanceof TaskDoesNotExist) return 'the workflow no longer knows this question';
  // The token comes from our own table: one Step Functions cannot read will not become readable.
  if (error instanceof InvalidToken) return 'the workflow does not recognise the stored token';
  return undefined;
}
