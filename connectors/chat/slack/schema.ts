import * as z from 'zod';

/** Bot token with scope `chat:write`. */
export const slackSecretSchema = z.object({ botToken: z.string().regex(/^xoxb-[\w-]+$/) });

/** HTTP status is 200 even on failure: `ok` decides, `error` is a code. */
export const slackAnswerSchema = z.lazy(() =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), channel: z.string(), ts: z.string().regex(/^\d+\.\d+$/) }),
    z.object({ ok: z.literal(false), error: z.string() }),
  ]),
);
