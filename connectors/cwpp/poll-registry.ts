import type { Configuration } from '../../domain/config/schema.ts';
import type { Source } from '../../domain/source.ts';
import type { EvidenceDeps } from './evidence-registry.ts';
import type { AlertPoller } from './poller.ts';

type Make = (configuration: Configuration, deps: EvidenceDeps) => AlertPoller | undefined;

/** One line per source that can be asked for its alerts; loaded when it is asked. */
const MAKERS: Readonly<Partial<Record<Source, () => Promise<{ readonly pollerOf: Make }>>>> = {
  'prisma-cloud-compute': () => import('./prisma-cloud-compute/poller.ts'),
  'prisma-cloud': () => import('./prisma-cloud/poller.ts'),
  guardduty: () => import('./guardduty/poller.ts'),
  inspector: () => import('./inspector/poller.ts'),
  wiz: () => import('./wiz/poller.ts'),
  lacework: () => import('./lacework/poller.ts'),
};

/** The poller of a source; undefined when the source has none or the configuration does not name it. */
export async function pollerFor(
  source: Source,
  configuration: Configuration,
  deps: EvidenceDeps,
): Promise<AlertPoller | undefined> {
  return (await MAKERS[source]?.())?.pollerOf(configuration, deps);
}

/** Sources the schedule may name; for any other `reconcileEveryMinutes` would promise what nobody does. */
export function canBePolled(source: Source): boolean {
  return MAKERS[source] !== undefined;
}
