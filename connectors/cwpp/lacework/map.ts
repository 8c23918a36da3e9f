import type { Normalization, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { capped } from '../../../domain/ocsf/text.ts';
import { type LaceworkAlert, readAlerts } from './alert.ts';
import type { DeliveryContext } from './context.ts';
import { findingOf } from './finding.ts';
import { isAlertId } from './identity.ts';
import { parseJsonText } from './json-text.ts';

/** Notes beyond this are counted, not listed. */
const MAX_NOTES = 50;

/**
 * A Lacework alert (its text, or the parsed value) as one finding: the custom webhook, the EventBridge event, or what a
 * poll read from the API. The same alert has the same key in all three. Pure; never throws for any value.
 */
export function normalize(received: unknown, delivery: DeliveryContext): Normalization {
  const body = typeof received === 'string' ? parseJsonText(received) : received;
  const reading = readAlerts(body);
  if (!reading.ok) return reading;
  const findings: NormalizedFinding[] = [];
  const notes = new Set<string>();
  for (const alert of reading.alerts) {
    if (isTestEvent(alert)) {
      notes.add('a test delivery of the alert channel: it names no alert');
      continue;
    }
    if (!isAlertId(alert.id)) {
      return {
        ok: false,
        reason: `the alert id ${JSON.stringify(capped(alert.id, 80))} is missing or no id of an alert; without it nothing can be read back`,
      };
    }
    if (alert.form === 'api' && /^closed$/i.test(alert.status)) {
      notes.add(`alert ${alert.id} is closed at the vendor, which is final; nothing is opened for it`);
      continue;
    }
    const read = findingOf(alert, delivery);
    findings.push(read.finding);
    for (const note of read.notes) notes.add(note);
    if (alert.tenant === '') notes.add('the alert does not say which Lacework account it is of');
  }
  return { ok: true, findings, notes: shortened([...notes]) };
}

/** The channel's own test says so and has number 0, which no alert has: neither alone could hide a real one. */
function isTestEvent({ form, id, type, category }: LaceworkAlert): boolean {
  const named = [type, category].some((text) => /^test ?event$/i.test(text));
  return form !== 'api' && named && (id === '' || /^0+$/.test(id));
}

function shortened(notes: readonly string[]): string[] {
  if (notes.length <= MAX_NOTES) return [...notes];
  return [...notes.slice(0, MAX_NOTES), `and ${notes.length - MAX_NOTES} more notes`];
}
