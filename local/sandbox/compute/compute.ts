import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { WRITERS } from '../writers.ts';
import { type Filter, listings } from './listings.ts';
import type { ComputeRecord, ComputeScenario } from './scenario.ts';

export interface ComputeSandbox extends SandboxSystem {
  /** Ends every token at once, as a console does when it restarts. */
  expireTokens(): void;
  /** Adds a record, for a test that plays the vendor. */
  add(kind: keyof Omit<ComputeScenario, 'credentials'>, record: ComputeRecord): void;
}

const VERSION = 'v34.04';
/** Default and maximum of the real API (reference/prisma-cloud.md, 4.1). */
const MAX_PAGE = 50;
const ACKNOWLEDGE = /^\/api\/v34\.04\/audits\/incidents\/acknowledge\/([^/]+)$/;
const acknowledgementSchema = z.strictObject({ acknowledged: z.boolean() });
const loginSchema = z.strictObject({ username: z.string(), password: z.string() });

/**
 * A Compute console: log-in, incidents, audits, containers, images, hosts, profiles and the unsupported forensic path can be
 * read; incidents can be acknowledged, and made active again, with the credential that may write. Filters and paging behave as documented: `null` for an empty page, 400 above 50, `Total-Count`.
 */
export function computeSandbox(scenario: ComputeScenario): ComputeSandbox {
  const tokens = new Map<string, 'read' | 'write'>();
  const held = {
    ...scenario,
    incidents: [...scenario.incidents],
    containerAudits: [...scenario.containerAudits],
    hostAudits: [...scenario.hostAudits],
    firewallAudits: [...scenario.firewallAudits],
    hostFirewallAudits: [...scenario.hostFirewallAudits],
    admissionAudits: [...scenario.admissionAudits],
    containers: [...scenario.containers],
    images: [...scenario.images],
    profiles: [...scenario.profiles],
    forensic: [...scenario.forensic],
  };
  const served = listings(held, VERSION);

  function logIn(call: SandboxCall): SandboxReply {
    if (call.method !== 'POST') return json(405, { err: 'method not allowed' });
    if (!/^application\/json/.test(call.headers['content-type'] ?? ''))
      return json(415, { err: 'unsupported media type' });
    const given = loginSchema.safeParse(parseJson(call.body));
    if (!given.success) return json(400, { err: 'username and password are required' });
    const writer = WRITERS['prisma-cloud-compute'];
    const may = isOf(scenario.credentials, given.data) ? 'read' : isOf(writer, given.data) ? 'write' : undefined;
    if (may === undefined) return json(401, { err: 'invalid credentials' });
    const token = `sandbox-${randomUUID()}`;
    tokens.set(token, may);
    return json(200, { token });
  }

  function read(call: SandboxCall): SandboxReply {
    const may = tokens.get(/^Bearer (.+)$/.exec(call.headers['authorization'] ?? '')?.[1] ?? '');
    if (may === undefined) return json(401, { err: 'unauthorized' });
    const incident = ACKNOWLEDGE.exec(call.path)?.[1];
    if (incident !== undefined) return acknowledge(call, decodeURIComponent(incident), may);
    const forensic = /^\/api\/v1\/profiles\/container\/([^/]+)\/forensic$/.exec(call.path)?.[1];
    const filter = forensic === undefined ? served.get(call.path) : forensicOf(decodeURIComponent(forensic));
    if (filter === undefined) return json(404, { err: 'not found' });
    if (call.method !== 'GET') return json(405, { err: 'method not allowed' });
    return forensic === undefined ? page(filter(call.query), call.query) : json(200, filter(call.query));
  }

  /** Answers with nothing, as the real one does. */
  function acknowledge(call: SandboxCall, id: string, may: 'read' | 'write'): SandboxReply {
    if (call.method !== 'PATCH') return json(405, { err: 'method not allowed' });
    if (may !== 'write') return json(403, { err: 'insufficient permissions' });
    if (!/^application\/json/.test(call.headers['content-type'] ?? ''))
      return json(415, { err: 'unsupported media type' });
    const given = acknowledgementSchema.safeParse(parseJson(call.body));
    if (!given.success) return json(400, { err: 'acknowledged must be true or false' });
    const at = held.incidents.findIndex(({ _id }) => _id === id);
    const incident = held.incidents[at];
    if (incident === undefined) return json(404, { err: 'incident not found' });
    held.incidents[at] = { ...incident, acknowledged: given.data.acknowledged };
    return { status: 200 };
  }

  function forensicOf(profileId: string): Filter | undefined {
    if (!held.profiles.some(({ _id }) => _id === profileId)) return undefined;
    const containers = new Set(held.containers.filter((one) => profileOf(one) === profileId).map(({ _id }) => _id));
    return (query) =>
      held.forensic
        .filter(({ containerId }) => containers.has(containerId))
        .slice(0, Number(query.get('limit') ?? 100));
  }

  return {
    handle: (call) => (call.path === `/api/${VERSION}/authenticate` ? logIn(call) : read(call)),
    view: () => ({ incidents: held.incidents, audits: held.containerAudits.length + held.hostAudits.length }),
    expireTokens: () => tokens.clear(),
    add: (kind, record) => {
      held[kind].push(record);
    },
  };
}

function isOf(credential: z.infer<typeof loginSchema>, given: z.infer<typeof loginSchema>): boolean {
  return credential.username === given.username && credential.password === given.password;
}

function profileOf({ info }: ComputeRecord): unknown {
  return typeof info === 'object' && info !== null && 'profileID' in info ? info.profileID : undefined;
}

function page(found: readonly ComputeRecord[], query: URLSearchParams): SandboxReply {
  const offset = Number(query.get('offset') ?? 0);
  const limit = Number(query.get('limit') ?? MAX_PAGE);
  if (!Number.isInteger(offset) || offset < 0 || !Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    return json(400, { err: `limit must be 1 to ${MAX_PAGE}` });
  }
  const items = found.slice(offset, offset + limit);
  return json(200, items.length === 0 ? null : items, { 'total-count': String(found.length) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
