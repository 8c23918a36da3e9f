import * as z from 'zod';

/** The body's text as a value, with or without a byte order mark; undefined when it is no JSON. */
export function parseBody(received: unknown): unknown {
  if (typeof received !== 'string') return received;
  try {
    return JSON.parse(received.replace(/^\uFEFF/, ''));
  } catch {
    // Not JSON is an answer here, not a failure: the caller turns undefined into a reason for people.
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deeper than any finding; what lies below is left out, so that no body can exhaust the stack. */
const MAX_DEPTH = 40;

/**
 * The value with the first letter of every key in lower case: EventBridge and the wire say `resource`, what the SDKs print
 * says `Resource`. Must not be used where keys are a customer's own words (tags as a map).
 */
export function lowerCamelKeys(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((item) => lowerCamelKeys(item, depth + 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.charAt(0).toLowerCase() + key.slice(1),
      lowerCamelKeys(item, depth + 1),
    ]),
  );
}

const words = z.string().optional().catch(undefined);

/** The frame EventBridge puts around what a service says. */
const eventSchema = z.lazy(() =>
  z.object({
    id: words,
    source: z.string(),
    'detail-type': z.string(),
    account: words,
    region: words,
    time: words,
    detail: z.unknown().optional(),
  }),
);
export type AwsEvent = z.infer<typeof eventSchema>;

/** The body as an EventBridge event; undefined when it is something else, such as a record of the API. */
export function eventIn(body: Readonly<Record<string, unknown>>): AwsEvent | undefined {
  const parsed = eventSchema.safeParse(body);
  return parsed.success ? parsed.data : undefined;
}
