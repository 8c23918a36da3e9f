import type { Normalization, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import type { DeliveryContext } from '../delivery.ts';
import { unwrap } from './body.ts';
import { eventFinding } from './event.ts';
import { Fields } from './fields.ts';
import { eventSchema, type FalcoEvent } from './schema.ts';

/** Notes beyond this are counted, not listed. */
const MAX_NOTES = 50;

/**
 * What falcosidekick (or Falco itself) sent, as text or parsed, with or without the envelope of SNS: one finding per
 * event. Pure; never throws for any JSON value.
 */
export function normalize(received: unknown, delivery: DeliveryContext): Normalization {
  const body = unwrap(received);
  if (!body.ok) return body;
  const findings: NormalizedFinding[] = [];
  const notes = new Set<string>();
  for (const [index, value] of body.events.entries()) {
    const reading = readEvent(value, delivery, body.enveloped);
    if (!reading.ok) {
      return { ok: false, reason: body.events.length === 1 ? reading.reason : `event ${index + 1}: ${reading.reason}` };
    }
    for (const finding of reading.findings) findings.push(finding);
    for (const note of reading.notes) notes.add(note);
  }
  return { ok: true, findings, notes: shortened([...notes]) };
}

function readEvent(value: unknown, delivery: DeliveryContext, enveloped: boolean): Normalization {
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) return { ok: false, reason: 'a Falco event must be a JSON object (json_output: true)' };
  const event = parsed.data;
  if (event.rule.trim() === '') return { ok: false, reason: 'the event names no rule, so it is not one of Falco' };
  const fields = new Fields(event.output_fields);
  if (isTest(event)) return nothing('a test delivery of falcosidekick');
  if (isInternal(event)) return nothing(internalNote(event, fields));
  return eventFinding(event, fields, delivery, enveloped);
}

function nothing(note: string): Normalization {
  return { ok: true, findings: [], notes: [note] };
}

/** Falcosidekick's own test, by both of its marks: a rule of that name that says something else is an alert. */
function isTest({ rule, output }: FalcoEvent): boolean {
  return rule === 'Test rule' && output.startsWith('This is a test from falcosidekick');
}

/** Falco about itself. Its rules cannot be named so by a workload: names come from the rules file and Falco's code. */
function isInternal({ rule, source }: FalcoEvent): boolean {
  return rule.startsWith('Falco internal:') || source === 'internal';
}

function internalNote(event: FalcoEvent, fields: Fields): string {
  const host = JSON.stringify(event.hostname.slice(0, 80));
  if (/drop/i.test(event.rule)) {
    const drops = fields.text('n_drops') ?? 'an unknown number of';
    return `sensor health: Falco on ${host} lost ${drops.slice(0, 20)} system calls, so it was blind for a moment; no finding`;
  }
  return `sensor health: Falco on ${host} reported about itself (${JSON.stringify(event.rule.slice(0, 80))}); no finding`;
}

function shortened(notes: readonly string[]): string[] {
  if (notes.length <= MAX_NOTES) return [...notes];
  return [...notes.slice(0, MAX_NOTES), `and ${notes.length - MAX_NOTES} more notes`];
}
