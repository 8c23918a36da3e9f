import { isIP } from 'node:net';
import type { Normalization } from '../../../domain/ocsf/detection-finding.ts';
import { present, some } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Severity } from '../../../domain/severity.ts';
import type { Workload } from '../../../domain/workload.ts';
import type { DeliveryContext } from '../delivery.ts';
import type { SeenApiCall } from '../detection/detection.ts';
import { findingOf } from '../detection/finding.ts';
import { isPlausible, parseEventTime } from '../detection/time.ts';
import type { Fields } from './fields.ts';
import { CUT_MARKER, deduplicationKeyOf } from './identity.ts';
import { priorityOf, severityOf, UNKNOWN_PRIORITY_SEVERITY } from './priority.ts';
import { processesOf } from './process.ts';
import type { FalcoEvent } from './schema.ts';
import { connectionOf, fileOf } from './socket.ts';
import { readTags, type TagReading } from './tags.ts';
import { isInContainer, workloadOf } from './workload.ts';

/** One event of a rule as a finding. */
export function eventFinding(
  event: FalcoEvent,
  fields: Fields,
  delivery: DeliveryContext,
  enveloped: boolean,
): Normalization {
  const where = workloadOf(event, fields);
  if (where === undefined) {
    return {
      ok: false,
      reason: 'the event names no container, no pod and no host, so there is nothing to investigate',
    };
  }
  const notes = [...where.notes];
  const tags = readTags(event.tags);
  notes.push(...tags.notes);
  const { workload } = where;
  const inContainer = isInContainer(workload);
  if (event.output.endsWith(CUT_MARKER) || fields.entries().some(([, value]) => value.endsWith(CUT_MARKER))) {
    notes.push('falcosidekick cut the longest texts of this event; command lines may be incomplete');
  }
  const finding = findingOf(
    present({
      source: 'falco' as const,
      product: { name: 'Falco', vendor: 'The Falco Project', feature: event.source || 'syscall' },
      deduplicationKey: deduplicationKeyOf(event, fields),
      vendorId: event.uuid || undefined,
      title: event.rule,
      message: event.output || undefined,
      category: event.rule,
      rule: event.rule,
      severity: readSeverity(event, tags, inContainer, notes),
      time: readTime(event, fields, delivery, notes),
      originalTime: event.time || undefined,
      workload,
      podUid: fields.text('k8s.pod.uid'),
      processes: processesOf(fields, inContainer),
      file: fileOf(fields),
      connection: connectionOf(fields),
      actor: fields.text('ka.user.name'),
      apiCall: apiCallOf(fields),
      attacks: tags.attacks,
      data: dataOf(event, fields),
      unmapped: present({ tags: some(tagTexts(event.tags)), hostname: hostnameOf(event, workload) }),
      readBack: readBackOf(event, delivery, enveloped),
    }),
    delivery,
  );
  return { ok: true, findings: [finding], notes };
}

function readSeverity(event: FalcoEvent, tags: TagReading, inContainer: boolean, notes: string[]): Severity {
  const priority = priorityOf(event.priority);
  if (priority !== undefined) return severityOf(priority, { tactics: tags.tactics, inContainer });
  const shown = JSON.stringify(event.priority.slice(0, 80));
  notes.push(`priority ${shown} is not known here; severity ${UNKNOWN_PRIORITY_SEVERITY} stands in`);
  return UNKNOWN_PRIORITY_SEVERITY;
}

/** Falco's time, or the time of receipt with a note: a wrong clock must not push an alert out of its window. */
function readTime(event: FalcoEvent, fields: Fields, delivery: DeliveryContext, notes: string[]): number {
  const receivedAt = Date.parse(delivery.receivedAt);
  const texts = [event.time, fields.text('evt.time.iso8601') ?? ''];
  for (const text of texts) {
    const read = parseEventTime(text, receivedAt);
    if (read !== undefined) return read;
  }
  const nanoseconds = Number(fields.text('evt.rawtime', 'evt.time') ?? Number.NaN);
  const read = Math.floor(nanoseconds / 1e6);
  if (isPlausible(read, receivedAt)) return read;
  notes.push(
    event.time === ''
      ? 'no time was sent; the time of receipt stands in'
      : `the time ${JSON.stringify(capped(event.time, 64))} is not usable; the time of receipt stands in`,
  );
  return receivedAt;
}

/** Fields that tell what happened and for which OCSF has no attribute. */
const DATA = [
  'evt.type',
  'evt.res',
  'evt.arg.flags',
  'user.loginuid',
  'user.loginname',
  'proc.cwd',
  'proc.tty',
  'container.mounts',
  'ka.verb',
  'ka.uri',
  'ka.uri.param[command]',
  'ka.target.resource',
  'ka.target.subresource',
  'ka.target.name',
  'ka.target.namespace',
  'ka.user.groups',
  'ka.sourceips',
  'ka.response.code',
] as const;

function dataOf(event: FalcoEvent, fields: Fields): Record<string, string> {
  const told = DATA.flatMap((name) => {
    const value = fields.text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { rule: event.rule, priority: event.priority, ...Object.fromEntries(told) };
}

/** A call that a Kubernetes audit event tells of. */
function apiCallOf(fields: Fields): SeenApiCall | undefined {
  const resource = fields.text('ka.target.resource');
  if (resource === undefined) return undefined;
  const subresource = fields.text('ka.target.subresource');
  const command = fields.text('ka.uri.param[command]');
  const verb = fields.text('ka.verb');
  const status = fields.count('ka.response.code');
  const sourceIp = fields.text('ka.sourceips')?.split(',')[0]?.trim() ?? '';
  return present({
    operation: capped(
      `${verb === undefined ? '' : `${verb} `}${resource}${subresource === undefined ? '' : `/${subresource}`}${command === undefined ? '' : ` (${command})`}`,
      SHORT_TEXT_CAP,
    ),
    service: 'kubernetes',
    sourceIp: isIP(sourceIp) === 0 ? undefined : sourceIp,
    succeeded: status === undefined ? undefined : status < 400,
  });
}

/** Where the event was made, if that is not where it happened. */
function hostnameOf({ hostname }: FalcoEvent, workload: Workload): string | undefined {
  const named = 'host' in workload ? workload.host : undefined;
  return hostname === '' || hostname === named ? undefined : capped(hostname, SHORT_TEXT_CAP);
}

function tagTexts(tags: readonly unknown[]): string[] {
  return tags.flatMap((tag) => (typeof tag === 'string' ? [capped(tag, SHORT_TEXT_CAP)] : [])).slice(0, 100);
}

/**
 * Nobody can be asked about an event of Falco: what counts is how it came (docs/decisions/0008). `collect` takes the envelope off
 * what a permitted topic sent; one that is still on was refused there, and a replay from quarantine must not confirm it.
 */
function readBackOf(event: FalcoEvent, { channel }: DeliveryContext, enveloped: boolean): Record<string, string> {
  const vouched = channel === 'queue' && enveloped ? 'queue-envelope' : channel;
  return { channel: vouched, ...(event.uuid === '' ? {} : { uuid: capped(event.uuid, 128) }) };
}
