import type { Configuration } from '../config/schema.ts';
import { placementOf, rolloutOf } from '../config/scope.ts';
import type { Incident } from '../incident/incident.ts';

/**
 * Whether anything may be written about this incident in a system of somebody else: not where the rollout phase of its
 * workload is `observe`. What would have been written is in our own store, and `parapet incident` shows it.
 */
export function mayTellOutside(config: Configuration, { workload }: Pick<Incident, 'workload'>): boolean {
  return rolloutOf(config, placementOf(config, workload)).phase !== 'observe';
}
