import * as z from 'zod';

const text = z.string().catch('');

/** What we rely on of CISA's catalogue (JSON Schema of cisagov/kev-data). An entry without an id is left out. */
export const catalogueSchema = z.lazy(() =>
  z.looseObject({
    catalogVersion: text,
    count: z.number().int().optional().catch(undefined),
    vulnerabilities: z.array(
      z
        .looseObject({
          cveID: z.string(),
          dateAdded: text,
          dueDate: text,
          requiredAction: text,
          knownRansomwareCampaignUse: text,
        })
        .optional()
        .catch(undefined),
    ),
  }),
);
export type Catalogue = z.infer<typeof catalogueSchema>;
