import type { Configuration } from '../../../domain/config/schema.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import type { EvidenceSource } from '../evidence-source.ts';
import { computeClient } from './client.ts';
import { computeEvidence } from './evidence.ts';
import { DEFAULT_READ_LIMITS } from './reader.ts';
import { computeTokens } from './token.ts';

/** The console of the configuration as a source of evidence. */
export function evidenceOf(
  configuration: Configuration,
  { http, secrets, now }: EvidenceDeps,
): EvidenceSource | undefined {
  const config = configuration.sources['prisma-cloud-compute'];
  if (config === undefined) return undefined;
  const clock = (): number => now().getTime();
  const tokens = computeTokens({ http, secrets, config, limits: DEFAULT_READ_LIMITS.http, now: clock });
  return computeEvidence({
    compute: () => computeClient({ http, secrets, config, tokens, now: clock }),
    now,
    sleep: http.sleep,
  });
}
