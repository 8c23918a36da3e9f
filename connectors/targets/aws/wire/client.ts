import type { AccountConfiguration } from '../../../../domain/config/accounts.ts';
import { type AwsCredentials, authorizationOf } from '../../../aws/signature.ts';
import { type HttpDeps, RefusedError, request, UnreachableError, UnusableAnswerError } from '../../../http/request.ts';
import { TargetError } from '../../errors.ts';
import { type Fault, faultOf, isThrottled, targetErrorOf } from './fault.ts';
import { type AwsCall, GLOBAL } from './request.ts';

export interface AwsClientDeps {
  readonly http: HttpDeps;
  readonly now: () => Date;
  readonly limits?: AwsClientLimits;
}

export interface AwsClientLimits {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Attempts in all for what may be repeated. */
  readonly attempts: number;
  readonly maxWaitMs: number;
}

const LIMITS: AwsClientLimits = { timeoutMs: 10_000, maxAnswerBytes: 5_000_000, attempts: 4, maxWaitMs: 5_000 };

export interface SendOptions {
  /** `read`: repeated on any passing fault · `write`: repeated only when throttled, which says it was not processed. */
  readonly use: 'read' | 'write';
  /** Told about each answer, also a refusal. */
  readonly onAnswer?: (status: number) => void;
}

/** An answer of EC2 to a dry run says with an error that the call would have been allowed. */
export interface AwsAnswer {
  readonly text: string;
  readonly dryRunPassed: boolean;
}

/** Signed calls with one set of credentials. */
export interface AwsClient {
  /** @throws TargetError */
  send(call: AwsCall, options: SendOptions): Promise<AwsAnswer>;
}

export function awsClient(
  account: Pick<AccountConfiguration, 'endpoint'>,
  credentials: () => Promise<AwsCredentials>,
  { http, now, limits = LIMITS }: AwsClientDeps,
): AwsClient {
  async function once(call: AwsCall): Promise<Outcome> {
    const url = `${addressOf(call, account.endpoint)}${call.path}${call.query ? `?${call.query}` : ''}`;
    const headers = signed(call, url, await credentials(), now());
    try {
      const answer = await request(
        http,
        {
          method: call.method,
          url,
          headers,
          ...(call.method === 'GET' || call.body === '' ? {} : { body: call.body }),
        },
        { timeoutMs: limits.timeoutMs, maxAnswerBytes: limits.maxAnswerBytes, attempts: 1, maxWaitMs: 0 },
      );
      return { kind: 'answered', status: answer.status, text: answer.text };
    } catch (error) {
      if (error instanceof RefusedError)
        return { kind: 'refused', status: error.status, fault: faultOf(error.excerpt, error.errorType) };
      if (error instanceof UnreachableError)
        return {
          kind: 'lost',
          error: new TargetError('unreachable', `${call.name}: ${error.message}`, { cause: error }),
        };
      if (error instanceof UnusableAnswerError)
        throw new TargetError('unusable', `${call.name}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  return {
    async send(call, { use, onAnswer }) {
      for (let count = 1; ; count += 1) {
        const outcome = await once(call);
        if (outcome.kind !== 'lost') onAnswer?.(outcome.status);
        const answer = answerOf(outcome);
        if (answer !== undefined) return answer;
        if (count >= limits.attempts || !mayRepeat(use, outcome)) throw faultIn(call, outcome);
        // Full jitter over 200 ms, 400 ms, 800 ms …
        await http.sleep(Math.min(limits.maxWaitMs, Math.round(http.random() * 200 * 2 ** (count - 1))));
      }
    },
  };
}

type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'refused'; readonly status: number; readonly fault: Fault | undefined }
  | { readonly kind: 'lost'; readonly error: TargetError };

function answerOf(outcome: Outcome): AwsAnswer | undefined {
  if (outcome.kind === 'answered') return { text: outcome.text, dryRunPassed: false };
  const passed = outcome.kind === 'refused' && outcome.fault?.code === 'DryRunOperation';
  return passed ? { text: '', dryRunPassed: true } : undefined;
}

function faultIn(call: AwsCall, outcome: Outcome): TargetError {
  switch (outcome.kind) {
    case 'lost':
      return outcome.error;
    case 'refused':
      return targetErrorOf(call.name, outcome.status, outcome.fault);
    case 'answered':
      return new TargetError('unusable', `${call.name} answered ${outcome.status}`, { status: outcome.status });
  }
}

/** A write that got no answer may have arrived; only a throttled one surely did not take effect. */
function mayRepeat(use: SendOptions['use'], outcome: Outcome): boolean {
  if (outcome.kind === 'answered') return false;
  if (outcome.kind === 'lost') return use === 'read';
  if (outcome.fault !== undefined && isThrottled(outcome.fault)) return true;
  return outcome.status === 429 || (use === 'read' && outcome.status >= 500);
}

function addressOf({ service, region }: AwsCall, endpoint: string | undefined): string {
  if (endpoint !== undefined) return endpoint.replace(/\/+$/, '');
  return region === GLOBAL ? `https://${service}.amazonaws.com` : `https://${service}.${region}.amazonaws.com`;
}

function signed(call: AwsCall, url: string, credentials: AwsCredentials, at: Date): Record<string, string> {
  const { pathname, host } = new URL(url);
  const sent = {
    ...call.headers,
    'X-Amz-Date': at.toISOString().replace(/[-:]|\.\d{3}/g, ''),
    ...(credentials.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': credentials.sessionToken }),
  };
  const authorization = authorizationOf({
    credentials,
    // IAM has one region to sign for, whatever region one calls from.
    region: call.region === GLOBAL ? 'us-east-1' : call.region,
    service: call.service,
    method: call.method,
    // Signature Version 4 encodes every part of the path a second time (S3 alone does not).
    path: pathname.split('/').map(encodeURIComponent).join('/'),
    query: call.query ?? '',
    // The host is signed and not set: `fetch` writes it itself, from the same address.
    headers: { ...sent, Host: host },
    body: call.body,
  });
  return { ...sent, Authorization: authorization, 'User-Agent': 'parapet' };
}
