import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { TargetError } from '../errors.ts';

export interface TlsCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The cluster's own certificate authority, PEM. Nothing else is trusted, and verification is never off. */
  readonly caPem: string;
}

export interface TlsAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

export interface TlsLimits {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/**
 * One HTTPS exchange. `node:https` and not `fetch`: global fetch cannot be given a private certificate authority.
 * Connections are not kept: a socket that a frozen Lambda lost would make a write fail without anybody knowing whether it
 * took effect. Redirects are never followed, because one would carry the token elsewhere.
 * @throws TargetError `unreachable` or `unusable`
 */
export async function exchange(call: TlsCall, limits: TlsLimits): Promise<TlsAnswer> {
  const where = describe(call);
  if (new URL(call.url).protocol !== 'https:')
    throw new TargetError('unusable', `${where} is not https; a cluster's server must be an https address`);
  const signal = AbortSignal.timeout(limits.timeoutMs);
  try {
    const response = await open(call, signal);
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400) {
      response.destroy();
      throw new TargetError('unusable', `${where} answered with a redirect, which is never followed`, { status });
    }
    return {
      status,
      retryAfter: response.headers['retry-after'],
      text: await readCapped(response, where, limits.maxAnswerBytes),
    };
  } catch (cause) {
    if (cause instanceof TargetError) throw cause;
    throw new TargetError('unreachable', `${where} ${whyNot(cause, signal, limits)}`, { cause });
  }
}

function open(call: TlsCall, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      call.url,
      {
        method: call.method,
        headers: {
          ...call.headers,
          ...(call.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(call.body)) }),
        },
        agent: agentFor(call.caPem),
        signal,
      },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(call.body);
  });
}

// An agent also remembers TLS sessions, which spares every call after the first half of its handshake.
let lastAgent: { readonly caPem: string; readonly agent: Agent } | undefined;

function agentFor(caPem: string): Agent {
  if (lastAgent?.caPem !== caPem)
    lastAgent = {
      caPem,
      agent: new Agent({ ca: caPem, keepAlive: false, minVersion: 'TLSv1.2', rejectUnauthorized: true }),
    };
  return lastAgent.agent;
}

async function readCapped(response: IncomingMessage, where: string, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > maxBytes) {
      response.destroy();
      throw new TargetError('unusable', `${where} answered with more than ${maxBytes} bytes`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const CERTIFICATE_FAULTS = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ALTNAME/;

function whyNot(cause: unknown, signal: AbortSignal, limits: TlsLimits): string {
  if (signal.aborted) return `did not answer within ${limits.timeoutMs} ms`;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return CERTIFICATE_FAULTS.test(code)
    ? `did not prove to be the cluster: its certificate is not of the configured authority (${code}); check caPem in the cluster's secret`
    : `could not be reached${code ? ` (${code})` : ''}`;
}

/** Method, host and path; never the query. */
export function describe(call: Pick<TlsCall, 'method' | 'url'>): string {
  const url = new URL(call.url);
  return `${call.method} ${url.host}${url.pathname}`;
}
