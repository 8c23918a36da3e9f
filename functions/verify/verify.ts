import type * as z from 'zod';
import { loadAction } from '../../connectors/planned/load.ts';
import type { AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { ReadingTargets } from '../../connectors/targets/reading.ts';
import type { PreparedAction, Verification } from '../../domain/actions/action.ts';
import { actionInputSchema, type verifyOutputSchema } from '../../domain/orchestration.ts';

export interface VerifyDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'update'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly targets: Pick<ReadingTargets, 'verify'>;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

/** EndpointSlices follow a label change within seconds; what is not true after this long needs a person. */
export const VERIFY_DEADLINE_MS = 20_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/** Reads the target until the effect is there or the deadline has passed, and says what was seen last. */
export async function verify(deps: VerifyDeps, event: unknown): Promise<z.infer<typeof verifyOutputSchema>> {
  const { incidentId, actionId, planKey } = actionInputSchema.parse(event);
  const { planned } = await loadAction(deps, { incidentId, actionId, planKey });
  const verification = await watch(deps, planned.prepared);
  await deps.audit.append({
    chain: incidentId,
    at: verification.verifiedAt,
    actor: { type: 'function', id: 'verify' },
    kind: 'action.verified',
    data: { actionId, action: planned.prepared.action, digest: planned.digest, ...verification },
  });
  if (verification.result === 'contained') {
    await deps.incidents.update(incidentId, { times: { contained: verification.verifiedAt } });
  }
  return { result: verification.result, enforcement: verification.enforcement };
}

async function watch(deps: VerifyDeps, prepared: PreparedAction): Promise<Verification> {
  const deadline = deps.now().getTime() + VERIFY_DEADLINE_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const seen = await deps.targets.verify(prepared);
    if (seen.result === 'contained' || deps.now().getTime() + pause > deadline) return seen;
    await deps.sleep(pause);
  }
}
