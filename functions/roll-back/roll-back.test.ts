import { beforeEach, describe, expect, it } from 'vitest';
import { TargetError } from '../../connectors/targets/errors.ts';
import { exactTargets } from '../../connectors/targets/exact.ts';
import { writingTargets } from '../../connectors/targets/writing.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { type ActionScript, idleWriter, scriptedCatalogue } from '../../test/fakes/actions.ts';
import { memoryExecutionSwitch } from '../../test/fakes/execution-switch.ts';
import { sampleConfiguration, sampleIncident, samplePlan } from '../../test/fakes/planning.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../../test/fakes/stores.ts';
import { type RollBackDeps, rollBack } from './roll-back.ts';

const planKey = 'incidents/inc-0123456789abcdef0123/plan-v1.json';
const input = { incidentId: 'inc-0123456789abcdef0123', actionId: 'A1', planKey };
let audit = memoryAuditLog();
const incidents = memoryIncidentStore();
const blobs = memoryBlobStore();
beforeEach(async () => {
  audit = memoryAuditLog();
  incidents.seed(sampleIncident());
  await blobs.put(planKey, canonicalJson(samplePlan()));
});

const CLIENTS = {
  kubernetes: (cluster: string) => (cluster === 'prod-eks' ? idleWriter : undefined),
  aws: () => undefined,
  vendor: () => undefined,
};
const deps = (script: ActionScript, control = memoryExecutionSwitch()): RollBackDeps => ({
  config: sampleConfiguration(),
  approvals: { get: async () => undefined },
  control,
  incidents,
  blobs,
  audit,
  targets: {
    ...writingTargets(scriptedCatalogue(script).catalogue, CLIENTS),
    ...exactTargets(scriptedCatalogue(script).catalogue, CLIENTS),
  },
  now: () => new Date('2026-01-01T00:10:00.000Z'),
});

describe('rollBack', () => {
  it('restores and logs every request that did it', async () => {
    const requests = [
      { method: 'PATCH', path: '/api/v1/…', status: 200, dryRun: false, at: '2026-01-01T00:10:00.000Z' },
    ];
    expect(
      await rollBack(deps({ rollBack: { outcome: 'rolled-back', reason: 'Labels restored.', requests } }), input),
    ).toEqual({
      outcome: 'rolled-back',
      reason: 'Labels restored.',
    });
    expect(await audit.read(input.incidentId)).toMatchObject([
      { kind: 'action.rolled-back', data: { outcome: 'rolled-back', requests } },
    ]);
  });

  it('says that it failed when the target cannot be reached - people must know that the change is still there', async () => {
    expect(await rollBack(deps({ rollBack: new TargetError('unreachable', 'no answer') }), input)).toEqual({
      outcome: 'failed',
      reason: 'no answer.',
    });
    expect(await audit.read(input.incidentId)).toMatchObject([
      { kind: 'action.rolled-back', data: { outcome: 'failed' } },
    ]);
  });

  it('changes nothing while the kill switch is thrown, and says so - a person must look at the target', async () => {
    const control = memoryExecutionSwitch();
    await control.set({ state: 'stopped', by: 'ada', at: '2025-10-14T09:00:00.000Z', reason: 'a change freeze' });
    expect(await rollBack(deps({}, control), input)).toEqual({
      outcome: 'failed',
      reason: 'Every execution is stopped since 2025-10-14T09:00:00.000Z by ada: a change freeze',
    });
  });
});
