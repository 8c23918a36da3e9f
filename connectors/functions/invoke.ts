import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { answerOf, InvokeError } from './answer.ts';

/**
 * Calls a function and waits for its answer, as a person at a command does: with whatever credentials the SDK finds, and for as
 * long as a function may take. A function calls another one by `signed-invoke.ts`. Answers are `unknown`: the caller parses.
 * @throws InvokeError, FunctionFailedError
 */
export async function invoke(
  client: LambdaClient,
  functionName: string,
  payload: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const answer = await client
    .send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(payload)) }), {
      ...(signal === undefined ? {} : { abortSignal: signal }),
    })
    .catch((cause: unknown) => {
      throw new InvokeError(`${functionName} could not be called`, { cause });
    });
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  return answerOf(functionName, text, answer.FunctionError !== undefined);
}
