import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { WRITERS } from '../writers.ts';
import type { LaceworkRecord, LaceworkScenario } from './scenario.ts';
import { found, refusalOf, searchSchema } from './search.ts';

export interface LaceworkSandbox extends SandboxSystem {
  /** Ends every token at once, as when an administrator disables and enables a key. */
  expireTokens(): void;
  /** Adds a record to a search, or an alert, for a test that plays the vendor. */
  add(path: string, record: LaceworkRecord): void;
  /** Rows of a page; 5,000 unless told. */
  pageSize(rows: number): void;
}

const SEARCHES = new Set([
  'Alerts',
  'Activities/UserLogins',
  'Activities/Connections',
  'Activities/DNSs',
  'Activities/ChangedFiles',
  'Entities/Machines',
  'Entities/Processes',
  'Entities/Containers',
  'Entities/Images',
  'Vulnerabilities/Containers',
  'Vulnerabilities/Hosts',
  'Configs/ComplianceEvaluations',
]);
const SCOPES = [
  'Details',
  'Investigation',
  'Events',
  'RelatedAlerts',
  'Integrations',
  'Timeline',
  'ObservationTimeline',
];
const CALLS_PER_HOUR = 480;
const commentSchema = z.strictObject({ comment: z.string().min(1) });
/** Reason 0, other, wants a comment. */
const closeSchema = z
  .strictObject({ reason: z.number().int().min(0).max(5), comment: z.string().optional() })
  .refine(({ reason, comment }) => reason !== 0 || Boolean(comment), 'a comment is required');
const tokenRequest = z.strictObject({ keyId: z.string(), expiryTime: z.number().int().min(1).max(86_400).optional() });

/**
 * A Lacework account (reference, section 2): access tokens, alerts with their scopes, searches with paging by absolute links and
 * reports can be read; alerts can be commented and closed, for good, with the key that may. Strict about what the API refuses; 204 when a search finds nothing; counts calls.
 */
