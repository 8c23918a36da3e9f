import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { DetectionFinding, OcsfProcess } from '../../../domain/ocsf/detection-finding.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Workload } from '../../../domain/workload.ts';
import type { Detection, SeenFile, SeenProcess } from './detection.ts';

type Evidence = NonNullable<DetectionFinding['evidences']>[number];

/** Names under which `data` of an evidence holds what OCSF has no attribute for; `facts.ts` reads them again. */
export const INTERACTIVE = 'parapet.interactive';
export const FILE_ACCESS = 'parapet.file_access';
export const API_CALL = 'parapet.api_call';

/** Ancestors beyond this are left out; the raw alert has them. */
const MAX_ANCESTORS = 16;
const MAX_DATA = 40;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What one detection shows, as one entry of OCSF `evidences`. */
export function evidenceOf(detection: Detection): Evidence {
  const { processes, file, connection, domain, category } = detection;
  return present({
    name: capped(category, SHORT_TEXT_CAP),
    process: processOf(whereOf(detection.workload), processes),
    file: file === undefined ? undefined : fileOf(file.path),
    container: containerOf(detection),
    src_endpoint:
      connection?.sourceIp === undefined
        ? undefined
        : present({ ip: connection.sourceIp, port: connection.sourcePort }),
    dst_endpoint:
      connection === undefined ? undefined : { ip: connection.destinationIp, port: connection.destinationPort },
    connection_info:
      connection === undefined
        ? undefined
        : present({
            direction_id: connection.direction === 'inbound' ? 1 : 2,
            direction: connection.direction === 'inbound' ? 'Inbound' : 'Outbound',
            protocol_name: connection.protocol,
          }),
    query: domain === undefined ? undefined : { hostname: capped(domain, SHORT_TEXT_CAP) },
    data: dataOf(detection, file),
  });
}

export function containerOf({ workload, podUid, labels }: Detection): Evidence['container'] {
  if (workload.kind !== 'pod' && workload.kind !== 'container') return undefined;
  const { container, containerId, image, imageDigest } = workload;
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(imageDigest ?? '')?.[1];
  const named = anyOf({ name: container, uid: containerId });
  if (named === undefined) return undefined;
  return present({
    ...named,
    hash: sha256 === undefined ? undefined : { algorithm_id: 3, algorithm: 'SHA-256', value: sha256 },
    image: imageOf(image, imageDigest),
    labels: some((labels ?? []).slice(0, 100).map((label) => capped(label, SHORT_TEXT_CAP))),
    orchestrator: workload.kind === 'pod' ? 'Kubernetes' : undefined,
    // The uid of a static pod is a plain digest, which OCSF refuses here.
    pod_uuid: UUID.test(podUid ?? '') ? podUid : undefined,
  });
}

function imageOf(reference: string | undefined, digest: string | undefined) {
  const uid = digest ?? reference;
  if (uid === undefined) return undefined;
  if (reference === undefined) return { uid };
  const plain = reference.split('@', 1)[0] ?? '';
  const colon = plain.lastIndexOf(':');
  // The colon of a registry's port stands before the last slash and is no tag.
  const tagged = colon > plain.lastIndexOf('/');
  return present({
    uid,
    name: tagged ? plain.slice(0, colon) : plain,
    tag: tagged ? plain.slice(colon + 1) : undefined,
  });
}

/** The process with its ancestors inside it. OCSF wants an id for each: without a pid it is derived from place and content. */
function processOf(where: string, processes: readonly SeenProcess[]): OcsfProcess | undefined {
  return processes
    .slice(0, MAX_ANCESTORS + 1)
    .reduceRight<OcsfProcess | undefined>(
      (parent, seen) => present({ ...oneProcess(where, seen), parent_process: parent }),
      undefined,
    );
}

function oneProcess(where: string, seen: SeenProcess): OcsfProcess {
  const path = seen.path === undefined ? undefined : capped(seen.path, LONG_TEXT_CAP);
  const commandLine = seen.commandLine === undefined ? undefined : capped(seen.commandLine, LONG_TEXT_CAP);
  const name = seen.name ?? (path === undefined ? undefined : baseName(path));
  const file = path?.startsWith('/') ? withHash(fileOf(path), seen.sha256) : undefined;
  return present({
    uid: seen.pid === undefined ? derivedUid([where, name, path, commandLine]) : undefined,
    name: name === undefined ? undefined : capped(name, SHORT_TEXT_CAP),
    pid: seen.pid,
    path,
    cmd_line: commandLine,
    file,
    user: anyOf({
      name: seen.user === undefined ? undefined : capped(seen.user, 256),
      uid: seen.userId === undefined ? undefined : capped(seen.userId, 256),
    }),
  });
}

function derivedUid(parts: readonly (string | undefined)[]): string {
  return `derived-${sha256Hex(JSON.stringify(parts)).slice(0, 24)}`;
}

function withHash(file: ReturnType<typeof fileOf>, sha256: string | undefined) {
  return sha256 === undefined ? file : { ...file, hashes: [{ algorithm_id: 3, algorithm: 'SHA-256', value: sha256 }] };
}

function fileOf(path: string) {
  const whole = capped(path, LONG_TEXT_CAP);
  return { name: capped(baseName(path), SHORT_TEXT_CAP), type_id: 1, path: whole };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

function dataOf({ data, processes, apiCall }: Detection, file: SeenFile | undefined): Evidence['data'] {
  const told = Object.entries(data)
    .slice(0, MAX_DATA)
    .map(([name, value]): [string, string] => [capped(name, SHORT_TEXT_CAP), capped(value, LONG_TEXT_CAP)]);
  return anyOf({
    ...Object.fromEntries(told),
    ...(processes[0]?.interactive === true ? { [INTERACTIVE]: true } : {}),
    ...(file === undefined ? {} : { [FILE_ACCESS]: file.access }),
    ...(apiCall === undefined ? {} : { [API_CALL]: present({ ...apiCall }) }),
  });
}

function whereOf(workload: Workload): string {
  switch (workload.kind) {
    case 'pod':
      return workload.containerId ?? `${workload.cluster}/${workload.namespace}/${workload.pod}`;
    case 'container':
      return workload.containerId ?? `${workload.host}/${workload.container}`;
    case 'host':
      return workload.host;
    case 'function':
      return workload.name;
    case 'image':
      return workload.image;
    case 'resource':
      return workload.uid ?? workload.name;
  }
}
