import type { Configuration } from '../../domain/config/schema.ts';
import type { Source } from '../../domain/source.ts';
import type { EvidenceDeps } from './evidence-registry.ts';
import { pollerOf as guardDuty } from './guardduty/poller.ts';
import { pollerOf as inspector } from './inspector/poller.ts';
import { pollerOf as lacework } from './lacework/poller.ts';
import type { AlertPoller } from './poller.ts';
import { pollerOf as prismaCloud } from './prisma-cloud/poller.ts';
import { pollerOf as prismaCloudCompute } from './prisma-cloud-compute/poller.ts';
import { pollerOf as wiz } from './wiz/poller.ts';

type Make = (configuration: Configuration, deps: EvidenceDeps) => AlertPoller | undefined;

/** One line per source that can be asked for its alerts. */
const MAKERS: Readonly<Partial<Record<Source, Make>>> = {
  'prisma-cloud-compute': prismaCloudCompute,
  'prisma-cloud': prismaCloud,
  guardduty: guardDuty,
  inspector,
  wiz,
  lacework,
};

/** The poller of a source; undefined when the source has none or the configuration does not name it. */
export function pollerFor(source: Source, configuration: Configuration, deps: EvidenceDeps): AlertPoller | undefined {
  return MAKERS[source]?.(configuration, deps);
}

/** Sources the schedule may name; for any other `reconcileEveryMinutes` would promise what nobody does. */
export function canBePolled(source: Source): boolean {
  return MAKERS[source] !== undefined;
}
