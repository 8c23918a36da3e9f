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
 * What Lambda said of a function that was called. `failed`: its header or field FunctionError.
 * @throws InvokeError, FunctionFailedError
 */
export function answerOf(functionName: string, text: string, failed: boolean): unknown {
  const body = parsed(functionName, text);
  if (failed) throw new FunctionFailedError(functionName, failureSchema.parse(body).errorType);
  return body;
}

function parsed(functionName: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A JSON error quotes the text it failed on, which may hold evidence.
    throw new InvokeError(`${functionName} answered something that is not JSON`);
  }
}
