import type { Configuration } from '../../../domain/config/schema.ts';
import type { HttpDeps } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { CwppPart, EvidenceSource } from '../evidence-source.ts';
import { ConsoleAttempts } from '../prisma-cloud-compute/evidence/attempt.ts';
import { DEFAULT_READ_LIMITS } from '../prisma-cloud-compute/reader.ts';
import { type PrismaCloudClient, prismaCloudClient } from './client.ts';
import type { PartReader } from './evidence/part.ts';
import { readRuntimeActivity } from './evidence/read-activity.ts';
import { readAlertDetails } from './evidence/read-alert-details.ts';
import { readNetwork } from './evidence/read-network.ts';
import { readVulnerabilities } from './evidence/read-vulnerabilities.ts';
import { prismaCloudTokens } from './token.ts';

const READERS: Readonly<Record<CwppPart, PartReader>> = {
  'alert-details': readAlertDetails,
  'runtime-activity': readRuntimeActivity,
  vulnerabilities: readVulnerabilities,
  network: readNetwork,
};

/** Time kept back from the caller's deadline, so that what was read can still be stored. */
const RESERVE_MS = 3_000;

/**
 * Evidence from Prisma Cloud.
 * @param deps `client` makes a client with a fresh budget for each part
 */
export function prismaCloudEvidence(deps: {
  readonly client: (maxMilliseconds: number) => PrismaCloudClient;
  readonly now: () => Date;
}): EvidenceSource {
  const { now } = deps;
  return {
    async gather(part, findings, deadline) {
      const left = deadline.getTime() - now().getTime() - RESERVE_MS;
      const client = deps.client(Math.max(0, Math.min(left, DEFAULT_READ_LIMITS.maxMilliseconds)));
      const attempts = new ConsoleAttempts(now);
      const drafts = await READERS[part]({ client, attempts, findings, now });
      return { drafts: [...drafts, ...attempts.gaps], cost: client.cost() };
    },
  };
}

/** The evidence source of this folder; undefined when the configuration does not name Prisma Cloud. */
export function evidenceOf(
  configuration: Configuration,
  { http, secrets, now }: { readonly http: HttpDeps; readonly secrets: Secrets; readonly now: () => Date },
): EvidenceSource | undefined {
  const config = configuration.sources['prisma-cloud'];
  if (config === undefined) return undefined;
  const clock = (): number => now().getTime();
  const tokens = prismaCloudTokens({ http, secrets, config, limits: DEFAULT_READ_LIMITS.http, now: clock });
  return prismaCloudEvidence({
    client: (maxMilliseconds) =>
      prismaCloudClient({ http, secrets, config, tokens, now: clock, limits: { maxMilliseconds } }),
    now,
  });
}
