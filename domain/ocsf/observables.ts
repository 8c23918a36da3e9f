import type { DetectionFinding, OcsfProcess } from './detection-finding.ts';
import { capped, LONG_TEXT_CAP } from './text.ts';

export type Observable = NonNullable<DetectionFinding['observables']>[number];

/** `type_id` and caption of OCSF 1.8.0 `observable` for the values that runtime findings hold. */
export const OBSERVABLE_TYPES = {
  hostname: { type_id: 1, type: 'Hostname' },
  ip: { type_id: 2, type: 'IP Address' },
  user: { type_id: 4, type: 'User Name' },
  hash: { type_id: 8, type: 'Hash' },
  processName: { type_id: 9, type: 'Process Name' },
  resource: { type_id: 10, type: 'Resource UID' },
  port: { type_id: 11, type: 'Port' },
  commandLine: { type_id: 13, type: 'Command Line' },
  cve: { type_id: 18, type: 'CVE Object: uid' },
  filePath: { type_id: 45, type: 'File Path' },
} as const;
export type ObservableType = keyof typeof OBSERVABLE_TYPES;

type Evidence = NonNullable<DetectionFinding['evidences']>[number];
type Found = readonly [name: string, type: ObservableType, value: string | undefined];

/**
 * The values of a finding somebody may want to search for, each with the path of the attribute it stands in
 * (`evidences[0].process.cmd_line`). The same value of the same type is listed once, at its first place.
 */
export function observablesOf(
  finding: Pick<DetectionFinding, 'device' | 'evidences' | 'vulnerabilities' | 'resources'>,
): Observable[] {
  const found: Found[] = [
    ['device.hostname', 'hostname', finding.device?.hostname],
    ...(finding.evidences ?? []).flatMap((evidence, index) => fromEvidence(`evidences[${index}]`, evidence)),
    ...(finding.resources ?? []).map((resource, index): Found => [`resources[${index}].uid`, 'resource', resource.uid]),
    ...(finding.vulnerabilities ?? []).map(
      (vulnerability, index): Found => [`vulnerabilities[${index}].cve.uid`, 'cve', vulnerability.cve?.uid],
    ),
  ];
  const observables = new Map<string, Observable>();
  for (const [name, type, value] of found) {
    if (!value) continue;
    const key = `${type} ${value}`;
    if (observables.has(key)) continue;
    observables.set(key, { name, ...OBSERVABLE_TYPES[type], value: capped(value, LONG_TEXT_CAP) });
  }
  return [...observables.values()];
}

function fromEvidence(at: string, evidence: Evidence): Found[] {
  const port = evidence.dst_endpoint?.port;
  return [
    ...fromProcess(`${at}.process`, evidence.process),
    [`${at}.file.path`, 'filePath', evidence.file?.path],
    [`${at}.query.hostname`, 'hostname', evidence.query?.hostname],
    [`${at}.dst_endpoint.ip`, 'ip', evidence.dst_endpoint?.ip],
    [`${at}.dst_endpoint.port`, 'port', port === undefined ? undefined : String(port)],
    [`${at}.container.uid`, 'resource', evidence.container?.uid],
    [`${at}.container.hash.value`, 'hash', evidence.container?.hash?.value],
  ];
}

function fromProcess(at: string, process: OcsfProcess | undefined): Found[] {
  if (!process) return [];
  return [
    [`${at}.name`, 'processName', process.name],
    [`${at}.path`, 'filePath', process.path],
    [`${at}.cmd_line`, 'commandLine', process.cmd_line],
    [`${at}.user.name`, 'user', process.user?.name],
    ...fromProcess(`${at}.parent_process`, process.parent_process),
  ];
}
