import * as z from 'zod';
import type { ClusterConfiguration } from '../../../domain/config/schema.ts';
import { retryAfter } from '../../http/request.ts';
import { SecretError, type Secrets } from '../../secrets/secrets.ts';
import { TargetError, type TargetErrorKind } from '../errors.ts';
import type { EksLogin, EksRole } from './eks.ts';
import { statusSchema } from './schema.ts';
import { describe, exchange, type TlsAnswer, type TlsCall } from './transport.ts';

export interface KubernetesLimits {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Attempts in all for what may be repeated. */
  readonly attempts: number;
  /** A longer Retry-After is not waited for. */
  readonly maxWaitMs: number;
  readonly pageSize: number;
  readonly maxPages: number;
}

export const KUBERNETES_LIMITS: KubernetesLimits = {
  timeoutMs: 10_000,
  maxAnswerBytes: 16_000_000,
  attempts: 3,
  maxWaitMs: 5_000,
  pageSize: 250,
  maxPages: 40,
};

/** What calls cost, counted up by the client; `gather-kubernetes` reports it. */
export interface Meter {
  calls: number;
  bytes: number;
}

export interface KubernetesDeps {
  readonly secrets: Secrets;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly limits?: KubernetesLimits;
  readonly meter?: Meter;
  /** Logs in to EKS; needed where a cluster's configuration says so. */
  readonly eksLogin?: EksLogin;
}

/** `{token, caPem}`: a service account's token and the cluster's certificate authority. */
export const clusterSecretSchema = z.object({
  token: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  caPem: z.string().includes('-----BEGIN CERTIFICATE-----'),
});
type Credential = z.infer<typeof clusterSecretSchema>;

/** Of a cluster whose token is made, not kept. */
export const eksSecretSchema = clusterSecretSchema.pick({ caPem: true });

export interface ApiCall {
  readonly method: string;
  /** Path and query below the API server's address. */
  readonly path: string;
  readonly contentType?: string | undefined;
  readonly body?: string | undefined;
  /** `read`: repeated on any passing fault · `repeatable`: repeated on 429 only, which says that it was not processed · `once`. */
  readonly repeat: 'read' | 'repeatable' | 'once';
  /** Told about each answer, also a refusal. */
  readonly onAnswer?: (status: number) => void;
}

/** Authenticated calls to one API server with one secret. */
export interface KubernetesApi {
  /** @returns the body of a 2xx answer as JSON. @throws TargetError */
  call(call: ApiCall): Promise<unknown>;
}

export function kubernetesApi(cluster: ClusterConfiguration, secretName: string, deps: KubernetesDeps): KubernetesApi {
  const limits = deps.limits ?? KUBERNETES_LIMITS;

  /** One attempt; a 401 is worth one more with a freshly read secret, since tokens are rotated under us. */
  async function attempt(call: ApiCall): Promise<TlsAnswer> {
    const first = await send(call, await credential(false));
    return first.status === 401 ? await send(call, await credential(true)) : first;
  }

  async function send(call: ApiCall, { token, caPem }: Credential): Promise<TlsAnswer> {
    const answer = await exchange(
      {
        ...target(cluster, call),
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          'user-agent': 'parapet',
          ...(call.contentType === undefined ? {} : { 'content-type': call.contentType }),
        },
        body: call.body,
        caPem,
      },
      limits,
    );
    if (deps.meter) {
      deps.meter.calls += 1;
      deps.meter.bytes += Buffer.byteLength(answer.text);
    }
    call.onAnswer?.(answer.status);
    return answer;
  }

  async function credential(fresh: boolean): Promise<Credential> {
    try {
      const role = roleFor(cluster, secretName);
      if (role === undefined) return await deps.secrets.get(secretName, clusterSecretSchema, { fresh });
      if (deps.eksLogin === undefined)
        throw new TargetError('unusable', `nobody here can log in to EKS cluster ${role.eks.name}`);
      const { caPem } = await deps.secrets.get(secretName, eksSecretSchema, { fresh });
      return { token: await deps.eksLogin.token(role, { fresh }), caPem };
    } catch (cause) {
      if (cause instanceof SecretError) throw new TargetError('unusable', cause.message, { cause });
      throw cause;
    }
  }

  async function waitBefore(next: number, answer: TlsAnswer | undefined): Promise<boolean> {
    const asked = retryAfter(answer?.retryAfter ?? null);
    if (next > limits.attempts || (asked ?? 0) > limits.maxWaitMs) return false;
    // Full jitter over 200 ms, 400 ms, 800 ms …
    await deps.sleep(asked ?? Math.round(deps.random() * 200 * 2 ** (next - 2)));
    return true;
  }

  return {
    async call(call) {
      for (let count = 1; ; count += 1) {
        const outcome = await attempt(call).catch(passingFault(call));
        const answer = outcome instanceof TargetError ? undefined : outcome;
        if (answer && answer.status >= 200 && answer.status < 300) return parseBody(cluster, call, answer);
        const repeat = answer === undefined || mayRepeat(call, answer.status);
        if (!repeat || !(await waitBefore(count + 1, answer)))
          throw outcome instanceof TargetError ? outcome : refusal(cluster, call, outcome);
      }
    },
  };
}

/** Whoever asks about rights keeps the account of its own. */
function roleFor({ eks, readSecret, writeSecret }: ClusterConfiguration, secretName: string): EksRole | undefined {
  if (eks === undefined) return undefined;
  if (secretName === writeSecret) return { eks, role: eks.writeRole };
  return secretName === readSecret ? { eks, role: eks.readRole } : undefined;
}

/** A read that got no answer may be tried again; a write may not, for it may have arrived. */
function passingFault(call: ApiCall): (error: unknown) => TargetError {
  return (error) => {
    if (call.repeat === 'read' && error instanceof TargetError && error.kind === 'unreachable') return error;
    throw error;
  };
}

function mayRepeat(call: ApiCall, status: number): boolean {
  switch (call.repeat) {
    case 'read':
      return status === 429 || status >= 500;
    case 'repeatable':
      return status === 429;
    case 'once':
      return false;
  }
}

function target(cluster: ClusterConfiguration, call: ApiCall): Pick<TlsCall, 'method' | 'url'> {
  return { method: call.method, url: `${cluster.server.replace(/\/+$/, '')}${call.path}` };
}

function parseBody(cluster: ClusterConfiguration, call: ApiCall, answer: TlsAnswer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch (cause) {
    throw new TargetError('unusable', `${describe(target(cluster, call))} answered with something that is not JSON`, {
      status: answer.status,
      cause,
    });
  }
}

function refusal(cluster: ClusterConfiguration, call: ApiCall, { status, text }: TlsAnswer): TargetError {
  const said = messageOf(text);
  return new TargetError(
    kindOf(status),
    `${describe(target(cluster, call))} answered ${status}${said === undefined ? '' : `: ${said}`}`,
    { status },
  );
}

function kindOf(status: number): TargetErrorKind {
  switch (status) {
    case 401:
    case 403:
      return 'denied';
    case 404:
      return 'not-found';
    case 409:
      return 'conflict';
    case 410: // an expired `continue` token: the list must be started again, by a later attempt of the caller
      return 'unusable';
    default:
      return status === 429 || status >= 500 ? 'unreachable' : 'invalid';
  }
}

/** What the API server says about its refusal, capped: it may quote text of the workload. */
function messageOf(text: string): string | undefined {
  try {
    const status = statusSchema.safeParse(JSON.parse(text));
    return status.success ? status.data.message?.slice(0, 300) : undefined;
  } catch {
    // A proxy's HTML page explains nothing that the status does not.
    return undefined;
  }
}
