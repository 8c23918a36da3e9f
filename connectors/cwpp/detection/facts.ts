import * as z from 'zod';
import type { Fact } from '../../../domain/evidence/fact.ts';
import type { EntityRef, EvidenceDraft } from '../../../domain/evidence/pack.ts';
import { techniqueIdsOf } from '../../../domain/ocsf/attacks.ts';
import type { DetectionFinding, NormalizedFinding, OcsfProcess } from '../../../domain/ocsf/detection-finding.ts';
import { effectOf } from '../../../domain/ocsf/effect.ts';
import { present } from '../../../domain/ocsf/present.ts';
import { worstFirst } from '../alert-drafts.ts';
import { entity, placeOf, subjectsOf } from './entities.ts';
import { API_CALL, FILE_ACCESS, INTERACTIVE } from './evidences.ts';

/** Alerts and processes of one incident shown one by one; the worst and oldest first. */
const MAX_SHOWN = 50;

type Evidence = NonNullable<DetectionFinding['evidences']>[number];

/**
 * What the events themselves tell. Nobody but the sensor said so, and every value may have been chosen by what it
 * watched: all of it is attacker-influenced.
 */
function fromEvent(
  found: NormalizedFinding,
  observedAt: string,
  fact: Fact,
  entities: readonly EntityRef[],
): EvidenceDraft {
  const field = `finding ${found.finding.finding_info.uid}`;
  return { source: 'alert', field, trust: 'attacker_influenced', observedAt, fact, entities: [...entities] };
}

export function alertDrafts(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  return [...shown(findings).map((found) => alertDraft(found, observedAt)), ...leftOut(findings, observedAt)];
}

/** Processes with their ancestors, files that were written, and calls of an API. */
export function activityDrafts(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  return shown(findings).flatMap((found) =>
    (found.finding.evidences ?? []).flatMap((evidence) => [
      ...processDrafts(found, evidence, observedAt),
      ...fileDrafts(found, evidence, observedAt),
      ...apiCallDrafts(found, evidence, observedAt),
    ]),
  );
}

/** Connections, and names that were looked up. */
export function networkDrafts(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  return shown(findings).flatMap((found) =>
    (found.finding.evidences ?? []).flatMap((evidence) => [
      ...connectionDrafts(found, evidence, observedAt),
      ...queryDrafts(found, evidence, observedAt),
    ]),
  );
}

function shown(findings: readonly NormalizedFinding[]): readonly NormalizedFinding[] {
  return worstFirst(findings).slice(0, MAX_SHOWN);
}

function leftOut(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  const rest = findings.length - MAX_SHOWN;
  if (rest <= 0) return [];
  const missing = `${rest} further alerts of this incident`;
  const fact: Fact = { kind: 'gap', missing, reason: 'only the worst are shown one by one' };
  return [{ source: 'alert', field: 'findings', trust: 'own', observedAt, fact, entities: [] }];
}

function alertDraft(found: NormalizedFinding, observedAt: string): EvidenceDraft {
  const { finding, severity } = found;
  const { finding_info: info, metadata } = finding;
  const title = info.title ?? metadata.event_code ?? 'alert';
  const fact = present({
    kind: 'alert' as const,
    findingUid: info.uid,
    title,
    category: info.types?.[0] ?? 'unknown',
    rule: info.analytic?.name,
    message: finding.message ?? title,
    severity,
    occurredAt: timeOf(found),
    techniques: techniqueIdsOf(finding),
    effect: effectOf(finding),
  });
  return fromEvent(found, observedAt, fact, subjectsOf(found));
}

function processDrafts(found: NormalizedFinding, evidence: Evidence, observedAt: string): EvidenceDraft[] {
  const interactive = evidence.data?.[INTERACTIVE] === true;
  return lineageOf(evidence.process).flatMap((process, level) => {
    const path = process.path ?? process.name;
    if (path === undefined) return [];
    const parent = process.parent_process;
    const linked = process.pid !== undefined && parent?.pid !== undefined;
    const fact = present({
      kind: 'process' as const,
      pid: process.pid,
      parentPid: linked ? parent?.pid : undefined,
      parentPath: linked ? undefined : (parent?.path ?? parent?.name),
      path,
      commandLine: process.cmd_line,
      user: process.user?.name,
      // The event tells when the process did something, not when it started.
      interactive: level === 0 && interactive ? true : undefined,
    });
    const place = placeOf(found.workload);
    const where = place[0]?.canonical;
    const itself =
      where === undefined || process.pid === undefined
        ? []
        : entity('process', `${where}#${process.pid}`, `${process.pid} ${path}`);
    const file = path.startsWith('/') ? entity('file', path) : [];
    return [fromEvent(found, observedAt, fact, [...itself, ...file, ...place])];
  });
}

function lineageOf(process: OcsfProcess | undefined): OcsfProcess[] {
  const lineage: OcsfProcess[] = [];
  for (let current = process; current !== undefined; current = current.parent_process) lineage.push(current);
  return lineage;
}

/** There is no fact for reading: what a process read stands in its command line and in the alert's own words. */
function fileDrafts(found: NormalizedFinding, evidence: Evidence, observedAt: string): EvidenceDraft[] {
  const path = evidence.file?.path;
  if (path === undefined || evidence.data?.[FILE_ACCESS] !== 'written') return [];
  const fact = present({
    kind: 'file-written' as const,
    path,
    byPid: evidence.process?.pid,
    user: evidence.process?.user?.name,
    at: timeOf(found),
  });
  return [fromEvent(found, observedAt, fact, [...entity('file', path), ...placeOf(found.workload)])];
}

function connectionDrafts(found: NormalizedFinding, evidence: Evidence, observedAt: string): EvidenceDraft[] {
  const { dst_endpoint: to, src_endpoint: from, connection_info: info } = evidence;
  if (to?.ip === undefined || to.port === undefined) return [];
  const inbound = info?.direction_id === 1;
  const fact = present({
    kind: 'connection' as const,
    direction: inbound ? ('inbound' as const) : ('outbound' as const),
    sourceIp: from?.ip,
    destinationIp: to.ip,
    destinationPort: to.port,
    at: timeOf(found),
  });
  const peer = entity('ip', inbound ? from?.ip : to.ip);
  return [fromEvent(found, observedAt, fact, [...peer, ...placeOf(found.workload)])];
}

function queryDrafts(found: NormalizedFinding, evidence: Evidence, observedAt: string): EvidenceDraft[] {
  const domain = evidence.query?.hostname;
  if (domain === undefined) return [];
  const fact: Fact = { kind: 'dns-query', domain, at: timeOf(found) };
  return [fromEvent(found, observedAt, fact, [...entity('domain', domain), ...placeOf(found.workload)])];
}

const apiCallSchema = z.object({
  operation: z.string(),
  service: z.string(),
  sourceIp: z.string().optional(),
  succeeded: z.boolean().optional(),
});

function apiCallDrafts(found: NormalizedFinding, evidence: Evidence, observedAt: string): EvidenceDraft[] {
  const call = apiCallSchema.safeParse(evidence.data?.[API_CALL]);
  if (!call.success) return [];
  const principal = found.finding.actor?.user?.name;
  const fact = present({ kind: 'api-call' as const, ...call.data, principal, at: timeOf(found) });
  return [fromEvent(found, observedAt, fact, [...subjectsOf(found), ...entity('ip', call.data.sourceIp)])];
}

function timeOf({ finding }: NormalizedFinding): string {
  return new Date(finding.time).toISOString();
}
