import { readFileSync } from 'node:fs';
import * as z from 'zod';

const records = z.array(z.looseObject({}));
const credentialSchema = z.strictObject({ accessKeyId: z.string().min(1), secretKey: z.string().min(1) });
const assetsSchema = z.array(
  z.looseObject({ assetId: z.string(), rrn: z.string(), asset: z.looseObject({ id: z.string() }) }),
);

export type PrismaCloudRecord = Readonly<Record<string, unknown>>;

/** What a tenant holds: records as the API shows them, and the one access key it accepts. */
export interface PrismaCloudScenario {
  readonly credentials: z.infer<typeof credentialSchema>;
  readonly alerts: readonly PrismaCloudRecord[];
  readonly assets: z.infer<typeof assetsSchema>;
  readonly permissions: readonly PrismaCloudRecord[];
  readonly posture: readonly PrismaCloudRecord[];
}

/** The tenant of a scenario, from its folder `prisma-cloud/`. */
export function prismaCloudScenario(folder: URL): PrismaCloudScenario {
  const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`${file}.json`, folder), 'utf8'));
  return {
    credentials: credentialSchema.parse(read('credentials')),
    alerts: records.parse(read('alerts')),
    assets: assetsSchema.parse(read('assets')),
    permissions: records.parse(read('permissions')),
    posture: records.parse(read('posture')),
  };
}
