import type { Normalization } from '../../domain/ocsf/detection-finding.ts';
import type { Source } from '../../domain/source.ts';
import type { DeliveryContext } from './delivery.ts';
import { normalize as falco } from './falco/map.ts';
import { normalize as generic } from './generic/map.ts';
import { normalize as guardDuty } from './guardduty/map.ts';
import { normalize as inspector } from './inspector/map.ts';
import { normalize as lacework } from './lacework/map.ts';
import { normalize as prismaCloud } from './prisma-cloud/map.ts';
import { normalize as prismaCloudCompute } from './prisma-cloud-compute/map.ts';
import { normalize as wiz } from './wiz/map.ts';

export type { DeliveryContext };

/** What a source's folder gives the pipeline: a pure reading of one delivery. */
export interface SourceMapper {
  readonly name: Source;
  /** @param body the parsed body, or its text; never throws whatever it is */
  normalize(body: unknown, context: DeliveryContext): Normalization | Promise<Normalization>;
}

/** One line per source; the key is the path of its webhook. */
const MAPPERS: Readonly<Record<Source, SourceMapper['normalize']>> = {
  'prisma-cloud-compute': prismaCloudCompute,
  'prisma-cloud': prismaCloud,
  wiz,
  lacework,
  falco,
  guardduty: guardDuty,
  inspector,
  generic,
};

export function mapperFor(source: Source): SourceMapper {
  return { name: source, normalize: MAPPERS[source] };
}
