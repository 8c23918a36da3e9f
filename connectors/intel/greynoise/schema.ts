import * as z from 'zod';

export const communitySchema = z.lazy(() =>
  z.looseObject({
    noise: z.boolean().catch(false),
    riot: z.boolean().catch(false),
    classification: z.string().catch('unknown'),
    last_seen: z.string().optional().catch(undefined),
  }),
);
export type CommunityAnswer = z.infer<typeof communitySchema>;
