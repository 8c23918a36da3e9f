import { isIP } from 'node:net';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { DetectionFinding, OcsfProcess } from '../../../domain/ocsf/detection-finding.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { imageOf, short } from '../aws/ocsf.ts';
import { awsTime } from '../aws/time.ts';
import { callData, contextData } from './data.ts';
import { type Ancestor, type GuardDutyFinding, type GuardDutyProcess, processIn } from './schema.ts';
import { containerOf, imageDigestOf } from './workload.ts';

export type Evidence = NonNullable<DetectionFinding['evidences']>[number];

/** Ancestors beyond this are left out. */
const MAX_LINEAGE = 20;
const MAX_PROBES = 10;

/** Names under which the context of a runtime finding tells of a file. */
const FILES = [
  'threatFilePath',
  'filePath',
  'scriptPath',
  'libraryPath',
  'moduleFilePath',
  'runcBinaryPath',
  'releaseAgentPath',
  'socketPath',
  'shellHistoryFilePath',
  'mountSource',
] as const;

/** What the finding shows, for OCSF `evidences`: the process with its ancestors, what it touched, whom it talked to. */
export function evidencesOf(finding: GuardDutyFinding, receivedAt: number): DetectionFinding['evidences'] {
  const container = ocsfContainer(finding);
  const runtime = finding.service?.runtimeDetails;
  const context = runtime?.context;
  const process = runtime?.process && ocsfProcess(runtime.process, receivedAt);
  const action = finding.service?.action;
  const main: Evidence = present({
    name: short(finding.type),
    process,
    file: fileIn(context),
    container,
    ...connectionOf(finding),
    query: action?.dnsRequestAction?.domain
      ? { hostname: capped(action.dnsRequestAction.domain, LONG_TEXT_CAP) }
      : undefined,
    data: anyOf({ ...contextData(context), ...callData(finding) }),
  });
  const others = ['modifyingProcess', 'targetProcess'].flatMap((name): Evidence[] => {
    const other = processIn(context?.[name]);
    const shown = other && ocsfProcess(other, receivedAt);
    return shown ? [present({ name, process: shown, container })] : [];
  });
  return some([...(isEvidence(main) ? [main] : []), ...others, ...probesOf(finding)]);
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A container alone is no evidence artefact in OCSF. */
function isEvidence({ process, file, dst_endpoint: to, src_endpoint: from, query, data }: Evidence): boolean {
  return [process, file, to, from, query, data].some((part) => part !== undefined);
}

function ocsfContainer(finding: GuardDutyFinding): Evidence['container'] {
  const container = containerOf(finding.resource);
  if (!container?.name && !container?.id) return undefined;
  const pod = finding.resource?.kubernetesDetails?.kubernetesWorkloadDetails;
  return present({
    name: short(container.name),
    uid: short(container.id),
    image: imageOf(container.image, imageDigestOf(container.image)),
    orchestrator: pod ? 'Kubernetes' : finding.resource?.ecsClusterDetails ? 'ECS' : undefined,
    pod_uuid: /^pods?$/i.test(pod?.type ?? '') && UUID.test(pod?.uid ?? '') ? pod?.uid : undefined,
  });
}

/** The process with what started it, nearest first, linked by the uuids GuardDuty gives and, without them, by order. */
function ocsfProcess(process: GuardDutyProcess, receivedAt: number): OcsfProcess | undefined {
  const chain = [process, ...orderedLineage(process).slice(0, MAX_LINEAGE)];
  return chain.reduceRight<OcsfProcess | undefined>((parent, one) => {
    const shown = oneProcess(one, receivedAt);
    return shown === undefined ? parent : present({ ...shown, parent_process: parent });
  }, undefined);
}

/** The list is in order of nearness (our reading); where the uuids say otherwise, they are followed. */
function orderedLineage({ lineage, parentUuid }: GuardDutyProcess): readonly Ancestor[] {
  const ordered: Ancestor[] = [];
  const left = [...lineage];
  let wanted = parentUuid;
  while (left.length > 0) {
    const byUuid = wanted === undefined ? -1 : left.findIndex(({ uuid }) => uuid === wanted);
    const [next] = left.splice(Math.max(0, byUuid), 1);
    if (next === undefined) break;
    ordered.push(next);
    wanted = next.parentUuid;
  }
  return ordered;
}

const SHA256 = /^[0-9a-f]{64}$/i;

function oneProcess(process: Ancestor, receivedAt: number): OcsfProcess | undefined {
  const path = process.executablePath || process.name;
  if (!path) return undefined;
  const started = awsTime(process.startTime, receivedAt);
  const sha256 = process.executableSha256;
  return present({
    // OCSF wants an id; GuardDuty's own is unique on its host.
    uid: short(process.uuid) ?? `derived-${sha256Hex(JSON.stringify([path, process.pid])).slice(0, 24)}`,
    pid: process.pid !== undefined && process.pid >= 0 ? process.pid : undefined,
    name: short(process.name) ?? short(baseName(path)),
    path: capped(path, LONG_TEXT_CAP),
    created_time: started,
    user: anyOf({ name: short(process.user), uid: process.euid === undefined ? undefined : String(process.euid) }),
    file: path.startsWith('/')
      ? present({
          ...fileOf(path),
          hashes:
            sha256 !== undefined && SHA256.test(sha256)
              ? [{ algorithm_id: 3, algorithm: 'SHA-256', value: sha256.toLowerCase() }]
              : undefined,
        })
      : undefined,
  });
}

function fileIn(context: Readonly<Record<string, unknown>> | undefined): Evidence['file'] {
  const path = FILES.map((name) => context?.[name]).find((value) => typeof value === 'string' && value !== '');
  return typeof path === 'string' ? fileOf(path) : undefined;
}

function fileOf(path: string) {
  return { name: short(baseName(path)) ?? capped(path, LONG_TEXT_CAP), type_id: 1, path: capped(path, LONG_TEXT_CAP) };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

function connectionOf(finding: GuardDutyFinding): Pick<Evidence, 'src_endpoint' | 'dst_endpoint' | 'connection_info'> {
  const connection = finding.service?.action?.networkConnectionAction;
  if (!connection) return {};
  const inbound = /^inbound$/i.test(connection.connectionDirection ?? '');
  const ours = endpoint(
    connection.localIpDetails?.ipAddressV4 ?? privateIp(finding),
    connection.localPortDetails?.port,
  );
  const theirs = endpoint(
    connection.remoteIpDetails?.ipAddressV4 ?? connection.remoteIpDetails?.ipAddressV6,
    connection.remotePortDetails?.port,
  );
  if (!theirs) return {};
  const outbound = /^outbound$/i.test(connection.connectionDirection ?? '');
  return {
    src_endpoint: inbound ? theirs : ours,
    dst_endpoint: inbound ? ours : theirs,
    connection_info: present({
      direction_id: inbound ? 1 : outbound ? 2 : 0,
      direction: inbound ? 'Inbound' : outbound ? 'Outbound' : 'Unknown',
      protocol_name: short(connection.protocol?.toLowerCase()),
    }),
  };
}

function probesOf(finding: GuardDutyFinding): Evidence[] {
  return (finding.service?.action?.portProbeAction?.portProbeDetails ?? []).slice(0, MAX_PROBES).flatMap((probe) => {
    const from = endpoint(probe.remoteIpDetails?.ipAddressV4, undefined);
    const to = endpoint(probe.localIpDetails?.ipAddressV4 ?? privateIp(finding), probe.localPortDetails?.port);
    return from
      ? [
          present({
            name: 'port probe',
            src_endpoint: from,
            dst_endpoint: to,
            connection_info: { direction_id: 1, direction: 'Inbound' },
          }),
        ]
      : [];
  });
}

function privateIp(finding: GuardDutyFinding): string | undefined {
  return finding.resource?.instanceDetails?.networkInterfaces[0]?.privateIpAddress;
}

/** OCSF accepts an endpoint only with something that identifies it; a port alone does not. */
function endpoint(ip: string | undefined, port: number | undefined): Evidence['dst_endpoint'] {
  // An address with a zone (`fe80::1%eth0`) means something on its own host only.
  if (ip === undefined || isIP(ip) === 0 || ip.includes('%')) return undefined;
  return present({ ip, port: port !== undefined && port >= 0 && port <= 65_535 ? port : undefined });
}
