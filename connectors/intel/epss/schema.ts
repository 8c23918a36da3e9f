import * as z from 'zod';

/** The two scores are strings in the answer; a number is accepted too. */
export const epssAnswerSchema = z.lazy(() =>
  z.looseObject({
    data: z.array(
      z
        .looseObject({
          cve: z.string(),
          epss: z.coerce.number().min(0).max(1),
          percentile: z.coerce.number().min(0).max(1).optional().catch(undefined),
          date: z.string().catch(''),
        })
        .optional()
        .catch(undefined),
    ),
  }),
);
export type EpssAnswer = z.infer<typeof epssAnswerSchema>;
