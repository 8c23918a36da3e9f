import type { ContentBlock } from '@aws-sdk/client-bedrock-runtime';
import * as z from 'zod';

/**
 * What a model said goes back as it came: reasoning is signed, and a block nobody knows may matter to it. Between two calls
 * it is plain JSON, because the request is kept in the evidence bucket; bytes (reasoning the provider encrypted) are base64.
 */
const bytesSchema = z.object({ reasoningContent: z.object({ redactedContent: z.instanceof(Uint8Array) }) });
const heldSchema = z.object({ reasoningContent: z.object({ redactedContent: z.string() }) });
const blockSchema = z.custom<ContentBlock>((value) => typeof value === 'object' && value !== null);

export function toContinuation(content: readonly unknown[]): unknown {
  return content.map((block) => {
    const { data } = bytesSchema.safeParse(block);
    if (data === undefined) return block;
    const redactedContent = Buffer.from(data.reasoningContent.redactedContent).toString('base64');
    return { reasoningContent: { redactedContent } };
  });
}

export function contentOf(continuation: unknown): ContentBlock[] {
  return z
    .array(blockSchema)
    .parse(continuation)
    .map((block) => {
      const { data } = heldSchema.safeParse(block);
      if (data === undefined) return block;
      return { reasoningContent: { redactedContent: Buffer.from(data.reasoningContent.redactedContent, 'base64') } };
    });
}
