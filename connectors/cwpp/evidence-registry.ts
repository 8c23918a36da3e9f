import type { Configuration } from '../../domain/config/schema.ts';
import type { Source } from '../../domain/source.ts';
import type { EvidenceDeps } from './evidence-deps.ts';
import type { EvidenceSource } from './evidence-source.ts';

export type { EvidenceDeps };

type Make = (configuration: Configuration, deps: EvidenceDeps) => EvidenceSource | undefined;

/**
 * One line per source, loaded when its first incident is investigated. Apart from the mappers' registry, so that
 * `normalize` does not carry the clients.
 */
const MAKERS: Readonly<Record<Source, () => Promise<{ readonly evidenceOf: Make }>>> = {
  'prisma-cloud-compute': () => import('./prisma-cloud-compute/evidence-of.ts'),
  'prisma-cloud': () => import('./prisma-cloud/evidence.ts'),
  wiz: () => import('./wiz/evidence.ts'),
  lacework: () => import('./lacework/evidence.ts'),
  falco: () => import('./falco/evidence.ts'),
  guardduty: () => import('./guardduty/evidence.ts'),
  inspector: () => import('./inspector/evidence.ts'),
  generic: () => import('./generic/evidence.ts'),
};

/** The evidence source of a source; undefined when the configuration does not name it. */
export async function evidenceSourceFor(
  source: Source,
  configuration: Configuration,
  deps: EvidenceDeps,
): Promise<EvidenceSource | undefined> {
  const { evidenceOf } = await MAKERS[source]();
  return evidenceOf(configuration, deps);
}
