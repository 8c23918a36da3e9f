import * as z from 'zod';

export const generalSchema = z.lazy(() =>
  z.looseObject({
    pulse_info: z
      .looseObject({
        pulses: z
          .array(
            z
              .looseObject({ created: z.string().catch(''), indicator_count: z.number().optional().catch(undefined) })
              .optional()
              .catch(undefined),
          )
          .catch([]),
      })
      .optional()
      .catch(undefined),
    validation: z.array(z.unknown()).catch([]),
  }),
);
export type OtxGeneral = z.infer<typeof generalSchema>;
