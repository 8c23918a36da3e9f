import * as z from 'zod';

const count = z.number().int().min(0).max(1_000).catch(0);

/** What we rely on of a file, an address or a domain of VirusTotal's API v3. The list of every engine's answer is dropped. */
export const objectSchema = z.lazy(() =>
  z.looseObject({
    data: z.looseObject({
      attributes: z.looseObject({
        last_analysis_stats: z
          .looseObject({ malicious: count, suspicious: count, undetected: count, harmless: count })
          .optional()
          .catch(undefined),
        first_submission_date: z.number().optional().catch(undefined),
        gti_assessment: z
          .looseObject({ verdict: z.looseObject({ value: z.string() }).optional().catch(undefined) })
          .optional()
          .catch(undefined),
      }),
    }),
  }),
);
export type VirusTotalObject = z.infer<typeof objectSchema>;
