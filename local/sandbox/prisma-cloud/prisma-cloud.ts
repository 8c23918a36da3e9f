import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { WRITERS } from '../writers.ts';
import {
  alertSearchSchema,
  assetRequestSchema,
  dismissSchema,
  loginSchema,
  permissionSearchSchema,
  reopenSchema,
} from './requests.ts';
import type { PrismaCloudRecord, PrismaCloudScenario } from './scenario.ts';

export interface PrismaCloudSandbox extends SandboxSystem {
  /** Ends every token at once, as ten minutes do. */
  expireTokens(): void;
  /** Adds an alert, for a test that plays the vendor. */
  addAlert(alert: PrismaCloudRecord): void;
}

/** What an answer of the asset API holds, by the type that was asked for; the inventory itself is always there. */
const ASSET_LISTS = ['network', 'timeline', 'vulnerabilities'] as const;

/**
 * A Prisma Cloud tenant: log-in, alerts, assets, permissions and posture can be read; alerts can be dismissed, snoozed and
 * reopened with the access key that may write. It refuses what the real one
 * refuses: no token, another content type than JSON, fields it does not know, a page token it did not give.
 */
export function prismaCloudSandbox(scenario: PrismaCloudScenario): PrismaCloudSandbox {
  const tokens = new Map<string, 'read' | 'write'>();
  const pageTokens = new Map<string, number>();
  const alerts = [...scenario.alerts];
  const { credentials, assets, permissions, posture } = scenario;

  function logIn(call: SandboxCall): SandboxReply {
    const body = bodyOf(call, loginSchema);
    if ('refusal' in body) return body.refusal;
    const { username, password } = body.value;
    const isOf = ({ accessKeyId, secretKey }: typeof credentials): boolean =>
      username === accessKeyId && password === secretKey;
    const may = isOf(credentials) ? 'read' : isOf(WRITERS['prisma-cloud']) ? 'write' : undefined;
    if (may === undefined) return refused(401, 'invalid_credentials');
    const token = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ sub: username })).toString('base64url')}.${randomUUID()}`;
    tokens.set(token, may);
    return json(200, {
      token,
      message: 'login_successful',
      customerNames: [{ customerName: 'Example', prismaId: '1' }],
    });
  }

  function read(call: SandboxCall): SandboxReply {
    const may = tokens.get(call.headers['x-redlock-auth'] ?? '');
    if (may === undefined) return refused(401, 'unauthorized');
    if (call.path === '/alert/dismiss' || call.path === '/alert/reopen')
      return may === 'write' ? change(call) : refused(403, 'insufficient_privileges');
    const alertId = /^\/alert\/([^/]+)$/.exec(call.path)?.[1];
    if (alertId !== undefined)
      return call.method === 'GET' ? alertById(decodeURIComponent(alertId)) : refused(405, 'method_not_allowed');
    switch (`${call.method} ${call.path}`) {
      case 'POST /v2/alert':
        return searchAlerts(call);
      case 'POST /uai/v1/asset':
        return assetOf(call);
      case 'POST /api/v1/permission':
        return searchPermissions(call);
      case 'GET /compliance/posture':
        return postureOf(call);
      default:
        return refused(404, 'not_found');
    }
  }

  /** All or none; 404 for what is not in the state the change starts from. */
  function change(call: SandboxCall): SandboxReply {
    const dismisses = call.path === '/alert/dismiss';
    const body = bodyOf<z.infer<typeof dismissSchema>>(call, dismisses ? dismissSchema : reopenSchema);
    if ('refusal' in body) return body.refusal;
    const { alerts: ids, dismissalNote, dismissalTimeRange } = body.value;
    const found = ids.map((id) => alerts.findIndex((alert) => alert['id'] === id));
    const from = dismisses ? ['open'] : ['dismissed', 'snoozed'];
    if (found.some((at) => !from.includes(String(alerts[at]?.['status'])))) return refused(404, 'not_found_in_state');
    const snoozes = dismissalTimeRange !== undefined;
    const closed = {
      status: snoozes ? 'snoozed' : 'dismissed',
      reason: snoozes ? 'USER_SNOOZED' : 'USER_DISMISSED',
      dismissalNote,
      dismissedBy: WRITERS['prisma-cloud'].accessKeyId,
    };
    for (const at of found) {
      const { dismissalNote: _note, dismissedBy: _by, ...alert } = alerts[at] ?? {};
      alerts[at] = { ...alert, ...(dismisses ? closed : { status: 'open', reason: 'USER_REOPENED' }) };
    }
    return { status: 200 };
  }

  function alertById(id: string): SandboxReply {
    const alert = alerts.find((candidate) => candidate['id'] === id);
    return alert ? json(200, alert) : refused(404, 'invalid_alert_id');
  }

  function searchAlerts(call: SandboxCall): SandboxReply {
    const body = bodyOf(call, alertSearchSchema);
    if ('refusal' in body) return body.refusal;
    const { filters = [], limit = 100, pageToken, timeRange } = body.value;
    const found = alerts
      .filter((alert) => filters.every(({ name, value }) => fieldOf(alert, name) === value))
      .filter((alert) => timeRange.type !== 'absolute' || isWithin(alert['alertTime'], timeRange.value))
      .sort((a, b) => Number(b['alertTime']) - Number(a['alertTime']));
    return page(found, limit, pageToken, (items, next) => ({ items, totalRows: found.length, ...next }));
  }

  function assetOf(call: SandboxCall): SandboxReply {
    const body = bodyOf(call, assetRequestSchema);
    if ('refusal' in body) return body.refusal;
    const { assetId, type } = body.value;
    const held = assets.find((candidate) => candidate.assetId === assetId || candidate.rrn === assetId);
    if (held === undefined) return refused(404, 'asset_not_found');
    const lists = ASSET_LISTS.map((name) => [name, name === type ? (held.asset[name] ?? null) : null] as const);
    return json(200, { data: { asset: { ...held.asset, ...Object.fromEntries(lists) } } });
  }

  function searchPermissions(call: SandboxCall): SandboxReply {
    const body = bodyOf(call, permissionSearchSchema);
    if ('refusal' in body) return body.refusal;
    const { query, limit = 100, pageToken } = body.value;
    const id = /^config from iam where source\.cloud\.resource\.id = '([^']+)'$/.exec(query)?.[1];
    if (id === undefined) return refused(400, 'invalid_query');
    const found = permissions.filter((permission) => permission['sourceResourceId'] === id);
    return page(found, limit, pageToken, (items, next) => ({
      query,
      data: { items, totalRows: found.length, ...next },
    }));
  }

  function postureOf(call: SandboxCall): SandboxReply {
    if (call.query.get('timeType') !== 'to_now' || call.query.get('timeUnit') !== 'epoch')
      return refused(400, 'bad_time_range');
    const complianceDetails = posture.filter((standard) => standard['account'] === call.query.get('cloud.account'));
    return json(200, { requestedTimestamp: 0, summary: {}, complianceDetails });
  }

  function page(
    found: readonly PrismaCloudRecord[],
    limit: number,
    token: string | undefined,
    answer: (items: readonly PrismaCloudRecord[], next: { nextPageToken?: string }) => object,
  ): SandboxReply {
    const offset = token === undefined ? 0 : pageTokens.get(token);
    if (offset === undefined) return refused(400, 'invalid_page_token');
    const items = found.slice(offset, offset + limit);
    if (offset + limit >= found.length) return json(200, answer(items, {}));
    const nextPageToken = randomUUID();
    pageTokens.set(nextPageToken, offset + limit);
    return json(200, answer(items, { nextPageToken }));
  }

  return {
    handle: (call) => (call.path === '/login' ? logIn(call) : read(call)),
    view: () => ({ alerts, assets: assets.map(({ assetId }) => assetId) }),
    expireTokens: () => tokens.clear(),
    addAlert: (alert) => {
      alerts.push(alert);
    },
  };
}

/** Errors come with their name in a header (reference 4.3). */
function refused(status: number, name: string): SandboxReply {
  return json(
    status,
    { message: name },
    { 'x-redlock-status': JSON.stringify([{ i18nKey: name, severity: 'error' }]) },
  );
}

function bodyOf<T>(
  call: SandboxCall,
  schema: z.ZodType<T>,
): { readonly value: T } | { readonly refusal: SandboxReply } {
  if (call.method !== 'POST') return { refusal: refused(405, 'method_not_allowed') };
  if (!/^application\/json\b/.test(call.headers['content-type'] ?? ''))
    return { refusal: refused(415, 'unsupported_media_type') };
  const parsed = schema.safeParse(parseJson(call.body));
  return parsed.success ? { value: parsed.data } : { refusal: refused(400, 'bad_request') };
}

function fieldOf(alert: PrismaCloudRecord, name: string): unknown {
  switch (name) {
    case 'alert.id':
      return alert['id'];
    case 'alert.status':
      return alert['status'];
    case 'resource.id':
      return inside(alert['resource'], 'id');
    case 'cloud.accountId':
      return inside(alert['resource'], 'accountId');
    case 'policy.type':
      return inside(alert['policy'], 'policyType');
    default:
      return inside(alert['policy'], 'severity');
  }
}

function inside(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined;
}

function isWithin(time: unknown, { startTime, endTime }: { startTime: number; endTime: number }): boolean {
  return typeof time === 'number' && time >= startTime && time <= endTime;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
