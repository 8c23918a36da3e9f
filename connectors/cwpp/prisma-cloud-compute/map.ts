import type { Normalization, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { capped } from '../../../domain/ocsf/text.ts';
import { isVulnerabilityType, readType } from './alert-types.ts';
import { parseBodyText } from './body-text.ts';
import type { DeliveryContext } from './context.ts';
import { eventFinding, type Reading } from './event.ts';
import { explode } from './explode.ts';
import { asWebhookBody } from './polled.ts';
import { sentenceOf, TEMPLATE_SOURCE, type WebhookBody, webhookSchema } from './schema.ts';
import { vulnerabilityFindings } from './vulnerability.ts';

/** Notes beyond this are counted, not listed. */
const MAX_NOTES = 50;

/**
 * A Compute webhook body (its text, or the parsed value) as findings: one per event (an aggregated alert gives one for each of its parts), one per
 * resource for vulnerabilities. Pure; never throws for any JSON value.
 *
 * The body of the console's "Send test alert" is unverified. It is read as our template with every macro empty: that is
 * a delivery without findings (`ok`, with a note). Whatever else it is, it is read as the alert it claims to be or refused like
 * any other, so that nothing that looks like a test can hide an alert.
 */
export function normalize(received: unknown, delivery: DeliveryContext): Normalization {
  const body = bodyOf(received, delivery);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return refusalOf(delivery);
  const parsed = webhookSchema.safeParse(body);
  if (!parsed.success) return { ok: false, reason: sentenceOf(parsed.error, '') };
  if (isTestDelivery(parsed.data)) {
    return { ok: true, findings: [], notes: ['a test delivery: our template with every macro empty'] };
  }
  const exploded = explode(parsed.data);
  if (!exploded.ok) return exploded;
  const findings: NormalizedFinding[] = [];
  const notes = new Set<string>();
  for (const [index, part] of exploded.parts.entries()) {
    const reading = readPart(part, delivery);
    if (!reading.ok) {
      return { ok: false, reason: index === 0 ? reading.reason : `folded alert ${index}: ${reading.reason}` };
    }
    for (const finding of reading.findings) findings.push(finding);
    for (const note of reading.notes) notes.add(note);
  }
  if (findings.length === 0) return { ok: false, reason: 'the alert lists no event and no new vulnerability' };
  return { ok: true, findings, notes: shortened([...notes]) };
}

function bodyOf(received: unknown, { channel }: DeliveryContext): unknown {
  const body = typeof received === 'string' ? parseBodyText(received) : received;
  return channel === 'poll' ? asWebhookBody(body) : body;
}

function refusalOf({ channel }: DeliveryContext): Normalization {
  const reason =
    channel === 'poll'
      ? 'the body is no record that was polled from the console'
      : 'the body must be a JSON object made by the webhook template of the Compute alert profile';
  return { ok: false, reason };
}

function readPart(part: WebhookBody, delivery: DeliveryContext): Reading {
  const reading = readType(part.type);
  switch (reading.kind) {
    case 'read':
      return isVulnerabilityType(reading.type)
        ? vulnerabilityFindings(reading.type, part, delivery)
        : eventFinding(reading.type, part, delivery);
    case 'not-read':
      return {
        ok: false,
        reason: `alerts of type ${reading.type} are not read by Parapet; switch that trigger off in the alert profile`,
      };
    case 'unknown':
      return {
        ok: false,
        reason: part.type
          ? `alert type ${JSON.stringify(capped(part.type, 80))} is not known; if this was the console's test alert it did arrive, otherwise check the type field of the template`
          : "the field type is empty or missing; use the template of connectors/cwpp/prisma-cloud-compute/template (if this was the console's test alert, it did arrive)",
      };
  }
}

/** Our template's constant and nothing else: time may be set, everything that could name an event is empty. */
function isTestDelivery(body: WebhookBody): boolean {
  const { source, templateVersion, time, incidentTime, region, provider, ...rest } = body;
  if (source !== TEMPLATE_SOURCE) return false;
  return Object.values(rest).every(
    (value) => value === '' || value === 0 || (Array.isArray(value) && value.length === 0),
  );
}

function shortened(notes: readonly string[]): string[] {
  if (notes.length <= MAX_NOTES) return [...notes];
  return [...notes.slice(0, MAX_NOTES), `and ${notes.length - MAX_NOTES} more notes`];
}
