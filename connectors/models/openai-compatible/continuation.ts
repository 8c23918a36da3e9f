import * as z from 'zod';

/** An assistant's message with calls, as it goes back: what it said, what it called, and reasoning where the server gave it in the clear. */
export const continuationSchema = z.object({
  content: z.string().nullable(),
  tool_calls: z.array(
    z.looseObject({
      id: z.string(),
      type: z.literal('function'),
      function: z.looseObject({ name: z.string(), arguments: z.string() }),
    }),
  ),
  reasoning_content: z.string().optional(),
});
export type Continuation = z.infer<typeof continuationSchema>;
