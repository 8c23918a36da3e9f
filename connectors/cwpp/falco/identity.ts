import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { Fields } from './fields.ts';
import type { FalcoEvent } from './schema.ts';

/** Falcosidekick cuts texts longer than 512 to 507 and a marker in events above 4 KB: both spellings must be one event. */
const CUT_ABOVE = 512;
const KEPT = 507;
export const CUT_MARKER = '[...]';

/**
 * Equal for the same event in whatever key order, spelling of its fields, channel or number of deliveries: rule, time in
 * nanoseconds, host and the digest of the fields. Not the `uuid`: falcosidekick draws a new one each time it receives the
 * event, so that a resend by Falco, or a second sidekick, would open a second finding.
 */
export function deduplicationKeyOf(event: FalcoEvent, fields: Fields): string {
  const told = fields
    .entries()
    // As numbers they lose their last digits in JSON, and the event's own time says the same.
    .filter(([name, value]) => value !== '' && !/^evt\.(?:raw)?time(?:\.|$)/.test(name))
    .map(([name, value]) => [name, shortened(value)]);
  const time = event.time.trim() || (fields.text('evt.time.iso8601', 'evt.time') ?? '');
  // With nothing else to tell events apart, the line Falco wrote does.
  const line = told.length === 0 ? shortened(event.output) : '';
  // Lists of texts: JSON writes them in one way only.
  const parts = [event.rule.trim(), time, event.hostname.trim(), told, line];
  return `falco/${sha256Hex(JSON.stringify(parts))}`;
}

function shortened(text: string): string {
  return text.length > CUT_ABOVE ? text.slice(0, KEPT) + CUT_MARKER : text;
}
