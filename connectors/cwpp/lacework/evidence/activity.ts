import { isIP } from 'node:net';
import type { EntityRef, EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { fromApi } from '../../draft.ts';
import type { EntityMap } from '../entity-map.ts';
import { processOf } from '../evidences.ts';
import { integerOf } from '../lenient.ts';
import type { ChangedFile, Connection, DnsLookup, ProcessRecord, UserLogin } from '../records.ts';
import { isoTimeOf } from '../time.ts';
import { entity, hostEntity, processEntity } from './entities.ts';
import type { MachineSubject } from './part.ts';

/**
 * Command lines, paths, users, addresses and names are what somebody on the machine did and could have chosen:
 * attacker-influenced, whoever reports them.
 */
const TRUST = 'attacker_influenced';

interface At {
  readonly field: string;
  readonly observedAt: string;
  readonly machine: MachineSubject;
}

/** One process below the machine it ran on; the vendor's pids are those of the host. */
export function processDraft(process: ProcessRecord, at: At): EvidenceDraft[] {
  const commandLine = process.cmdline;
  const path = process.exePath || (commandLine.split(/\s/, 1)[0] ?? '');
  if (path === '') return [];
  const pid = pidOf(process.pid);
  const parent = pidOf(process.ppid);
  const fact = present({
    kind: 'process' as const,
    pid,
    parentPid: parent === 0 ? undefined : parent,
    path,
    commandLine: commandLine || undefined,
    user: process.username || undefined,
    startedAt: timeOf(process.processStartTime || process.startTime, at),
  });
  return [
    fromApi(at.field, TRUST, at.observedAt, fact, [
      processEntity(at.machine.mid, pid, path),
      entity('file', path),
      hostOf(at),
    ]),
  ];
}

/** Processes, files and users the alert itself names. */
export function namedActivity(entities: EntityMap, at: At & { readonly occurredAt: string }): EvidenceDraft[] {
  const processes = entities.rows('Process').flatMap((row) => {
    const { pid, path, cmd_line: commandLine } = processOf(row, Date.parse(at.observedAt));
    if (path === undefined) return [];
    const startedAt = timeOf(row.text('PROCESS_START_TIME', 'START_TIME'), at);
    const fact = present({
      kind: 'process' as const,
      pid,
      path,
      commandLine,
      user: row.text('USERNAME') || undefined,
      startedAt,
    });
    return [
      fromApi(at.field, TRUST, at.observedAt, fact, [
        processEntity(at.machine.mid, pid, path),
        entity('file', path),
        hostOf(at),
      ]),
    ];
  });
  const files = entities.rows('FileExePath').flatMap((row) => {
    const path = row.text('EXE_PATH', 'FILE_PATH', 'PATH');
    if (!path) return [];
    const fact = present({
      kind: 'file-written' as const,
      path,
      user: row.text('LAST_FILE_OWNER') || undefined,
      at: timeOf(row.text('FIRST_SEEN_TIME'), at) ?? at.occurredAt,
    });
    return [fromApi(at.field, TRUST, at.observedAt, fact, [entity('file', path), hostOf(at)])];
  });
  return [...processes, ...files];
}

/** A log-in as a call of the machine's own log-in service: who, from where, and whether it was let in. */
export function loginDraft(login: UserLogin, at: At): EvidenceDraft[] {
  const when = timeOf(login.activityTime, at);
  if (login.username === '' || when === undefined) return [];
  const from = login.sourceIpAddr || login.sourceIp;
  const succeeded = !/fail|bad|denied|reject/i.test(login.activityType);
  const fact = present({
    kind: 'api-call' as const,
    operation: succeeded ? 'log-in' : 'failed log-in',
    service: at.machine.hostname ?? `machine ${at.machine.mid}`,
    principal: login.username,
    sourceIp: isIP(from) === 0 ? undefined : from,
    succeeded,
    at: when,
  });
  const refs: (EntityRef | undefined)[] = [
    entity('principal', login.username),
    entity('ip', fact.sourceIp),
    hostOf(at),
  ];
  return [fromApi(at.field, TRUST, at.observedAt, fact, refs)];
}

export function changedFileDraft(file: ChangedFile, at: At): EvidenceDraft[] {
  const path = file.filePath || file.path;
  const when = timeOf(file.activityTime || file.mtime || file.startTime, at);
  if (path === '' || when === undefined) return [];
  const fact = present({ kind: 'file-written' as const, path, user: file.username || undefined, at: when });
  return [fromApi(at.field, TRUST, at.observedAt, fact, [entity('file', path), hostOf(at)])];
}

/** Only connections to an address outside are worth a fact; the vendor sums them up, the port is the other side's. */
export function connectionDraft(connection: Connection, at: At): EvidenceDraft[] {
  const { srcEntityId: source, dstEntityId: destination } = connection;
  const ip = destination.ip_addr || destination.ipAddr;
  const port = integerOf(destination.port || connection.dstPort);
  const when = timeOf(connection.startTime, at);
  if (isIP(ip) === 0 || port === undefined || port < 1 || port > 65_535 || when === undefined) return [];
  const from = source.ip_addr || source.ipAddr;
  const fact = present({
    kind: 'connection' as const,
    direction: 'outbound' as const,
    sourceIp: isIP(from) === 0 ? undefined : from,
    destinationIp: ip,
    destinationPort: port,
    at: when,
  });
  return [fromApi(at.field, TRUST, at.observedAt, fact, [entity('ip', ip), hostOf(at)])];
}

export function lookUpDraft(lookUp: DnsLookup, at: At): EvidenceDraft[] {
  const when = timeOf(lookUp.startTime || lookUp.createdTime, at);
  if (lookUp.fqdn === '' || when === undefined) return [];
  const fact = { kind: 'dns-query' as const, domain: lookUp.fqdn, at: when };
  return [fromApi(at.field, TRUST, at.observedAt, fact, [entity('domain', lookUp.fqdn), hostOf(at)])];
}

function pidOf(text: string): number | undefined {
  const pid = integerOf(text);
  return pid !== undefined && pid >= 0 && pid < 2 ** 31 ? pid : undefined;
}

function timeOf(text: string, { observedAt }: At): string | undefined {
  return isoTimeOf(text, Date.parse(observedAt));
}

function hostOf({ machine }: At): EntityRef | undefined {
  return hostEntity(machine.hostname);
}
