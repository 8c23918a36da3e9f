import * as z from 'zod';

/** Which model wrote a text, asked how. A shape, because one record tells it beside other authors. */
export const modelAuthorShape = () => ({
  profile: z.string(),
  provider: z.string(),
  modelId: z.string(),
  promptId: z.string(),
  promptVersion: z.string(),
  promptSha256: z.string(),
});

/** What the models took for a text, over all calls; money in millionths of a US dollar. */
export const modelCostSchema = z.lazy(() =>
  z.object({
    calls: z.number().int(),
    lookUps: z.number().int(),
    tokens: z.number().int(),
    microUsd: z.number().int(),
    /** Calls whose price is unknown: `microUsd` does not hold them. */
    unpricedCalls: z.number().int(),
  }),
);
