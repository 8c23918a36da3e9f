import * as z from 'zod';
import { verificationSchema } from '../actions/action.ts';
import type { AuditEntry } from '../audit/entry.ts';
import { conditionSchema, PLAYBOOK_NAMES } from './assessment.ts';

const startedSchema = z.lazy(() =>
  z.object({
    actionId: z.string(),
    authority: z.literal('playbook'),
    playbook: z.enum(PLAYBOOK_NAMES),
    conditions: z.array(conditionSchema),
  }),
);
const verifiedSchema = z.lazy(() =>
  verificationSchema.unwrap().pick({ result: true, checks: true }).extend({ actionId: z.string() }),
);

/** What a playbook did, as the audit log tells it. */
export interface Acted extends z.infer<typeof startedSchema> {
  /** What was read afterwards; undefined: nothing was. */
  readonly verified?: z.infer<typeof verifiedSchema> | undefined;
}

/** Every action of the incident that a playbook did; the last start and the first look after it count. */
export function actedIn(chain: readonly AuditEntry[]): readonly Acted[] {
  const acted = new Map<string, Acted>();
  for (const { kind, actor, data } of chain) {
    if (kind === 'action.started' && actor.id === 'execute') {
      const started = startedSchema.safeParse(data);
      if (started.success) acted.set(started.data.actionId, started.data);
    }
    if (kind === 'action.verified' && actor.id === 'verify') {
      const verified = verifiedSchema.safeParse(data);
      const known = verified.success ? acted.get(verified.data.actionId) : undefined;
      if (verified.success && known !== undefined)
        acted.set(known.actionId, { ...known, verified: known.verified ?? verified.data });
    }
  }
  return [...acted.values()];
}