export function laceworkSandbox(scenario: LaceworkScenario): LaceworkSandbox {
  const tokens = new Map<string, 'read' | 'write'>();
  const scopes = new Map(Object.entries(scenario.scopes));
  const alerts = [...scenario.alerts];
  const records = new Map(Object.entries(scenario.records).map(([path, rows]) => [path, [...rows]]));
  const pages = new Map<string, readonly LaceworkRecord[]>();
  const counts = new Map<string, number>();
  let rowsPerPage = 5_000;

  function token(call: SandboxCall): SandboxReply {
    if (call.method !== 'POST') return json(405, { message: 'method not allowed' });
    if (!isJson(call)) return json(415, { message: 'unsupported media type' });
    const asked = tokenRequest.safeParse(parsed(call.body));
    if (!asked.success) return json(400, { message: 'keyId is required' });
    const isOf = ({ keyId, secret }: LaceworkScenario['credentials']): boolean =>
      asked.data.keyId === keyId && call.headers['x-lw-uaks'] === secret;
    const may = isOf(scenario.credentials) ? 'read' : isOf(WRITERS.lacework) ? 'write' : undefined;
    if (may === undefined) return json(401, { message: 'Unauthorized' });
    const made = `_sandbox${randomUUID().replaceAll('-', '')}`;
    tokens.set(made, may);
    const expiresAt = new Date(Date.now() + (asked.data.expiryTime ?? 3600) * 1000).toISOString();
    return json(201, { token: made, expiresAt });
  }

  function read(call: SandboxCall): SandboxReply {
    const may = tokens.get(/^Bearer (.+)$/.exec(call.headers['authorization'] ?? '')?.[1] ?? '');
    if (may === undefined) return json(401, { message: 'Unauthorized' });
    const path = call.path.replace(/^\/api\/v2\//, '');
    const functionality = path
      .replace(/^Alerts\/[^/]+(?=$|\/(?:comment|close)$)/, 'Alerts/{id}')
      .replace(/\/[0-9a-f-]{36}$/, '');
    const used = (counts.get(functionality) ?? 0) + 1;
    counts.set(functionality, used);
    const limits = {
      'ratelimit-limit': String(CALLS_PER_HOUR),
      'ratelimit-remaining': String(Math.max(0, CALLS_PER_HOUR - used)),
      'ratelimit-reset': '3600',
    };
    const reply = used > CALLS_PER_HOUR ? json(429, { message: 'Too many requests' }) : answer(call, path, may);
    return { ...reply, headers: { ...reply.headers, ...limits } };
  }

  function answer(call: SandboxCall, path: string, may: 'read' | 'write'): SandboxReply {
    const [, alertId, verb] = /^Alerts\/([^/]+)\/(comment|close)$/.exec(path) ?? [];
    if (alertId === undefined) return looked(call, path);
    return may === 'write' ? change(call, alertId, verb === 'close') : json(403, { message: 'Forbidden' });
  }

  function looked(call: SandboxCall, path: string): SandboxReply {
    const page = pages.get(path);
    if (page !== undefined) return call.method === 'GET' ? pageOf(call, page, path) : json(405, { message: 'use GET' });
    const searched = /^(.+)\/search$/.exec(path)?.[1];
    if (searched !== undefined && SEARCHES.has(searched)) return search(call, searched);
    if (path === 'Reports') return report(call);
    const id = /^Alerts\/([^/]+)$/.exec(path)?.[1];
    if (id !== undefined)
      return call.method === 'GET' ? scope(id, call.query.get('scope')) : json(405, { message: 'use GET' });
    return json(404, { message: `no operation ${call.method} ${path}` });
  }

  function change(call: SandboxCall, id: string, closes: boolean): SandboxReply {
    if (call.method !== 'POST') return json(405, { message: 'use POST' });
    if (!isJson(call)) return json(415, { message: 'unsupported media type' });
    const asked = (closes ? closeSchema : commentSchema).safeParse(parsed(call.body));
    if (!asked.success) return json(400, { message: z.prettifyError(asked.error) });
    const index = alerts.findIndex(({ alertId }) => String(alertId) === decodeURIComponent(id));
    const alert = alerts[index];
    if (alert === undefined) return json(404, { message: 'alert not found' });
    if (closes && alert['status'] === 'Closed') return json(400, { message: 'alert is closed' });
    const entry = entryOf(alert, closes ? 'Closed' : 'Comment', asked.data.comment);
    if (closes) alerts[index] = { ...alert, status: 'Closed' };
    scopes.set(`${id}/Timeline`, [...(scopes.get(`${id}/Timeline`) ?? []), entry]);
    return json(201, { data: entry });
  }

  function search(call: SandboxCall, path: string): SandboxReply {
    if (call.method !== 'POST') return json(405, { message: 'use POST' });
    if (!isJson(call)) return json(415, { message: 'unsupported media type' });
    const asked = searchSchema.safeParse(parsed(call.body));
    if (!asked.success) return json(400, { message: z.prettifyError(asked.error) });
    const refusal = refusalOf(asked.data, path);
    if (refusal !== undefined) return json(400, { message: refusal });
    const rows = found(path === 'Alerts' ? alerts : (records.get(path) ?? []), asked.data);
    return rows.length === 0 ? { status: 204 } : pageOf(call, rows, `${path}/search`);
  }

  /** The link to the rest is absolute and leads below the same base (reference 2.2). */
  function pageOf(call: SandboxCall, rows: readonly LaceworkRecord[], path: string): SandboxReply {
    const shown = rows.slice(0, rowsPerPage);
    const rest = rows.slice(rowsPerPage);
    const base = path.replace(/\/(?:search|[0-9a-f-]{36})$/, '');
    const next = `${base}/${randomUUID()}`;
    if (rest.length > 0) pages.set(next, rest);
    const nextPage = rest.length > 0 ? `http://${call.headers['host']}/lacework/api/v2/${next}` : null;
    return json(200, { paging: { rows: shown.length, totalRows: rows.length, urls: { nextPage } }, data: shown });
  }

  function scope(id: string, name: string | null): SandboxReply {
    if (name === null || !SCOPES.includes(name)) return json(400, { message: 'scope is not valid' });
    const alert = alerts.find(({ alertId }) => String(alertId) === decodeURIComponent(id));
    if (alert === undefined) return json(404, { message: 'alert not found' });
    if (name === 'Details') return json(200, { data: alert });
    const held = scopes.get(`${id}/${name}`);
    return held === undefined ? json(404, { message: `alert has no ${name}` }) : json(200, { data: held });
  }

  function report({ query, method }: SandboxCall): SandboxReply {
    if (method !== 'GET') return json(405, { message: 'use GET' });
    if (!query.get('primaryQueryId') || query.get('format') !== 'json' || !query.get('reportType'))
      return json(400, { message: 'primaryQueryId, format and reportType are required' });
    const rows = scenario.reports.filter(({ accountId }) => accountId === query.get('primaryQueryId'));
    return rows.length === 0 ? { status: 204 } : json(200, { data: rows, ok: true, message: 'SUCCESS' });
  }

  return {
    handle: (call) => (call.path === '/api/v2/access/tokens' ? token(call) : read(call)),
    view: () => ({
      alerts,
      timelines: Object.fromEntries([...scopes].filter(([scope]) => scope.endsWith('/Timeline'))),
      calls: Object.fromEntries(counts),
    }),
    expireTokens: () => tokens.clear(),
    add(path, record) {
      if (path === 'Alerts') alerts.push(record);
      else records.set(path, [...(records.get(path) ?? []), record]);
    },
    pageSize(rows) {
      rowsPerPage = rows;
    },
  };
}

function entryOf({ alertId }: LaceworkRecord, entryType: string, comment = ''): LaceworkRecord {
  return {
    id: randomUUID(),
    alertId,
    entryType,
    entryAuthorType: 'UserUpdate',
    externalTime: new Date().toISOString(),
    message: { format: 'plaintext', value: comment },
  };
}

function isJson(call: SandboxCall): boolean {
  return /^application\/json/.test(call.headers['content-type'] ?? '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
