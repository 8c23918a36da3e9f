import type { Normalization } from '../../domain/ocsf/detection-finding.ts';
import type { Source } from '../../domain/source.ts';
import type { DeliveryContext } from './delivery.ts';

export type { DeliveryContext };

/** What a source's folder gives the pipeline: a pure reading of one delivery. */
export interface SourceMapper {
  readonly name: Source;
  /** @param body the parsed body, or its text; never throws whatever it is */
  normalize(body: unknown, context: DeliveryContext): Normalization | Promise<Normalization>;
}

type Normalize = SourceMapper['normalize'];

/**
 * One line per source; the key is the path of its webhook. Loaded when the first alert of the source comes: a function
 * that is started for one vendor's alert does not pay for the others (docs/decisions/0005).
 */
const MAPPERS: Readonly<Record<Source, () => Promise<{ readonly normalize: Normalize }>>> = {
  'prisma-cloud-compute': () => import('./prisma-cloud-compute/map.ts'),
  'prisma-cloud': () => import('./prisma-cloud/map.ts'),
  wiz: () => import('./wiz/map.ts'),
  lacework: () => import('./lacework/map.ts'),
  falco: () => import('./falco/map.ts'),
  guardduty: () => import('./guardduty/map.ts'),
  inspector: () => import('./inspector/map.ts'),
  generic: () => import('./generic/map.ts'),
};

const loaded = new Map<Source, Promise<{ readonly normalize: Normalize }>>();

export function mapperFor(source: Source): SourceMapper {
  return {
    name: source,
    async normalize(body, context) {
      const mapper = loaded.get(source) ?? MAPPERS[source]();
      loaded.set(source, mapper);
      const { normalize } = await mapper;
      return await normalize(body, context);
    },
  };
}
