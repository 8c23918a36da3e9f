import * as z from 'zod';
import { ALERT_RECEIVED, type AlertReceived, alertReceivedSchema, EVENT_SOURCE } from '../../domain/events.ts';
import { channelSchema, sourceSchema } from '../../domain/source.ts';

/** A queue message nobody can make anything of: no source, no body. Only the dead-letter queue can keep it. */
export class PoisonMessageError extends Error {
  override readonly name = 'PoisonMessageError';
}

/** An EventBridge event as SQS delivers it; more fields are there and not relied on. */
const envelopeSchema = z.object({
  source: z.literal(EVENT_SOURCE),
  'detail-type': z.literal(ALERT_RECEIVED),
  detail: z.unknown(),
});

/** What is left of an event whose detail is not as agreed: enough to hold its body for a person. */
const salvageSchema = z.object({
  source: sourceSchema,
  channel: channelSchema.catch('webhook'),
  deliveryId: z.string().min(1).max(100).catch('unknown'),
  receivedAt: z.iso.datetime().optional().catch(undefined),
  body: z.object({ text: z.string() }),
});
export type Salvage = z.infer<typeof salvageSchema>;

export type Envelope =
  | { readonly ok: true; readonly alert: AlertReceived }
  | { readonly ok: false; readonly salvage: Salvage; readonly reason: string };

/** @throws PoisonMessageError */
export function parseEnvelope(message: string): Envelope {
  const envelope = envelopeSchema.safeParse(parseJson(message));
  if (!envelope.success) {
    throw new PoisonMessageError('the message is not an "Alert Received" event of our bus', { cause: envelope.error });
  }
  const alert = alertReceivedSchema.safeParse(envelope.data.detail);
  if (alert.success) return { ok: true, alert: alert.data };
  const salvage = salvageSchema.safeParse(envelope.data.detail);
  if (!salvage.success) {
    throw new PoisonMessageError('the event names no known source or carries no body', { cause: alert.error });
  }
  const fields = alert.error.issues.map(({ path }) => path.join('.') || 'detail').join(', ');
  return {
    ok: false,
    salvage: salvage.data,
    reason: `the event was not as agreed between receive and normalize: ${fields}`,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PoisonMessageError('the message is not JSON', { cause });
  }
}
