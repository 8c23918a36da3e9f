import * as z from 'zod';

/** API Gateway HTTP API, payload format 2.0, as far as it is used. */
const eventSchema = z.lazy(() =>
  z.object({
    headers: z.record(z.string(), z.string().optional()).default({}),
    body: z.string().default(''),
    isBase64Encoded: z.boolean().default(false),
  }),
);

export interface SignedRequest {
  /** As it was sent, byte for byte: that is what is signed. */
  readonly body: Buffer;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/** @throws z.ZodError: not called by an HTTP API, a fault of the deployment */
export function readRequest(event: unknown): SignedRequest {
  const { headers, body, isBase64Encoded } = eventSchema.parse(event);
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    timestamp: byName.get('x-slack-request-timestamp'),
    signature: byName.get('x-slack-signature'),
  };
}

export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: '';
}

/** Slack takes an empty 200 for “received”; whatever else there is to say goes another way. */
export function reply(statusCode: 200 | 400 | 401 | 403 | 413 | 503): Reply {
  return { statusCode, headers: { 'cache-control': 'no-store' }, body: '' };
}
