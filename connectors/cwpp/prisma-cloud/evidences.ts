import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { DetectionFinding, OcsfProcess } from '../../../domain/ocsf/detection-finding.ts';
import { anyOf, present } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Workload } from '../../../domain/workload.ts';
import { readMessage } from '../prisma-cloud-compute/message.ts';
import type { Alert } from './schema.ts';

type Evidence = NonNullable<DetectionFinding['evidences']>[number];

/**
 * What a Defender saw, from the sentence it wrote into the alert: incidents of workloads carry the same sentences as the
 * Compute product. A posture alert shows nothing but the policy.
 */
export function evidencesOf(alert: Alert, workload: Workload): DetectionFinding['evidences'] {
  const said = alert.metadata.auditMessage;
  if (!said) return undefined;
  const message = readMessage(said);
  const user = alert.metadata.auditUser;
  const evidence: Evidence = present({
    name: alert.metadata.auditType ? capped(alert.metadata.auditType, SHORT_TEXT_CAP) : undefined,
    process: processOf(alert, message, user),
    file: message.file === undefined ? undefined : fileOf(message.file),
    container: containerOf(workload),
    dst_endpoint: message.ip === undefined ? undefined : present({ ip: message.ip, port: message.port }),
    query: message.dns && present({ hostname: message.dns.name, type: message.dns.type }),
    data: anyOf({ rule: alert.metadata.auditRuleName, category: alert.metadata.incidentCategory }),
  });
  const { process, file, dst_endpoint: endpoint, query, data } = evidence;
  // A container alone is no evidence artefact in OCSF.
  return [process, file, endpoint, query, data].some((part) => part !== undefined) ? [evidence] : undefined;
}

function containerOf(workload: Workload): Evidence['container'] {
  if (workload.kind !== 'container') return undefined;
  return present({ name: workload.container, uid: workload.containerId });
}

function processOf(
  alert: Alert,
  message: ReturnType<typeof readMessage>,
  user: string | undefined,
): OcsfProcess | undefined {
  const { processPath, parentPath, commandLine } = message;
  if (processPath === undefined && commandLine === undefined) return undefined;
  return present({
    ...named(alert, processPath, commandLine),
    user: user ? { name: capped(user, 256) } : undefined,
    parent_process: parentPath === undefined ? undefined : named(alert, parentPath, undefined),
  });
}

/** OCSF wants an id for a process and the alert has no pid: it is derived from where it ran and what it is. */
function named(alert: Alert, path: string | undefined, commandLine: string | undefined): OcsfProcess {
  const identity = JSON.stringify([alert.resourceId || alert.resourceName, path, commandLine]);
  return present({
    uid: `derived-${sha256Hex(identity).slice(0, 24)}`,
    name: path === undefined ? undefined : capped(baseName(path), SHORT_TEXT_CAP),
    path: path === undefined ? undefined : capped(path, LONG_TEXT_CAP),
    cmd_line: commandLine === undefined ? undefined : capped(commandLine, LONG_TEXT_CAP),
    file: path?.startsWith('/') ? fileOf(path) : undefined,
  });
}

function fileOf(path: string) {
  return { name: capped(baseName(path), SHORT_TEXT_CAP), type_id: 1, path: capped(path, LONG_TEXT_CAP) };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}
