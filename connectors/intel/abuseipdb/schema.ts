import * as z from 'zod';

export const checkSchema = z.lazy(() =>
  z.looseObject({
    data: z.looseObject({
      abuseConfidenceScore: z.number().min(0).max(100),
      totalReports: z.number().int().min(0).catch(0),
      numDistinctUsers: z.number().int().min(0).catch(0),
      lastReportedAt: z.string().optional().catch(undefined),
      isTor: z.boolean().optional().catch(undefined),
    }),
  }),
);
export type AbuseCheck = z.infer<typeof checkSchema>;
