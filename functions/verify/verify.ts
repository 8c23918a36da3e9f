import type * as z from 'zod';
import { loadAction } from '../../connectors/planned/load.ts';
import type { AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { WatchStore } from '../../connectors/store/watch-port.ts';
import type { ReadingTargets } from '../../connectors/targets/reading.ts';
import type { PreparedAction, Verification } from '../../domain/actions/action.ts';
import { contains } from '../../domain/actions/traits.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { actionInputSchema, type verifyOutputSchema } from '../../domain/orchestration.ts';
import { watchesOf } from '../../domain/watch/watch.ts';

export interface VerifyDeps {
  readonly config: Pick<Configuration, 'response'>;
  readonly incidents: Pick<IncidentStore, 'get' | 'update'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly watches: Pick<WatchStore, 'plan'>;
  readonly targets: Pick<ReadingTargets, 'verify' | 'traitsOf'>;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

/** EndpointSlices follow a label change within seconds; what is not true after this long, or the action's own time, needs a person. */
export const VERIFY_DEADLINE_MS = 20_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Reads the target until the effect is there or the deadline has passed, and says what was seen last. What holds is looked
 * at again later (functions/watch).
 */
export async function verify(deps: VerifyDeps, event: unknown): Promise<z.infer<typeof verifyOutputSchema>> {
  const { incidentId, actionId, planKey } = actionInputSchema.parse(event);
  const { planned } = await loadAction(deps, { incidentId, actionId, planKey });
  const verification = await lookUntilContained(deps, planned.prepared);
  await deps.audit.append({
    chain: incidentId,
    at: verification.verifiedAt,
    actor: { type: 'function', id: 'verify' },
    kind: 'action.verified',
    data: { actionId, action: planned.prepared.action, digest: planned.digest, ...verification },
  });
  const { result } = verification;
  const { action } = planned.prepared;
  if (result === 'contained' && contains(deps.targets.traitsOf(action).class))
    await deps.incidents.update(incidentId, { times: { contained: verification.verifiedAt } });
  // What holds in part is kept, so it is watched too: it may come to hold, or hold less.
  if (result === 'contained' || result === 'partial') {
    const of = { incidentId, actionId, action, planKey, ...(result === 'partial' ? { from: result } : {}) };
    for (const later of watchesOf(of, verification.verifiedAt, deps.config.response.watchAfterSeconds)) {
      await deps.watches.plan(later);
    }
  }
  return { result: verification.result, enforcement: verification.enforcement };
}

async function lookUntilContained(deps: VerifyDeps, prepared: PreparedAction): Promise<Verification> {
  const { settlesWithinSeconds } = deps.targets.traitsOf(prepared.action);
  const within = settlesWithinSeconds === undefined ? VERIFY_DEADLINE_MS : settlesWithinSeconds * 1000;
  const deadline = deps.now().getTime() + within;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const seen = await deps.targets.verify(prepared);
    if (seen.result === 'contained' || deps.now().getTime() + pause > deadline) return seen;
    await deps.sleep(pause);
  }
}
