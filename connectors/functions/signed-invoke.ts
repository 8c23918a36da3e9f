import type { AwsCredentials } from '../aws/signature.ts';
import { signedHeaders } from '../aws/signed-headers.ts';
import { type HttpAnswer, type HttpDeps, type HttpLimits, RefusedError, request } from '../http/request.ts';
import { answerOf, InvokeError } from './answer.ts';

export interface InvokeDeps {
  readonly http: HttpDeps;
  readonly credentials: () => Promise<AwsCredentials>;
  readonly region: string;
  /** Of an emulator; absent: Lambda's own. */
  readonly endpoint?: string | undefined;
  readonly now: () => Date;
  readonly limits?: HttpLimits;
}

/**
 * Longer than any function that is called so may run (look-up: 90 s). An answer has 6 MB at most. Three attempts, as the SDK
 * makes, after what may pass: so only what may run twice is called by this.
 */
const LIMITS: HttpLimits = { timeoutMs: 100_000, maxAnswerBytes: 7_000_000, attempts: 3, maxWaitMs: 5_000 };

/**
 * Calls a function and waits for its answer. Signed plain HTTP: the client of the SDK for this one call weighs 96 KB
 * (docs/decisions/0018). Answers are `unknown`: the caller parses.
 * @throws InvokeError, FunctionFailedError
 */
export async function signedInvoke(deps: InvokeDeps, functionName: string, payload: unknown): Promise<unknown> {
  const { text, headers } = await call(deps, functionName, JSON.stringify(payload)).catch((cause: unknown) => {
    throw new InvokeError(`${functionName} could not be called${reasonOf(cause)}`, { cause });
  });
  return answerOf(functionName, text, headers.has('x-amz-function-error'));
}

async function call(deps: InvokeDeps, functionName: string, body: string): Promise<HttpAnswer> {
  const { http, region, limits = LIMITS } = deps;
  const url = `${addressOf(deps)}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
  const [credentials, at] = [await deps.credentials(), deps.now()];
  const headers = signedHeaders({ method: 'POST', url, body, service: 'lambda', region, credentials, at });
  return await request(http, { method: 'POST', url, headers, body }, limits);
}

function addressOf({ endpoint, region }: InvokeDeps): string {
  if (endpoint !== undefined) return endpoint.replace(/\/+$/, '');
  return `https://lambda.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** The code by which Lambda refused, e.g. TooManyRequestsException; what it wrote beside stays in the cause. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof RefusedError)) return '';
  const [code] = /^\w{1,80}/.exec(cause.errorType ?? '') ?? [];
  return ` (${[cause.status, code].filter((part) => part !== undefined).join(' ')})`;
}
