import * as z from 'zod';
import { auditSchema, incidentSchema, type RuntimeAudit } from './records.ts';

/** Lists of the API that hold what the webhook also sends. */
export const POLLED_LISTS = [
  { record: 'incident', path: 'audits/incidents' },
  { record: 'container-audit', path: 'audits/runtime/container' },
  { record: 'host-audit', path: 'audits/runtime/host' },
] as const;
type RecordKind = (typeof POLLED_LISTS)[number]['record'];

/** The body of a polled alert: the record as the console has it, and which list it is from, which the record does not say. */
export function writePolled(record: RecordKind, data: unknown): string {
  return JSON.stringify({ polled: record, data });
}

const text = z.string().catch('');
const place = z.object({
  fqdn: text,
  region: text,
  provider: text,
  accountID: text,
  labels: z.unknown().optional(),
  collections: z.unknown().optional(),
  function: text,
  appID: text,
  runtime: text,
});
const bodySchema = z.object({
  polled: z.enum(['incident', 'container-audit', 'host-audit']),
  data: z.record(z.string(), z.unknown()),
});

/**
 * A polled record as the webhook would have sent it, so that one reading serves both and the same event gets the same key
 * (an incident by its id; an audit by container or host, rule, category, message and second). Undefined when it is no
 * polled record.
 */
export function asWebhookBody(body: unknown): Record<string, unknown> | undefined {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { polled, data } = parsed.data;
  return polled === 'incident' ? ofIncident(data) : ofAudit(polled, data);
}

function ofIncident(data: Record<string, unknown>): Record<string, unknown> {
  const incident = incidentSchema.parse(data);
  const [first] = incident.audits;
  return {
    ...placeOf(data),
    ...(first === undefined ? {} : activityOf(first)),
    type: 'incident',
    time: incident.time,
    incidentId: incident._id,
    category: incident.category,
    container: incident.containerName,
    containerID: incident.containerID,
    image: incident.imageName,
    imageID: incident.imageID,
    host: incident.hostname,
    clusters: listOf(incident.cluster),
    namespaces: listOf(incident.namespace),
  };
}

function ofAudit(polled: 'container-audit' | 'host-audit', data: Record<string, unknown>): Record<string, unknown> {
  const audit = auditSchema.parse(data);
  const ofContainer = polled === 'container-audit';
  return {
    ...placeOf(data),
    ...activityOf(audit),
    type: ofContainer ? 'containerRuntime' : 'hostRuntime',
    time: audit.time,
    category: audit.attackType,
    severity: audit.severity,
    host: audit.hostname,
    ...(ofContainer
      ? {
          container: audit.containerName,
          containerID: audit.containerId,
          image: audit.imageName,
          imageID: audit.imageId,
          clusters: listOf(audit.cluster),
          namespaces: listOf(audit.namespace),
        }
      : {}),
  };
}

function activityOf(audit: RuntimeAudit): Record<string, unknown> {
  return { rule: audit.ruleName, message: audit.msg, command: audit.command, user: audit.user };
}

function placeOf(data: Record<string, unknown>): Record<string, unknown> {
  const { accountID, ...rest } = place.parse(data);
  return { ...rest, accountIDs: listOf(accountID) };
}

function listOf(value: string | undefined): string[] {
  return value === undefined || value === '' ? [] : [value];
}
