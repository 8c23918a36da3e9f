import * as z from 'zod';

/** Products that may send alerts. The name is the path of the webhook, the key in the configuration and the folder under connectors/cwpp. */
export const SOURCES = ['prisma-cloud-compute'] as const;
export const sourceSchema = z.enum(SOURCES);
export type Source = z.infer<typeof sourceSchema>;
