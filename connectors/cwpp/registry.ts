import type { Normalization } from '../../domain/ocsf/detection-finding.ts';
import type { Source } from '../../domain/source.ts';
import { normalize as prismaCloudCompute } from './prisma-cloud-compute/map.ts';

/** What a source's folder gives the pipeline: a pure reading of one delivery. */
export interface SourceMapper {
  readonly name: Source;
  /** @param body the parsed body, or its text; never throws whatever it is */
  normalize(
    body: unknown,
    context: {
      /** SHA-256 (lower-case hex) and size of the raw bytes; ISO 8601 UTC time of receipt. */
      readonly sha256: string;
      readonly bytes: number;
      readonly receivedAt: string;
    },
  ): Normalization;
}

/** One line per source; the key is the path of its webhook. */
const MAPPERS: Readonly<Record<Source, SourceMapper>> = {
  'prisma-cloud-compute': { name: 'prisma-cloud-compute', normalize: prismaCloudCompute },
};

export function mapperFor(source: Source): SourceMapper {
  return MAPPERS[source];
}
