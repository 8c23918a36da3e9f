import type { Normalization, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { capped } from '../../../domain/ocsf/text.ts';
import { type AwsEvent, eventIn, isRecord, parseBody } from '../aws/body.ts';
import type { DeliveryContext } from '../aws/context.ts';
import { isExploitable, readFinding } from './finding.ts';
import { findingSchema, type InspectorFinding } from './schema.ts';

const SOURCE = 'aws.inspector2';
const FINDING = 'Inspector2 Finding';
/** ListFindings answers with at most this many. */
const MAX_RECORDS = 100;
const MAX_NOTES = 50;

/**
 * An Inspector delivery as findings: a whole EventBridge event, a finding as ListFindings answers it, or such an answer as a
 * whole. Pure; never throws.
 */
export function normalize(received: unknown, delivery: DeliveryContext): Normalization {
  const body = parseBody(received);
  if (Array.isArray(body)) return readRecords(body, delivery);
  if (!isRecord(body)) return refused('the body must be JSON: an EventBridge event or a finding of the Inspector API');
  const event = eventIn(body);
  if (event !== undefined) return readEvent(event, delivery);
  const listed = body['findings'];
  return readRecords(Array.isArray(listed) ? listed : [body], delivery);
}

function refused(reason: string): Normalization {
  return { ok: false, reason };
}

function readEvent(event: AwsEvent, delivery: DeliveryContext): Normalization {
  if (event.source !== SOURCE) {
    return refused(`the event is from ${JSON.stringify(capped(event.source, 80))}, and only ${SOURCE} is read here`);
  }
  const kind = event['detail-type'];
  if (kind === FINDING) return readRecords([event.detail], delivery, event);
  // Scans and coverage: counts of what is found, kept with the raw alert.
  return {
    ok: true,
    findings: [],
    notes: [`${JSON.stringify(capped(kind, 120))} is no finding and opens no incident`],
  };
}

function readRecords(records: readonly unknown[], delivery: DeliveryContext, event?: AwsEvent): Normalization {
  if (records.length === 0) return refused('the answer of Inspector holds no finding');
  if (records.length > MAX_RECORDS) {
    return refused(`${records.length} findings in one delivery; ListFindings answers with at most ${MAX_RECORDS}`);
  }
  const findings: NormalizedFinding[] = [];
  const notes = new Set<string>();
  for (const [index, record] of records.entries()) {
    const finding = parseRecord(record);
    if (finding === undefined) return refused(located(index, 'the finding is no JSON object'));
    const reading = readFinding(finding, event, delivery);
    if (!reading.ok) return refused(located(index, reading.reason));
    const why = whyNoIncident(finding);
    if (why !== undefined) notes.add(`${nameOf(finding)}: ${why}`);
    else findings.push(...reading.findings);
    for (const note of reading.notes) notes.add(note);
  }
  return { ok: true, findings, notes: [...notes].slice(0, MAX_NOTES) };
}

/** Ids only: titles hold names of packages, and whoever chooses those must not write our notes. */
function nameOf({ packageVulnerabilityDetails: details, type }: InspectorFinding): string {
  const name = details?.vulnerabilityId ?? type ?? '';
  return /^[A-Za-z0-9_.-]{1,80}$/.test(name) ? name : 'a finding';
}

function located(index: number, reason: string): string {
  return index === 0 ? reason : `finding ${index + 1}: ${reason}`;
}

export function parseRecord(record: unknown): InspectorFinding | undefined {
  if (!isRecord(record)) return undefined;
  const parsed = findingSchema.safeParse(record);
  return parsed.success ? parsed.data : undefined;
}

/**
 * Inspector reports every weakness of every image, so a finding alone opens no incident: it is read back from the API when an
 * incident concerns its image. The exception is what must not wait: critical, with a public exploit, in something that runs.
 * @returns undefined when it opens one
 */
function whyNoIncident(finding: InspectorFinding): string | undefined {
  const status = finding.status?.toUpperCase() ?? 'ACTIVE';
  if (status !== 'ACTIVE') return `its status is ${capped(status, 40)}, so there is nothing to open`;
  const wait = 'it opens no incident by itself and is read when an incident concerns its resource';
  if (finding.severity?.toUpperCase() !== 'CRITICAL') return `it is not critical; ${wait}`;
  if (!isExploitable(finding)) return `no exploit is known; ${wait}`;
  const images = finding.resources.flatMap(({ details }) => details?.awsEcrContainerImage ?? []);
  const unused = images.length === finding.resources.length && images.every(({ inUseCount }) => inUseCount === 0);
  return unused ? `no running container uses the image; ${wait}` : undefined;
}
