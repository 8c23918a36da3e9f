import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';

/** The function could not be called at all: permission, throttling, network, no such function. */
export class InvokeError extends Error {
  override readonly name = 'InvokeError';
}

/** The function was called and failed; `errorType` is the name of what it threw. Its message may hold data and stays here. */
export class FunctionFailedError extends Error {
  override readonly name = 'FunctionFailedError';
  readonly errorType: string;
  constructor(functionName: string, errorType: string) {
    super(`${functionName} failed (${errorType})`);
    this.errorType = errorType;
  }
}

const failureSchema = z.object({ errorType: z.string().catch('unknown') }).catch({ errorType: 'unknown' });

/**
 * Calls a function and waits for its answer, which may have 6 MB. Answers are `unknown`: the caller parses.
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
  const body = jsonOf(functionName, answer.Payload);
  if (answer.FunctionError !== undefined)
    throw new FunctionFailedError(functionName, failureSchema.parse(body).errorType);
  return body;
}

function jsonOf(functionName: string, payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString('utf8'));
  } catch (cause) {
    throw new InvokeError(`${functionName} answered something that is not JSON`, { cause });
  }
}
