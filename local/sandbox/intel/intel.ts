import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import type { IntelScenario } from './scenario.ts';

type Handler = (call: SandboxCall, rest: string) => SandboxReply;

/** FIRST's limit of the `cve` parameter, in characters. */
const MAX_CVE_PARAMETER = 2_000;

/**
 * The seven intelligence sources side by side, each below its name: `/kev`, `/epss`, `/osv`, `/virustotal`, `/abuseipdb`,
 * `/greynoise`, `/otx`. They refuse what the real ones refuse: another method, a missing or wrong key, an unknown path,
 * a parameter that is too long or malformed. What they do not know they answer as each of them does.
 */
export function intelSandbox(scenario: IntelScenario): SandboxSystem {
  const asked: string[] = [];
  const handlers: Readonly<Record<string, Handler>> = {
    kev: (_call, rest) =>
      rest === '/known_exploited_vulnerabilities.json' ? json(200, scenario.kev) : json(404, { error: 'not found' }),
    epss: ({ query }, rest) => (rest === '/data/v1/epss' ? epss(query) : json(404, { status: 'error' })),
    osv: (_call, rest) => {
      const id = decodeURIComponent(/^\/v1\/vulns\/([^/]+)$/.exec(rest)?.[1] ?? '');
      const found = scenario.osv.find((one) => one.id === id);
      return found === undefined ? json(404, { code: 5, message: 'Bug not found.' }) : json(200, found);
    },
    virustotal: keyed(
      'x-apikey',
      scenario.keys.virustotal,
      json(401, { error: { code: 'WrongCredentialsError' } }),
      (rest) => {
        const [, type = '', id = ''] = /^\/api\/v3\/(files|ip_addresses|domains)\/([^/]+)$/.exec(rest) ?? [];
        const found = scenario.virustotal[`${type}/${decodeURIComponent(id)}`];
        return found === undefined
          ? json(404, { error: { code: 'NotFoundError', message: 'not found' } })
          : json(200, { data: { id: decodeURIComponent(id), links: {}, ...found } });
      },
    ),
    abuseipdb: keyed(
      'key',
      scenario.keys.abuseipdb,
      json(401, { errors: [{ detail: 'Authentication failed.', status: 401 }] }),
      (rest, query) => {
        const ip = query.get('ipAddress') ?? '';
        if (rest !== '/api/v2/check' || !/^[0-9a-f.:]+$/i.test(ip))
          return json(422, {
            errors: [{ detail: 'The ip address must be a valid IPv4 or IPv6 address.', status: 422 }],
          });
        const nothing = { abuseConfidenceScore: 0, totalReports: 0, numDistinctUsers: 0, lastReportedAt: null };
        return json(200, { data: { ipAddress: ip, ...nothing, ...scenario.abuseipdb[ip] } });
      },
    ),
    greynoise: keyed('key', scenario.keys.greynoise, json(401, { message: 'Invalid API key' }), (rest) => {
      const ip = decodeURIComponent(/^\/v3\/community\/([^/]+)$/.exec(rest)?.[1] ?? '');
      if (!/^\d+(?:\.\d+){3}$/.test(ip)) return json(400, { message: 'Request is not a valid routable IPv4 address' });
      const found = scenario.greynoise[ip];
      return found === undefined
        ? json(404, { ip, noise: false, riot: false, message: 'IP not observed scanning the internet' })
        : json(200, { ip, ...found });
    }),
    otx: keyed('x-otx-api-key', scenario.keys.otx, json(403, { detail: 'Authentication required' }), (rest) => {
      const [, type = '', id = ''] =
        /^\/api\/v1\/indicators\/(IPv4|IPv6|domain|hostname|file)\/([^/]+)\/general$/.exec(rest) ?? [];
      if (type === '') return json(404, { detail: 'endpoint not found' });
      const found = scenario.otx[`${type}/${decodeURIComponent(id)}`];
      return json(200, { indicator: decodeURIComponent(id), pulse_info: { count: 0, pulses: [] }, ...found });
    }),
  };

  function epss(query: URLSearchParams): SandboxReply {
    const parameter = query.get('cve') ?? '';
    if (parameter.length > MAX_CVE_PARAMETER) return json(400, { status: 'error', message: 'cve is too long' });
    const ids = new Set(parameter.split(','));
    const data = scenario.epss.filter(({ cve }) => ids.has(cve));
    return json(200, {
      status: 'OK',
      'status-code': 200,
      version: '1.0',
      total: data.length,
      offset: 0,
      limit: 100,
      data,
    });
  }

  return {
    handle(call) {
      const [, name = '', rest = ''] = /^\/([a-z]+)(\/.*)$/.exec(call.path) ?? [];
      const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
      if (handler === undefined) return json(404, { error: 'no such source' });
      if (call.method !== 'GET') return json(405, { error: 'method not allowed' });
      asked.push(`${name} ${rest}${call.query.size > 0 ? `?${call.query}` : ''}`);
      return handler(call, rest);
    },
    /** Everything that left towards the sources. */
    view: () => ({ asked }),
  };
}

function keyed(
  header: string,
  key: string,
  refusal: SandboxReply,
  answer: (rest: string, query: URLSearchParams) => SandboxReply,
): Handler {
  return ({ headers, query }, rest) => (headers[header] === key ? answer(rest, query) : refusal);
}
