import * as z from 'zod';
import { json, type SandboxSystem } from '../system.ts';

/** What Teams renders of an Adaptive Card that came by a webhook (reference of 2026-11); buttons other than links do nothing there. */
const textBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: z.string(),
  wrap: z.boolean().optional(),
  weight: z.enum(['Default', 'Lighter', 'Bolder']).optional(),
  size: z.enum(['Small', 'Default', 'Medium', 'Large', 'ExtraLarge']).optional(),
  fontType: z.enum(['Default', 'Monospace']).optional(),
});
const factSet = z.strictObject({
  type: z.literal('FactSet'),
  facts: z.array(z.strictObject({ title: z.string(), value: z.string() })),
});
const openUrl = z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string().min(1), url: z.url() });
const messageSchema = z.strictObject({
  type: z.literal('message'),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        content: z.strictObject({
          $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
          type: z.literal('AdaptiveCard'),
          version: z.literal('1.4'),
          body: z.array(z.discriminatedUnion('type', [textBlock, factSet])).min(1),
          actions: z.array(openUrl).max(6).optional(),
        }),
      }),
    )
    .length(1),
});
type Card = z.infer<typeof messageSchema>['attachments'][number]['content'];

/** Larger messages are refused. */
const MAX_BYTES = 28_000;

export interface TeamsSandbox extends SandboxSystem {
  cards(): readonly Card[];
}

/** A Workflows webhook: whoever has its address may post a card and gets nothing back. */
export function teamsSandbox(settings: { readonly signature: string }): TeamsSandbox {
  const cards: Card[] = [];
  return {
    cards: () => cards,
    handle({ method, path, query, headers, body }) {
      if (!path.startsWith('/workflows/')) return json(404, { error: { code: 'WorkflowNotFound' } });
      if (query.get('sig') !== settings.signature)
        return json(401, { error: { code: 'DirectApiAuthorizationRequired' } });
      if (method !== 'POST') return json(405, { error: { code: 'MethodNotAllowed' } });
      if (headers['content-type']?.split(';')[0]?.trim() !== 'application/json')
        return json(415, { error: { code: 'X' } });
      if (Buffer.byteLength(body) > MAX_BYTES) return json(413, { error: { code: 'RequestEntityTooLarge' } });
      const parsed = messageSchema.safeParse(parse(body));
      if (!parsed.success) return json(400, { error: { code: 'InvalidCard', message: z.prettifyError(parsed.error) } });
      cards.push(...parsed.data.attachments.map(({ content }) => content));
      return { status: 202 };
    },
    view: () => ({ cards }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
