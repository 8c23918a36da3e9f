import { isIP } from 'node:net';
import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { fromApi } from '../../draft.ts';
import type { ForensicEvent, RuntimeAudit } from '../records.ts';
import { containerEntity, domainEntity, fileEntity, hostEntity, ipEntity, processEntity } from './entities.ts';

/**
 * Command lines, paths, users, addresses and names are what the workload did and could have chosen: attacker-influenced,
 * whoever reports them.
 */
const TRUST = 'attacker_influenced';

export interface Activity {
  /** Processes and written files: part `runtime-activity`. */
  readonly runtime: readonly EvidenceDraft[];
  /** Connections and DNS queries: part `network`. */
  readonly network: readonly EvidenceDraft[];
}

/** Audits as what they saw, oldest first. */
export function auditActivity(audits: readonly RuntimeAudit[], field: string, observedAt: string): Activity {
  const ordered = audits
    .map((audit, index) => ({ audit, at: `${field} [${index}]` }))
    .sort((a, b) => (a.audit.time ?? '').localeCompare(b.audit.time ?? ''));
  return {
    runtime: ordered.flatMap(({ audit, at }) => [
      ...processOf(audit, at, observedAt),
      ...fileOf(audit, at, observedAt),
    ]),
    network: ordered.flatMap(({ audit, at }) => [
      ...connectionOf(audit, at, observedAt),
      ...queryOf(audit, at, observedAt),
    ]),
  };
}

function placeOf(audit: RuntimeAudit) {
  return audit.containerId === undefined
    ? { id: audit.hostname, entity: hostEntity(audit.hostname) }
    : { id: audit.containerId, entity: containerEntity(audit.containerId, audit.containerName) };
}

function processOf(audit: RuntimeAudit, at: string, observedAt: string): EvidenceDraft[] {
  const { pid, processPath: path } = audit;
  if (path === undefined) return [];
  const place = placeOf(audit);
  const launched = audit.type === 'processes';
  const fact = present({
    kind: 'process' as const,
    pid,
    path,
    commandLine: audit.command,
    user: audit.user,
    // An audit of another kind tells when the process did something, not when it started.
    startedAt: launched ? audit.time : undefined,
    interactive: audit.interactive,
    md5: launched ? audit.md5 : undefined,
  });
  return [fromApi(at, TRUST, observedAt, fact, [processEntity(place.id, pid, path), fileEntity(path), place.entity])];
}

function fileOf(audit: RuntimeAudit, at: string, observedAt: string): EvidenceDraft[] {
  const { filepath: path, time, attackType } = audit;
  // Audits of the file system are about writing, except those about reading secrets.
  if (audit.type !== 'filesystem' || path === undefined || time === undefined || attackType === 'secretFileAccess')
    return [];
  const fact = present({ kind: 'file-written' as const, path, byPid: audit.pid, user: audit.user, at: time });
  return [fromApi(at, TRUST, observedAt, fact, [fileEntity(path), placeOf(audit).entity])];
}

function connectionOf(audit: RuntimeAudit, at: string, observedAt: string): EvidenceDraft[] {
  const { ip, port, time } = audit;
  if (audit.type !== 'network' || ip === undefined || isIP(ip) === 0 || port === undefined || time === undefined)
    return [];
  if (/listening/i.test(audit.attackType ?? '')) return [];
  const fact = {
    kind: 'connection' as const,
    direction: 'outbound' as const,
    destinationIp: ip,
    destinationPort: port,
    at: time,
  };
  return [fromApi(at, TRUST, observedAt, fact, [ipEntity(ip), placeOf(audit).entity])];
}

function queryOf(audit: RuntimeAudit, at: string, observedAt: string): EvidenceDraft[] {
  const { domain, time } = audit;
  if (domain === undefined || time === undefined) return [];
  return [
    fromApi(at, TRUST, observedAt, { kind: 'dns-query', domain, at: time }, [
      domainEntity(domain),
      placeOf(audit).entity,
    ]),
  ];
}

/**
 * The forensic log of one container, oldest first. The log is kept per image, so events of its other containers are in
 * it and are left out here: pids mean something only inside one container.
 */
export function forensicActivity(
  events: readonly ForensicEvent[],
  of: { readonly containerId: string; readonly field: string; readonly observedAt: string },
): Activity {
  const ordered = events
    .map((event, index) => ({ event, at: `${of.field} [${index}]` }))
    .filter(({ event }) => event.containerId === of.containerId)
    .sort((a, b) => (a.event.timestamp ?? '').localeCompare(b.event.timestamp ?? ''));
  const container = containerEntity(of.containerId);
  const runtime: EvidenceDraft[] = [];
  const network: EvidenceDraft[] = [];
  for (const { event, at } of ordered) {
    const read = readEvent(event, of.containerId);
    if (read === undefined) continue;
    const draft = fromApi(at, TRUST, of.observedAt, read.fact, [...read.entities, container]);
    (read.fact.kind === 'connection' || read.fact.kind === 'dns-query' ? network : runtime).push(draft);
  }
  return { runtime, network };
}

type Read = Pick<EvidenceDraft, 'fact'> & {
  readonly entities: readonly (EvidenceDraft['entities'][number] | undefined)[];
};

function readEvent(event: ForensicEvent, containerId: string): Read | undefined {
  switch (event.type) {
    case 'Process spawned':
      return spawned(event, containerId);
    case 'Binary created':
      return created(event);
    case 'Connection established':
      return connected(event);
    case 'DNS query':
      return queried(event);
    default:
      // Audits, incidents and profile changes are read from their own lists.
      return undefined;
  }
}

function spawned(event: ForensicEvent, containerId: string): Read | undefined {
  const { pid, ppid } = event;
  const path = event.path ?? event.process;
  if (path === undefined) return undefined;
  const fact = present({
    kind: 'process' as const,
    pid,
    // Nothing in the container is above process 1.
    parentPid: ppid === undefined || ppid <= 0 ? undefined : ppid,
    path,
    commandLine: event.command,
    user: event.user,
    startedAt: event.timestamp,
  });
  return { fact, entities: [processEntity(containerId, pid, path), fileEntity(path)] };
}

function created({ path, pid, user, timestamp }: ForensicEvent): Read | undefined {
  if (path === undefined || timestamp === undefined) return undefined;
  const fact = present({ kind: 'file-written' as const, path, byPid: pid, user, at: timestamp });
  return { fact, entities: [fileEntity(path)] };
}

function connected(event: ForensicEvent): Read | undefined {
  const { srcIP, dstIP, dstPort, outbound, timestamp } = event;
  if (dstIP === undefined || isIP(dstIP) === 0 || dstPort === undefined || timestamp === undefined) return undefined;
  const fact = present({
    kind: 'connection' as const,
    direction: outbound === false ? ('inbound' as const) : ('outbound' as const),
    sourceIp: srcIP,
    destinationIp: dstIP,
    destinationPort: dstPort,
    at: timestamp,
  });
  return { fact, entities: [ipEntity(outbound === false ? srcIP : dstIP)] };
}

function queried({ domainName: domain, timestamp }: ForensicEvent): Read | undefined {
  if (domain === undefined || timestamp === undefined) return undefined;
  return { fact: { kind: 'dns-query', domain, at: timestamp }, entities: [domainEntity(domain)] };
}
