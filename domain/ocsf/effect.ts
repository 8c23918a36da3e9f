import type { FactOf } from '../evidence/fact.ts';
import type { DetectionFinding } from './detection-finding.ts';

type Effect = NonNullable<FactOf<'alert'>['effect']>;

/** OCSF `disposition_id` 2 Blocked, 6 Dropped; `action_id` 2 Denied (schema 1.8.0, security control profile). */
export function effectOf({
  action_id,
  disposition_id,
}: Pick<DetectionFinding, 'action_id' | 'disposition_id'>): Effect | undefined {
  if (disposition_id === 2 || disposition_id === 6) return 'blocked';
  return action_id === 2 ? 'denied' : undefined;
}
