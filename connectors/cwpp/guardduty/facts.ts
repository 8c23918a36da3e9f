import { isIP } from 'node:net';
import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import type { NormalizedFinding, OcsfProcess } from '../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../domain/ocsf/present.ts';
import { containerEntity, entity, imageEntity, processEntity, workloadEntities } from '../aws/entities.ts';
import { fromApi } from '../draft.ts';
import { dataSchema } from './data.ts';
import type { Evidence } from './evidences.ts';

/** Names, paths, users and addresses are what the workload did and could have chosen, whoever reports them. */
const TRUST = 'attacker_influenced';

/** Where a finding was read, and when: `GetFindings [0]`, or the event AWS sent. */
export interface Reading {
  readonly field: string;
  readonly observedAt: string;
}

/** Processes with what started them. Part `runtime-activity`. */
export function activityDrafts(found: NormalizedFinding, at: Reading): EvidenceDraft[] {
  return (found.finding.evidences ?? []).flatMap((evidence, index) =>
    evidence.process ? chainOf(found, evidence.process, `${at.field}.evidences[${index}]`, at.observedAt) : [],
  );
}

/** What starts containers stands outside of them. */
const CONTAINER_RUNTIME = /(?:^|\/)(?:containerd-shim[\w.-]*|runc|conmon|dockerd|containerd|crio)$/;

function chainOf(found: NormalizedFinding, process: OcsfProcess, field: string, observedAt: string): EvidenceDraft[] {
  const { workload } = found;
  const container = 'containerId' in workload ? workload.containerId : undefined;
  const name = 'container' in workload ? workload.container : undefined;
  const where = container ?? ('host' in workload ? workload.host : undefined);
  const drafts: EvidenceDraft[] = [];
  let inside = true;
  for (let one: OcsfProcess | undefined = process; one !== undefined; one = one.parent_process) {
    const path = one.path ?? one.name;
    if (path === undefined) continue;
    inside &&= !CONTAINER_RUNTIME.test(path);
    const fact = present({
      kind: 'process' as const,
      pid: one.pid,
      parentPid: one.parent_process?.pid,
      path,
      user: one.user?.name ?? (one.user?.uid === '0' ? 'root' : one.user?.uid),
      startedAt: one.created_time === undefined ? undefined : new Date(one.created_time).toISOString(),
    });
    drafts.push(
      fromApi(`${field}.process`, TRUST, observedAt, fact, [
        processEntity(where, one.pid, path),
        entity('file', path.startsWith('/') ? path : undefined),
        inside ? containerEntity(container, name) : undefined,
      ]),
    );
  }
  return drafts;
}

/** Connections, name look-ups, calls of an API and what GuardDuty's lists know of the other side. Part `network`. */
export function networkDrafts(found: NormalizedFinding, at: Reading): EvidenceDraft[] {
  const seen = new Date(found.finding.time).toISOString();
  const subject = workloadEntities(found.workload);
  return (found.finding.evidences ?? []).flatMap((evidence, index) => {
    const field = `${at.field}.evidences[${index}]`;
    return [
      ...connectionOf(evidence, seen).map(({ fact, ip }) =>
        fromApi(field, TRUST, at.observedAt, fact, [entity('ip', ip), ...subject]),
      ),
      ...(evidence.query
        ? [
            fromApi(field, TRUST, at.observedAt, { kind: 'dns-query', domain: evidence.query.hostname, at: seen }, [
              entity('domain', evidence.query.hostname),
              ...subject,
            ]),
          ]
        : []),
      ...callOf(evidence, seen).map((fact) => fromApi(field, TRUST, at.observedAt, fact, subject)),
      ...keyOf(evidence).map((fact) =>
        // Only GuardDuty's own record may name a key that something is done to.
        fromApi(field, at.field.startsWith('GetFindings') ? 'vendor' : TRUST, at.observedAt, fact, [
          entity('secret', fact.accessKeyId, `access key ${fact.accessKeyId} of ${fact.user}`),
          ...subject,
        ]),
      ),
      ...knownOf(evidence, at.observedAt).map((fact) =>
        fromApi(field, 'vendor', at.observedAt, fact, [
          entity(fact.indicatorKind === 'ip' ? 'ip' : 'domain', fact.indicator),
        ]),
      ),
    ];
  });
}

function connectionOf({ src_endpoint: from, dst_endpoint: to, connection_info: info }: Evidence, at: string) {
  const inbound = info?.direction_id === 1;
  if (to?.ip === undefined || to.port === undefined || isIP(to.ip) === 0) return [];
  const fact = present({
    kind: 'connection' as const,
    direction: inbound ? ('inbound' as const) : ('outbound' as const),
    sourceIp: from?.ip,
    destinationIp: to.ip,
    destinationPort: to.port,
    at,
  });
  return [{ fact, ip: inbound ? from?.ip : to.ip }];
}

function callOf({ data }: Evidence, at: string) {
  const call = dataSchema.safeParse(data ?? {}).data?.call;
  return call ? [present({ kind: 'api-call' as const, ...call, at })] : [];
}

function keyOf({ data }: Evidence) {
  const key = dataSchema.safeParse(data ?? {}).data?.key;
  if (key === undefined) return [];
  const { id: accessKeyId, user, account } = key;
  return [{ kind: 'access-key' as const, accessKeyId, user, account, basis: 'the key the calls were signed with' }];
}

/** GuardDuty names the list that holds the other side; how sure the list is, it does not say. */
function knownOf(evidence: Evidence, checkedAt: string) {
  const lists = dataSchema.safeParse(evidence.data ?? {}).data?.threatLists ?? [];
  const remote = evidence.connection_info?.direction_id === 1 ? evidence.src_endpoint?.ip : evidence.dst_endpoint?.ip;
  const indicator = evidence.query?.hostname ?? remote;
  if (lists.length === 0 || indicator === undefined) return [];
  return [
    {
      kind: 'threat-intel' as const,
      indicator,
      indicatorKind: evidence.query ? ('domain' as const) : ('ip' as const),
      answers: lists.map(({ list, names }) => ({
        source: `GuardDuty list ${list}`,
        verdict: 'malicious' as const,
        detail: names.length > 0 ? names.join(', ') : 'listed without a name',
        checkedAt,
      })),
    },
  ];
}

/** The container in question, as GuardDuty describes it. */
export function containerDrafts({ workload }: NormalizedFinding, at: Reading): EvidenceDraft[] {
  if (workload.kind !== 'pod' && workload.kind !== 'container') return [];
  const { container, containerId, image, imageDigest } = workload;
  if (!containerId || !image) return [];
  const fact = present({
    kind: 'container' as const,
    name: container ?? containerId.slice(0, 12),
    containerId,
    image,
    imageDigest,
    listeningPorts: [],
  });
  return [
    fromApi(at.field, 'vendor', at.observedAt, fact, [
      containerEntity(containerId, container),
      imageEntity(imageDigest, image),
    ]),
  ];
}
