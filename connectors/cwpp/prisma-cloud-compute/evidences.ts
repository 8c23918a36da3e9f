import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { DetectionFinding, OcsfProcess } from '../../../domain/ocsf/detection-finding.ts';
import { anyOf, present } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { imageHashOf, imageOf, short, shorts } from './common.ts';
import type { MessageReading } from './message.ts';
import type { WebhookBody } from './schema.ts';
import { podOf } from './workload.ts';

type Evidence = NonNullable<DetectionFinding['evidences']>[number];
type Container = NonNullable<Evidence['container']>;

/** Container as OCSF has it; undefined when the alert names none. */
export function containerOf(alert: WebhookBody): Container | undefined {
  if (!alert.container && !alert.containerID) return undefined;
  return present({
    name: short(alert.container),
    uid: short(alert.containerID),
    hash: imageHashOf(alert.imageID),
    image: imageOf(alert.image, alert.imageID),
    labels: shorts(alert.labels),
    orchestrator: podOf(alert) ? 'Kubernetes' : undefined,
  });
}

/** The process the alert is about, with the parent its message names. */
export function processOf(alert: WebhookBody, message: MessageReading): OcsfProcess | undefined {
  const commandLine = alert.command || message.commandLine;
  const path = message.processPath;
  if (!path && !commandLine) return undefined;
  const parent = message.parentPath;
  return present({
    ...named(alert, path, commandLine),
    user: alert.user ? { name: capped(alert.user, 256) } : undefined,
    parent_process: parent === undefined ? undefined : named(alert, parent, undefined),
  });
}

/**
 * What the alert shows, for OCSF `evidences`. The container's start-up process has its own entry: that it is an ancestor
 * of the process in question is likely but not said (a process started by `kubectl exec` has none).
 */
export function evidencesOf(alert: WebhookBody, message: MessageReading): DetectionFinding['evidences'] {
  const container = containerOf(alert);
  const main: Evidence = present({
    name: short(alert.category),
    process: processOf(alert, message),
    file: message.file === undefined ? undefined : fileOf(message.file),
    container,
    dst_endpoint: anyOf({ ip: message.ip, port: message.port }),
    query: queryOf(message),
    data: anyOf({ rule: short(alert.rule), category: short(alert.category) }),
  });
  // OCSF accepts an endpoint only with something that identifies it; a port alone does not.
  if (main.dst_endpoint?.ip === undefined) delete main.dst_endpoint;
  const startup = alert.startupProcess;
  const evidences = [
    ...(isEvidence(main) ? [main] : []),
    ...(startup ? [present({ name: 'start-up process', process: named(alert, startup, undefined), container })] : []),
  ];
  return evidences.length > 0 ? evidences : undefined;
}

/** A container alone is no evidence artefact in OCSF. */
function isEvidence(evidence: Evidence): boolean {
  const { process, file, dst_endpoint: endpoint, query, data } = evidence;
  return [process, file, endpoint, query, data].some((part) => part !== undefined);
}

function queryOf(message: MessageReading): Evidence['query'] {
  return message.dns && present({ hostname: message.dns.name, type: message.dns.type });
}

/** OCSF wants an id for a process and the webhook has no pid: it is derived from where it ran and what it is. */
function named(alert: WebhookBody, path: string | undefined, commandLine: string | undefined): OcsfProcess {
  const where = alert.containerID || alert.container || alert.host || alert.fqdn || alert.function || alert.appID;
  const file = path?.startsWith('/') ? fileOf(path) : undefined;
  return present({
    uid: `derived-${sha256Hex(JSON.stringify([where, path, commandLine])).slice(0, 24)}`,
    name: path === undefined ? undefined : short(baseName(path)),
    path: path === undefined ? undefined : capped(path, LONG_TEXT_CAP),
    cmd_line: commandLine === undefined ? undefined : capped(commandLine, LONG_TEXT_CAP),
    file,
  });
}

function fileOf(path: string) {
  return { name: short(baseName(path)) ?? capped(path, LONG_TEXT_CAP), type_id: 1, path: capped(path, LONG_TEXT_CAP) };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}
