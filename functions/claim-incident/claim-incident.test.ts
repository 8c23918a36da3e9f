import { describe, expect, it } from 'vitest';
import { ConflictError, NotFoundError } from '../../connectors/store/ports.ts';
import { claimOutputSchema } from '../../domain/orchestration.ts';
import { sampleIncident } from '../../test/fakes/incidents.ts';
import { memoryAuditLog, memoryIncidentStore } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { claimIncident } from './claim-incident.ts';

function setUp() {
  const incidents = memoryIncidentStore();
  const audit = memoryAuditLog();
  const telemetry = recordingTelemetry();
  const incident = sampleIncident();
  incidents.seed(incident);
  const deps = { incidents, audit, telemetry, now: () => new Date('2025-10-14T09:16:07.000Z') };
  const claim = (execution: string) => claimIncident(deps, { incidentId: incident.incidentId, execution });
  return { ...deps, deps, incident, claim };
}

describe('claimIncident', () => {
  it('gives the incident to the execution that asks first, and starts its investigation', async () => {
    const { claim, incidents, audit, incident } = setUp();
    const output = await claim('arn:first');
    expect(claimOutputSchema.parse(output)).toEqual({ claimed: true, incidentId: incident.incidentId });
    expect(await incidents.get(incident.incidentId)).toMatchObject({
      execution: 'arn:first',
      status: 'investigating',
      times: { investigationStarted: '2025-10-14T09:16:07.000Z' },
    });
    expect(await audit.read(incident.incidentId)).toMatchObject([
      { kind: 'incident.claimed', data: { execution: 'arn:first' } },
    ]);
  });

  it('sends every other execution home - the bus delivers at least once', async () => {
    const { claim, incidents, audit, telemetry, incident } = setUp();
    await claim('arn:first');
    expect(await claim('arn:second')).toEqual({ claimed: false, incidentId: incident.incidentId });
    expect(await incidents.get(incident.incidentId)).toMatchObject({ execution: 'arn:first' });
    expect(await audit.read(incident.incidentId)).toHaveLength(1);
    expect(telemetry.counted('IncidentClaimLost')).toBe(1);
  });

  it('finishes a claim whose first try stopped before the audit entry, and writes it once', async () => {
    const { claim, audit, incident } = setUp();
    audit.failNext('append', new ConflictError('busy'));
    await expect(claim('arn:first')).rejects.toBeInstanceOf(ConflictError);
    expect(await claim('arn:first')).toMatchObject({ claimed: true });
    expect(await claim('arn:first')).toMatchObject({ claimed: true });
    expect(await audit.read(incident.incidentId)).toHaveLength(1);
  });

  it('refuses an incident that is not there and an input that names none', async () => {
    const { deps } = setUp();
    await expect(claimIncident(deps, { incidentId: 'inc-missing', execution: 'x' })).rejects.toBeInstanceOf(
      NotFoundError,
    );
    await expect(claimIncident(deps, { execution: 'x' })).rejects.toThrow();
  });
});
