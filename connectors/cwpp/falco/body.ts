import { snsSchema } from './schema.ts';

export type Unwrapped =
  | { readonly ok: true; readonly events: readonly unknown[]; readonly enveloped: boolean }
  | { readonly ok: false; readonly reason: string };

/** An envelope inside an envelope (a topic that feeds a topic); more is no delivery of AWS. */
const MAX_ENVELOPES = 2;
const NO_OBJECT = 'the body must be a Falco event as a JSON object (json_output: true)';

/** The events of a body: its text or the parsed value, out of its SNS envelope if it has one. */
export function unwrap(received: unknown): Unwrapped {
  let body = typeof received === 'string' ? parseJson(received) : received;
  let enveloped = false;
  for (let depth = 0; depth < MAX_ENVELOPES; depth += 1) {
    const envelope = snsSchema.safeParse(body);
    if (!envelope.success) break;
    const { Type, Message } = envelope.data;
    if (Type !== 'Notification') {
      return {
        ok: false,
        reason: `the message is an SNS ${JSON.stringify(Type.slice(0, 40))} and no notification; confirm the subscription in AWS`,
      };
    }
    const inner = parseJson(Message);
    if (inner === undefined) {
      return {
        ok: false,
        reason:
          'the SNS message holds the output line only; set aws.sns.rawjson: true in the configuration of falcosidekick',
      };
    }
    body = inner;
    enveloped = true;
  }
  if (typeof body !== 'object' || body === null) return { ok: false, reason: NO_OBJECT };
  if (!Array.isArray(body)) return { ok: true, events: [body], enveloped };
  return body.length === 0 ? { ok: false, reason: NO_OBJECT } : { ok: true, events: body, enveloped };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // Not JSON is an answer here, not a failure: the caller turns undefined into a reason for people.
    return undefined;
  }
}
