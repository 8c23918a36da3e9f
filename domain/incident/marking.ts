import * as z from 'zod';
import { ACTION_TRAITS, contains } from '../actions/traits.ts';
import { executableActionSchema } from '../analysis/analysis.ts';
import type { AuditEntry } from '../audit/entry.ts';

const planned = z.object({ actions: z.array(z.object({ actionId: z.string(), action: executableActionSchema })) });

/** Ids of the planned actions that contain nothing, as the log has them: marks, copies and answers at the vendor. */
export function markingActions(chain: readonly Pick<AuditEntry, 'kind' | 'data'>[]): ReadonlySet<string> {
  const plan = planned.safeParse(chain.findLast(({ kind }) => kind === 'plan.made')?.data);
  const actions = plan.success ? plan.data.actions : [];
  return new Set(
    actions.filter(({ action }) => !contains(ACTION_TRAITS[action].class)).map(({ actionId }) => actionId),
  );
}
