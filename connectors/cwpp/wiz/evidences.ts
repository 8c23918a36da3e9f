import { isIP } from 'node:net';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { DetectionFinding, OcsfProcess } from '../../../domain/ocsf/detection-finding.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { SeenContainer, SeenEvent, SeenProcess, WizAlert } from './alert.ts';
import { parseWizTime } from './time.ts';

type Evidence = NonNullable<DetectionFinding['evidences']>[number];

/** A chain longer than this says nothing more. */
const MAX_DEPTH = 12;

export function short(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : capped(text, SHORT_TEXT_CAP);
}

/** What the events of a detection show: process with its parents, container, address of the actor. */
export function evidencesOf(alert: WizAlert, receivedAt: number): DetectionFinding['evidences'] {
  return some(alert.events.map((event) => evidenceOf(event, receivedAt)).filter(isEvidence));
}

function evidenceOf(event: SeenEvent, receivedAt: number): Evidence {
  const [main] = event.processes;
  const ip = event.actorIp !== undefined && isIP(event.actorIp) !== 0 ? event.actorIp : undefined;
  return present({
    name: short(event.name),
    process: treeOf(event.processes.slice(0, MAX_DEPTH), receivedAt),
    container: main?.container && containerOf(main.container),
    src_endpoint: ip === undefined ? undefined : { ip },
    data: anyOf({
      event: short(event.id),
      origin: short(event.origin),
      source: short(event.source),
      time: short(event.at),
      actor_ip: event.actorIpMeta && anyOf(event.actorIpMeta),
    }),
  });
}

/** A container alone is no evidence artefact in OCSF. */
function isEvidence({ process, src_endpoint: endpoint, data }: Evidence): boolean {
  return [process, endpoint, data].some((part) => part !== undefined);
}

/** The list holds the process first, then what started it. */
function treeOf(processes: readonly SeenProcess[], receivedAt: number): OcsfProcess | undefined {
  return processes.reduceRight<OcsfProcess | undefined>((parent, process) => {
    const own = processOf(process, receivedAt);
    return own === undefined ? parent : present({ ...own, parent_process: parent });
  }, undefined);
}

function processOf(process: SeenProcess, receivedAt: number): OcsfProcess | undefined {
  const { path, command, pid } = process;
  if (path === undefined && command === undefined && pid === undefined) return undefined;
  const where = process.container?.externalId ?? process.container?.id;
  return present({
    // OCSF wants an id; where the body names no pid it is derived from where it ran and what it is.
    uid: pid === undefined ? `derived-${sha256Hex(JSON.stringify([where, path, command])).slice(0, 24)}` : undefined,
    pid,
    name: path === undefined ? undefined : short(baseName(path)),
    path: path === undefined ? undefined : capped(path, LONG_TEXT_CAP),
    cmd_line: command === undefined ? undefined : capped(command, LONG_TEXT_CAP),
    created_time: parseWizTime(process.at, receivedAt),
    file: path === undefined ? undefined : fileOf(path, process.hash),
    user: anyOf({ name: short(process.user), uid: short(process.userId) }),
  });
}

function fileOf(path: string, hash: string | undefined) {
  const fingerprint = fingerprintOf(hash);
  return present({
    name: short(baseName(path)) ?? 'unknown',
    type_id: 1,
    path: capped(path, LONG_TEXT_CAP),
    hashes: fingerprint && [fingerprint],
  });
}

/** Wiz sends SHA-1; the length tells, because the field has no algorithm. */
export function fingerprintOf(hash: string | undefined) {
  const value = hash?.toLowerCase() ?? '';
  if (/^[0-9a-f]{40}$/.test(value)) return { algorithm_id: 2, algorithm: 'SHA-1', value };
  if (/^[0-9a-f]{64}$/.test(value)) return { algorithm_id: 3, algorithm: 'SHA-256', value };
  return undefined;
}

function containerOf(container: SeenContainer): Evidence['container'] {
  const digest = /sha256:([0-9a-f]{64})/.exec(container.image ?? '')?.[1];
  const { name, tag } = splitReference(container.image ?? '');
  return anyOf({
    name: short(container.name),
    uid: short(container.externalId ?? container.id),
    hash: digest === undefined ? undefined : { algorithm_id: 3, algorithm: 'SHA-256', value: digest },
    image:
      container.image === undefined
        ? undefined
        : present({ uid: capped(container.image, SHORT_TEXT_CAP), name: short(name), tag: short(tag) }),
    orchestrator: container.externalId?.startsWith('k8s/') ? 'Kubernetes' : undefined,
  });
}

/** `registry:5000/shop/api:1.2@sha256:…` -> name and tag; a port is not a tag, and a bare digest is neither. */
function splitReference(reference: string): { readonly name: string; readonly tag: string } {
  const plain = reference.startsWith('sha256:') ? '' : (reference.split('@', 1)[0] ?? '');
  const colon = plain.lastIndexOf(':');
  if (colon <= plain.lastIndexOf('/')) return { name: plain, tag: '' };
  return { name: plain.slice(0, colon), tag: plain.slice(colon + 1) };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}
