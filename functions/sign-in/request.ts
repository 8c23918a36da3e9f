import * as z from 'zod';
import { cookiesIn, type Edge, edgeOf } from '../../connectors/sign-in/cookies.ts';
import { APPROVAL_ID } from '../../domain/approval/id.ts';

/** API Gateway HTTP API, payload format 2.0, as far as it is used. */
const eventSchema = z.lazy(() =>
  z.object({
    rawPath: z.string(),
    rawQueryString: z.string().default(''),
    headers: z.record(z.string(), z.string().optional()).default({}),
    cookies: z.array(z.string()).default([]),
    requestContext: z.object({ http: z.object({ method: z.string() }) }),
  }),
);

/** Answers of a provider are short; a longer one is not read. */
const MAX_QUERY = 8_000;

export interface SignInRequest {
  readonly method: string;
  readonly asks:
    | { readonly kind: 'start'; readonly approvalId: string }
    | { readonly kind: 'callback' }
    | { readonly kind: 'nothing' };
  readonly edge: Edge;
  readonly cookies: readonly string[];
  /** One value of a name; undefined where it is not there, empty or there twice. */
  readonly given: (name: string) => string | undefined;
}

/** @throws z.ZodError: not called by an HTTP API. undefined: its host is no host */
export function readRequest(event: unknown): SignInRequest | undefined {
  const parsed = eventSchema.parse(event);
  const host = Object.entries(parsed.headers).find(([name]) => name.toLowerCase() === 'host')?.[1];
  const edge = edgeOf({ host, path: parsed.rawPath });
  if (edge === undefined || parsed.rawQueryString.length > MAX_QUERY) return undefined;
  const query = new URLSearchParams(parsed.rawQueryString);
  return {
    method: parsed.requestContext.http.method.toUpperCase(),
    asks: asked(parsed.rawPath),
    edge,
    cookies: cookiesIn(parsed),
    given(name) {
      const [first, ...others] = query.getAll(name);
      return others.length > 0 ? undefined : first || undefined;
    },
  };
}

function asked(path: string): SignInRequest['asks'] {
  const last = /\/sign-in\/([^/]+)\/?$/.exec(path)?.[1];
  if (last === 'callback') return { kind: 'callback' };
  return last !== undefined && APPROVAL_ID.test(last) ? { kind: 'start', approvalId: last } : { kind: 'nothing' };
}
