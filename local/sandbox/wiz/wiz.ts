import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { WRITERS } from '../writers.ts';
import { parseDocument } from './document.ts';
import { mutate, type WizState } from './mutate.ts';
import { resolve } from './resolve.ts';
import type { WizScenario } from './scenario.ts';
import { type Tenant, validationError } from './validate.ts';

export interface WizSandbox extends SandboxSystem {
  /** Ends every token at once; `afterCalls`: as soon as so many more queries were answered. */
  expireTokens(afterCalls?: number): void;
}

const AUDIENCE = 'wiz-api';
const requestSchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).default({}) });

/**
 * A Wiz tenant: OAuth client credentials and the GraphQL endpoint, with every document checked against the schema of its age.
 * Issues can be changed with the service account that may. Errors of GraphQL come with status 200, as the real ones do.
 */
export function wizSandbox(scenario: WizScenario, tenant: Tenant = 'newest'): WizSandbox {
  const tokens = new Map<string, 'read' | 'write'>();
  const state: WizState = { issues: [...scenario.issues], forensicCopies: [] };
  const held = { ...scenario, issues: state.issues };
  let expireIn: number | undefined;
  let queries = 0;

  function token(call: SandboxCall): SandboxReply {
    if (call.method !== 'POST') return json(405, { error: 'method_not_allowed' });
    if (!/^application\/x-www-form-urlencoded\b/.test(call.headers['content-type'] ?? '')) {
      return json(415, { error: 'unsupported_media_type' });
    }
    const form = new URLSearchParams(call.body);
    if (form.get('grant_type') !== 'client_credentials') return json(400, { error: 'unsupported_grant_type' });
    if (!form.get('audience'))
      return json(400, { error: 'invalid_request', error_description: 'audience is required' });
    if (form.get('audience') !== AUDIENCE) return json(403, { error: 'access_denied' });
    const isOf = ({ clientId, clientSecret }: WizScenario['credentials']): boolean =>
      form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
    const may = isOf(scenario.credentials) ? 'read' : isOf(WRITERS.wiz) ? 'write' : undefined;
    if (may === undefined) return json(401, { error: 'access_denied', error_description: 'Unauthorized' });
    const access = `sandbox-${randomUUID()}`;
    tokens.set(access, may);
    return json(200, { access_token: access, token_type: 'Bearer', expires_in: 86_400, refresh_token: null });
  }

  function query(call: SandboxCall): SandboxReply {
    if (call.method !== 'POST') return json(405, { message: 'method not allowed' });
    if (!/^application\/json\b/.test(call.headers['content-type'] ?? ''))
      return json(415, { message: 'unsupported media type' });
    const may = tokens.get(/^Bearer (.+)$/.exec(call.headers['authorization'] ?? '')?.[1] ?? '');
    if (may === undefined) {
      return json(401, refusal('access token is missing, invalid or expired', 'UNAUTHENTICATED'));
    }
    queries += 1;
    const reply = answer(call.body, may);
    if (expireIn !== undefined) {
      expireIn -= 1;
      if (expireIn <= 0) {
        tokens.clear();
        expireIn = undefined;
      }
    }
    return reply;
  }

  function answer(body: string, may: 'read' | 'write'): SandboxReply {
    const request = requestSchema.safeParse(parseJson(body));
    if (!request.success) return json(400, refusal('query must be a string', 'BAD_USER_INPUT'));
    try {
      const document = parseDocument(request.data.query);
      if (document.kind !== 'query' && may !== 'write')
        return json(200, refusal('the service account may only read', 'UNAUTHORIZED'));
      const problem = validationError(document, tenant);
      if (problem !== undefined) return json(200, refusal(problem, 'BAD_USER_INPUT'));
      const { variables } = request.data;
      const resolved =
        document.kind === 'mutation' ? mutate(document, variables, state, tenant) : resolve(document, variables, held);
      if (!('message' in resolved)) return json(200, resolved);
      return json(200, { ...refusal(resolved.message, resolved.code), data: resolved.data ?? null });
    } catch (error) {
      return json(200, refusal(error instanceof Error ? error.message : 'syntax error', 'BAD_USER_INPUT'));
    }
  }

  return {
    handle(call) {
      if (call.path === '/oauth/token') return token(call);
      return call.path === '/graphql' ? query(call) : json(404, { message: 'not found' });
    },
    view: () => ({
      issues: state.issues,
      detections: scenario.detections.length,
      forensicCopies: state.forensicCopies,
      queries,
    }),
    expireTokens(afterCalls) {
      if (afterCalls === undefined) tokens.clear();
      else expireIn = afterCalls;
    },
  };
}

function refusal(message: string, code: string) {
  return { data: null, errors: [{ message, extensions: { code } }] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
