import { isIP } from 'node:net';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { DetectionFinding, OcsfProcess } from '../../../domain/ocsf/detection-finding.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { LaceworkAlert } from './alert.ts';
import type { EntityRow } from './entity-map.ts';
import { integerOf } from './lenient.ts';
import { parseVendorTime } from './time.ts';
import { imageOf } from './workload.ts';

type Evidence = NonNullable<DetectionFinding['evidences']>[number];

/** Of each kind; the raw alert has them all. */
const MAX_EACH = 20;

/** What the alert shows, for OCSF `evidences`. */
export function evidencesOf(alert: LaceworkAlert, receivedAt: number): DetectionFinding['evidences'] {
  const { entities } = alert;
  const container = containerOf(alert);
  const each = (kind: string, read: (row: EntityRow) => Evidence | undefined): Evidence[] =>
    entities
      .rows(kind)
      .slice(0, MAX_EACH)
      .flatMap((row) => {
        const evidence = read(row);
        return evidence === undefined ? [] : [present({ ...evidence, container })];
      });
  return some([
    ...each('Process', (row) => ({ name: 'process', process: processOf(row, receivedAt) })),
    ...each('FileExePath', fileEvidence),
    ...each('IpAddress', addressEvidence),
    ...each('SourceIpAddress', sourceEvidence),
    ...each('DnsName', nameEvidence),
    ...reasonEvidence(alert),
  ]);
}

/** The process's pid with its command line; the executable is the command line's first word. */
export function processOf(row: EntityRow, receivedAt: number): OcsfProcess {
  const commandLine = row.text('CMDLINE', 'cmd_line');
  const pid = integerOf(row.text('PROCESS_ID', 'PID'));
  const path = row.text('EXE_PATH', 'PATH') || (commandLine.split(/\s/, 1)[0] ?? '');
  const where = row.text('HOSTNAME');
  return present({
    pid: pid !== undefined && pid >= 0 && pid < 2 ** 31 ? pid : undefined,
    uid: `derived-${sha256Hex(JSON.stringify([where, pid, commandLine])).slice(0, 24)}`,
    name: path ? capped(baseName(path), SHORT_TEXT_CAP) : undefined,
    path: path ? capped(path, LONG_TEXT_CAP) : undefined,
    cmd_line: commandLine || undefined,
    created_time: parseVendorTime(row.text('PROCESS_START_TIME', 'START_TIME'), receivedAt),
  });
}

function containerOf({ entities }: LaceworkAlert): Evidence['container'] {
  const { image, imageDigest } = imageOf(entities);
  if (image === undefined && imageDigest === undefined) return undefined;
  return present({
    name: image,
    image: present({ uid: imageDigest ?? image ?? '', name: image }),
    hash: imageDigest
      ? { algorithm_id: 3, algorithm: 'SHA-256', value: imageDigest.slice('sha256:'.length) }
      : undefined,
    orchestrator: entities.count('K8Pod') > 0 ? 'Kubernetes' : undefined,
  });
}

function fileEvidence(row: EntityRow): Evidence | undefined {
  const path = row.text('EXE_PATH', 'FILE_PATH', 'PATH');
  if (!path) return undefined;
  const hash = row.text('LAST_FILEDATA_HASH', 'FILEDATA_HASH');
  const file = present({
    name: capped(baseName(path), SHORT_TEXT_CAP),
    type_id: 1,
    path: capped(path, LONG_TEXT_CAP),
    hashes: /^[0-9a-f]{64}$/i.test(hash)
      ? [{ algorithm_id: 3, algorithm: 'SHA-256', value: hash.toLowerCase() }]
      : undefined,
  });
  return { name: 'file', file };
}

/** The workload's own side is the source: the vendor lists the other end of its connections. */
function addressEvidence(row: EntityRow): Evidence | undefined {
  const endpoint = endpointOf(row);
  return endpoint && present({ name: 'connection', dst_endpoint: endpoint, data: threatOf(row) });
}

function sourceEvidence(row: EntityRow): Evidence | undefined {
  const endpoint = endpointOf(row);
  return endpoint && present({ name: 'caller', src_endpoint: endpoint, data: threatOf(row) });
}

function endpointOf(row: EntityRow): Evidence['dst_endpoint'] {
  const ip = row.text('IP_ADDRESS');
  const [port, ...others] = row.list('PORT_LIST').map(integerOf);
  if (isIP(ip) === 0) return undefined;
  return present({ ip, port: others.length === 0 && isPort(port) ? port : undefined });
}

export function isPort(port: number | undefined): port is number {
  return port !== undefined && port > 0 && port < 65_536;
}

function threatOf(row: EntityRow): Evidence['data'] {
  const tags = row.list('THREAT_TAGS');
  return anyOf({ country: row.text('COUNTRY') || undefined, threatTags: some(tags) });
}

function nameEvidence(row: EntityRow): Evidence | undefined {
  const hostname = row.text('HOSTNAME');
  return hostname ? { name: 'name looked up', query: { hostname: capped(hostname, SHORT_TEXT_CAP) } } : undefined;
}

/** Recommendation, resource and reasons of a compliance alert. */
function reasonEvidence({ entities, rule, facts }: LaceworkAlert): Evidence[] {
  const reasons = some([
    ...new Set([...entities.texts('NewViolation', 'REASON'), ...entities.texts('ViolationReason', 'REASON')]),
  ]);
  const data = anyOf({
    recommendation: rule || undefined,
    title: entities.texts('RecId', 'TITLE')[0],
    reasons,
    supportingFacts: some(facts),
    apiCalls: some([...new Set([...entities.texts('CT_User', 'API_LIST'), ...entities.texts('API', 'API')])]),
  });
  return data === undefined ? [] : [{ name: 'what the vendor says', data }];
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}
