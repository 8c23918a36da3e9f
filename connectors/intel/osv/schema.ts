import * as z from 'zod';

const text = z.string().catch('');
const list = <T extends z.ZodType>(element: T) => z.array(element.optional().catch(undefined)).catch([]);

/** What we rely on of an OSV record (ossf/osv-schema 1.7). */
export const recordSchema = z.lazy(() =>
  z.looseObject({
    id: z.string(),
    withdrawn: z.string().optional().catch(undefined),
    aliases: list(z.string()),
    affected: list(
      z.looseObject({
        package: z.looseObject({ name: text, ecosystem: text }).optional().catch(undefined),
        ranges: list(
          z.looseObject({ type: text, events: list(z.looseObject({ fixed: z.string().optional().catch(undefined) })) }),
        ),
      }),
    ),
  }),
);
export type OsvRecord = z.infer<typeof recordSchema>;
