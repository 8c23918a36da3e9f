import type { ComputeRecord, ComputeScenario } from './scenario.ts';

/** The records a query asks for. */
export type Filter = (query: URLSearchParams) => readonly ComputeRecord[];

/** Each list of the API by its path, with the query parameters it filters by; others are ignored, as the real one does. */
export function listings(held: Omit<ComputeScenario, 'credentials'>, version: string): ReadonlyMap<string, Filter> {
  const at = (path: string): string => `/api/${version}/${path}`;
  return new Map<string, Filter>([
    [
      at('audits/incidents'),
      matching(() => held.incidents, {
        id: '_id',
        category: 'category',
        type: 'type',
        hostname: 'hostname',
        containerID: 'containerID',
        profileID: 'profileID',
        cluster: 'cluster',
      }),
    ],
    [
      at('audits/runtime/container'),
      matching(() => held.containerAudits, {
        containerID: 'containerId',
        namespace: 'namespace',
        cluster: 'cluster',
        attackType: 'attackType',
        imageName: 'imageName',
        ruleName: 'ruleName',
      }),
    ],
    [at('audits/runtime/host'), matching(() => held.hostAudits, { hostname: 'hostname', attackType: 'attackType' })],
    [at('audits/firewall/app/container'), matching(() => held.firewallAudits, { imageName: 'imageName' })],
    [at('audits/firewall/app/host'), matching(() => held.hostFirewallAudits, { hostname: 'hostname' })],
    [at('audits/admission'), matching(() => held.admissionAudits, { cluster: 'cluster', namespace: 'namespace' })],
    [at('containers'), matching(() => held.containers, { id: '_id', hostname: 'hostname' })],
    [at('images'), matching(() => held.images, { id: '_id' })],
    [at('hosts'), () => []],
    [
      at('profiles/container'),
      matching(() => held.profiles, { id: '_id', imageID: 'imageID', namespace: 'namespace', cluster: 'cluster' }),
    ],
  ]);
}

function matching(records: () => readonly ComputeRecord[], fields: Readonly<Record<string, string>>): Filter {
  return (query) =>
    records().filter(
      (record) =>
        Object.entries(fields).every(([parameter, field]) => {
          const wanted = query.get(parameter);
          return wanted === null || record[field] === wanted;
        }) && within(record['time'], query.get('from'), query.get('to')),
    );
}

function within(time: unknown, from: string | null, to: string | null): boolean {
  if (typeof time !== 'string') return true;
  const at = Date.parse(time);
  return (from === null || at >= Date.parse(from)) && (to === null || at <= Date.parse(to));
}
