import type { Normalization, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { capped } from '../../../domain/ocsf/text.ts';
import { type AwsEvent, eventIn, isRecord, lowerCamelKeys, parseBody } from '../aws/body.ts';
import type { DeliveryContext } from '../aws/context.ts';
import { readFinding } from './finding.ts';
import { findingSchema, type GuardDutyFinding } from './schema.ts';

const SOURCE = 'aws.guardduty';
const FINDING = 'GuardDuty Finding';
/** GetFindings answers with at most this many. */
const MAX_RECORDS = 50;
const MAX_NOTES = 50;

/**
 * A GuardDuty delivery as findings: a whole EventBridge event, a finding as GetFindings answers it (either casing), or
 * such an answer as a whole. Pure; never throws.
 */
export function normalize(received: unknown, delivery: DeliveryContext): Normalization {
  const body = parseBody(received);
  if (Array.isArray(body)) return readRecords(body, delivery);
  if (!isRecord(body)) return refused('the body must be JSON: an EventBridge event or a finding of the GuardDuty API');
  const event = eventIn(body);
  if (event !== undefined) return readEvent(event, delivery);
  const listed = body['findings'] ?? body['Findings'];
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
  // Sensor health and malware scans: AWS's word, kept with the raw alert, and no finding about a workload.
  return {
    ok: true,
    findings: [],
    notes: [`${JSON.stringify(capped(kind, 120))} is no finding and opens no incident`],
  };
}

function readRecords(records: readonly unknown[], delivery: DeliveryContext, event?: AwsEvent): Normalization {
  if (records.length === 0) return refused('the answer of GuardDuty holds no finding');
  if (records.length > MAX_RECORDS) {
    return refused(`${records.length} findings in one delivery; GetFindings answers with at most ${MAX_RECORDS}`);
  }
  const findings: NormalizedFinding[] = [];
  const notes = new Set<string>();
  for (const [index, record] of records.entries()) {
    const finding = parseRecord(record);
    if (finding === undefined) return refused(located(index, 'the finding is no JSON object'));
    if (isSample(finding)) {
      notes.add(
        `a test delivery: GuardDuty marks the finding ${capped(finding.type ?? 'without type', 120)} as a sample`,
      );
      continue;
    }
    const reading = readFinding(finding, event, delivery);
    if (!reading.ok) return refused(located(index, reading.reason));
    findings.push(reading.finding);
    for (const note of reading.notes) notes.add(note);
  }
  return { ok: true, findings, notes: [...notes].slice(0, MAX_NOTES) };
}

function located(index: number, reason: string): string {
  return index === 0 ? reason : `finding ${index + 1}: ${reason}`;
}

/** A record of GuardDuty in either casing; undefined when it is no object. */
export function parseRecord(record: unknown): GuardDutyFinding | undefined {
  if (!isRecord(record)) return undefined;
  // The wire's own casing needs no work, and it is what nearly all findings come in.
  const plain = Object.keys(record).some((key) => /^[A-Z]/.test(key)) ? lowerCamelKeys(record) : record;
  const parsed = findingSchema.safeParse(plain);
  return parsed.success ? parsed.data : undefined;
}

/**
 * Only GuardDuty's own mark makes a test delivery. Placeholder names (`GeneratedFinding…`) do not: whoever names a pod could
 * choose one and be overlooked.
 */
export function isSample({ service }: GuardDutyFinding): boolean {
  const info = service?.additionalInfo;
  if (info?.sample === true) return true;
  const said = parseBody(info?.value ?? '');
  return isRecord(said) && said['sample'] === true;
}
