import { beforeEach, describe, expect, it } from 'vitest';
import { TargetError } from '../../connectors/targets/errors.ts';
import { writingTargets } from '../../connectors/targets/writing.ts';
import type { ApplyResult } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { type ActionScript, idleWriter, scriptedCatalogue } from '../../test/fakes/actions.ts';
import { memoryExecutionSwitch } from '../../test/fakes/execution-switch.ts';
import { sampleConfiguration, sampleIncident, samplePlan, samplePlanned } from '../../test/fakes/planning.ts';
import { memoryPlaybookSlots } from '../../test/fakes/playbook-slots.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../../test/fakes/stores.ts';
import { type ExecuteDeps, execute } from './execute.ts';

const planKey = 'incidents/inc-0123456789abcdef0123/plan-v1.json';
const input = { incidentId: 'inc-0123456789abcdef0123', actionId: 'A1', planKey, approvalId: 'apr-1' };
const approved: Approval = {
  approvalId: 'apr-1',
  incidentId: input.incidentId,
  actionId: 'A1',
  action: 'kubernetes.quarantine-pod',
  planDigest: samplePlanned().digest,
  planKey,
  status: 'APPROVED',
  approvers: ['ada'],
  quorum: 1,
  votes: [{ person: 'ada', decision: 'approved', at: '2026-01-01T00:05:00.000Z' }],
  steps: [],
  stepsDone: 0,
  keptOut: [],
  createdAt: '2026-01-01T00:02:00.000Z',
  expiresAt: '2026-01-01T00:32:00.000Z',
  decidedBy: 'ada',
  decidedAt: '2026-01-01T00:05:00.000Z',
  delivery: 'delivered',
};
const applied: ApplyResult = {
  outcome: 'applied',
  reason: 'The pod is cut off.',
  requests: [{ method: 'PATCH', path: '/api/v1/…', status: 200, dryRun: false, at: '2026-01-01T00:10:00.000Z' }],
};

const blobs = memoryBlobStore();
const incidents = memoryIncidentStore();
let audit = memoryAuditLog();

beforeEach(async () => {
  audit = memoryAuditLog();
  incidents.seed(sampleIncident());
  await blobs.put(planKey, canonicalJson(samplePlan()));
});

function deps(script: ActionScript, change: Partial<ExecuteDeps> = {}): ExecuteDeps & { readonly calls: string[] } {
  const { catalogue, calls } = scriptedCatalogue(script);
  return {
    config: sampleConfiguration(),
    incidents,
    blobs,
    audit,
    control: memoryExecutionSwitch(),
    slots: memoryPlaybookSlots(),
    approvals: { get: async (id) => (id === 'apr-1' ? approved : undefined) },
    targets: writingTargets(catalogue, {
      kubernetes: (cluster) => (cluster === 'prod-eks' ? idleWriter : undefined),
      aws: () => undefined,
      vendor: () => undefined,
    }),
    now: () => new Date('2026-01-01T00:10:00.000Z'),
    calls,
    ...change,
  };
}
const log = async () =>
  (await audit.read(input.incidentId)).map(({ kind, data }) => ({ kind, outcome: data['outcome'] }));

describe('execute', () => {
  it('writes the journal with the inverse before the effect and the requests after it', async () => {
    const given = deps({ apply: applied });
    expect(await execute(given, input)).toEqual({ outcome: 'applied', reason: 'The pod is cut off.' });
    const [started, done] = await audit.read(input.incidentId);
    expect(started).toMatchObject({
      kind: 'action.started',
      data: { decidedBy: 'ada', digest: approved.planDigest, inverse: [{ method: 'PATCH' }] },
    });
    expect(done).toMatchObject({ kind: 'action.applied', data: { outcome: 'applied', requests: applied.requests } });
  });

  it('touches nothing when the journal cannot be written - an effect nobody can prove must not happen', async () => {
    const given = deps({ apply: applied });
    audit.failNext('append', new Error('table unavailable'));
    await expect(execute(given, input)).rejects.toThrow('table unavailable');
    expect(given.calls).toEqual([]);
  });

  it('refuses without touching the target when the approval is not there', async () => {
    const given = deps({ apply: applied });
    expect(await execute(given, { ...input, approvalId: 'apr-forged' })).toMatchObject({ outcome: 'refused' });
    expect(given.calls).toEqual([]);
    expect(await log()).toEqual([{ kind: 'action.applied', outcome: 'refused' }]);
  });

  it('refuses a stored plan that was changed behind its digest', async () => {
    const plan = samplePlan();
    const [action] = plan.actions;
    if (action?.prepared.target.system === 'kubernetes') action.prepared.target.name = 'payments-db-0';
    await blobs.put(planKey, canonicalJson(plan));
    const given = deps({ apply: applied });
    await expect(execute(given, input)).rejects.toThrow(/does not have the digest/);
    expect(given.calls).toEqual([]);
  });

  it('names a target that denies as denied and one that breaks as failed - the person who mends it is another one', async () => {
    expect(await execute(deps({ apply: new TargetError('denied', 'PATCH pods answered 403') }), input)).toEqual({
      outcome: 'denied',
      reason: 'PATCH pods answered 403.',
    });
    expect(await execute(deps({ apply: new TargetError('unreachable', 'no answer') }), input)).toMatchObject({
      outcome: 'failed',
    });
  });

  it('refuses a cluster that left the configuration after the approval', async () => {
    expect(
      await execute(
        deps(
          { apply: applied },
          {
            targets: writingTargets(scriptedCatalogue({}).catalogue, {
              kubernetes: () => undefined,
              aws: () => undefined,
              vendor: () => undefined,
            }),
          },
        ),
        input,
      ),
    ).toMatchObject({
      outcome: 'refused',
    });
  });

  it('lets an unknown fault through - a bug must fail the state, not pose as a refusal of the target', async () => {
    await expect(execute(deps({ apply: new Error('bug') }), input)).rejects.toThrow('bug');
  });

  it('touches nothing that was approved while the kill switch is thrown, or when it cannot be read', async () => {
    const stopped = memoryExecutionSwitch();
    await stopped.set({ state: 'stopped', by: 'ada', at: '2026-01-01T00:06:00.000Z' });
    const unreadable = memoryExecutionSwitch();
    unreadable.failNext('read', new Error('throttled'));
    for (const [control, why] of [[stopped, 'stopped since'] as const, [unreadable, 'cannot be read'] as const]) {
      const given = deps({ apply: applied }, { control });
      expect(await execute(given, input)).toEqual({ outcome: 'refused', reason: expect.stringContaining(why) });
      expect(given.calls).toEqual([]);
    }
    expect((await log()).map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'action.applied refused',
      'action.applied refused',
    ]);
    await stopped.set({ state: 'running', by: 'ada', at: '2026-01-01T00:09:00.000Z' });
    expect(await execute(deps({ apply: applied }, { control: stopped }), input)).toMatchObject({ outcome: 'applied' });
  });
});
