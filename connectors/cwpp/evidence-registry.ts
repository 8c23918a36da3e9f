import type { Configuration } from '../../domain/config/schema.ts';
import type { Source } from '../../domain/source.ts';
import type { HttpDeps } from '../http/request.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { TableAccess } from '../store/dynamodb/client.ts';
import type { AwsCredentials } from './aws/sign.ts';
import type { EvidenceSource } from './evidence-source.ts';
import { evidenceOf as falco } from './falco/evidence.ts';
import { evidenceOf as generic } from './generic/evidence.ts';
import { evidenceOf as guardDuty } from './guardduty/evidence.ts';
import { evidenceOf as inspector } from './inspector/evidence.ts';
import { evidenceOf as lacework } from './lacework/evidence.ts';
import { evidenceOf as prismaCloud } from './prisma-cloud/evidence.ts';
import { computeClient } from './prisma-cloud-compute/client.ts';
import { computeEvidence } from './prisma-cloud-compute/evidence.ts';
import { DEFAULT_READ_LIMITS } from './prisma-cloud-compute/reader.ts';
import { computeTokens } from './prisma-cloud-compute/token.ts';
import { evidenceOf as wiz } from './wiz/evidence.ts';

export interface EvidenceDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly now: () => Date;
  /** The function's own credentials, for sources that are services of AWS. */
  readonly aws?: (() => Promise<AwsCredentials>) | undefined;
  /** Where a source counts its calls and keeps answers for minutes, when that must hold over all functions. */
  readonly incidentsTable?: TableAccess | undefined;
}

type Make = (configuration: Configuration, deps: EvidenceDeps) => EvidenceSource | undefined;

/** One line per source. Apart from the mappers' registry, so that `normalize` does not carry the clients. */
const MAKERS: Readonly<Record<Source, Make>> = {
  'prisma-cloud-compute': prismaCloudCompute,
  'prisma-cloud': prismaCloud,
  wiz,
  lacework,
  falco,
  guardduty: guardDuty,
  inspector,
  generic,
};

/** The evidence source of a source; undefined when the configuration does not name it. */
export function evidenceSourceFor(
  source: Source,
  configuration: Configuration,
  deps: EvidenceDeps,
): EvidenceSource | undefined {
  return MAKERS[source](configuration, deps);
}

function prismaCloudCompute(
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
