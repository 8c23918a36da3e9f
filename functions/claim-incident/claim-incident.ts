import type * as z from 'zod';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { AuditLog, IncidentStore } from '../../connectors/store/ports.ts';
import { claimInputSchema, type claimOutputSchema } from '../../domain/orchestration.ts';

export interface ClaimIncidentDeps {
  readonly incidents: Pick<IncidentStore, 'claim' | 'update'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/**
 * Makes one execution the owner of the incident; the bus delivers at least once, so others may ask. A repetition by the
 * owner (a lost answer, a redrive) owns it still and leaves no second audit entry.
 * @throws NotFoundError (no such incident), z.ZodError
 */
export async function claimIncident(
  deps: ClaimIncidentDeps,
  event: unknown,
): Promise<z.infer<typeof claimOutputSchema>> {
  const { incidentId, execution } = claimInputSchema.parse(event);
  const now = deps.now();
  if (!(await deps.incidents.claim(incidentId, execution, now))) {
    deps.telemetry.count('IncidentClaimLost');
    return { claimed: false, incidentId };
  }
  await deps.incidents.update(incidentId, {
    status: 'investigating',
    times: { investigationStarted: now.toISOString() },
  });
  const chain = await deps.audit.read(incidentId);
  if (!chain.some(({ kind, data }) => kind === 'incident.claimed' && data['execution'] === execution)) {
    await deps.audit.append({
      chain: incidentId,
      at: now.toISOString(),
      actor: { type: 'function', id: 'claim-incident' },
      kind: 'incident.claimed',
      data: { execution },
    });
  }
  return { claimed: true, incidentId };
}
