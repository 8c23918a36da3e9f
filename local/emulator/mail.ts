import * as z from 'zod';

/** A mail as it left the stack. */
export interface SentMail {
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly sentAt: string;
}

const answerSchema = z.object({
  messages: z.record(
    z.string(),
    z.array(
      z.object({
        Source: z.string(),
        To: z.array(z.string()),
        Subject: z.string(),
        BodyText: z.string().nullish(),
        BodyHtml: z.string().nullish(),
        Timestamp: z.union([z.string(), z.number()]),
      }),
    ),
  ),
});

/**
 * Every mail sent so far, in order. AWS has no such call, so this is the one place that speaks the emulator's own
 * (MiniStack `GET /_ministack/ses/messages`).
 */
export async function sentMails(endpoint: string): Promise<readonly SentMail[]> {
  const response = await fetch(`${endpoint}/_ministack/ses/messages`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`the emulator does not tell which mails were sent (status ${response.status})`);
  const { messages } = answerSchema.parse(await response.json());
  return Object.values(messages)
    .flat()
    .map((mail) => ({
      to: mail.To,
      from: mail.Source,
      subject: mail.Subject,
      text: mail.BodyText ?? '',
      html: mail.BodyHtml ?? '',
      sentAt: typeof mail.Timestamp === 'number' ? new Date(mail.Timestamp * 1000).toISOString() : mail.Timestamp,
    }));
}
