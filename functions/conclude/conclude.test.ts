import { describe, expect, it } from 'vitest';
import { ConflictError, NotFoundError } from '../../connectors/store/ports.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { type ActionOutcome, concludeOutputSchema } from '../../domain/orchestration.ts';
import { sampleIncident } from '../../test/fakes/incidents.ts';
import { memoryApprovalStore, memoryAuditLog, memoryIncidentStore } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { conclude } from './conclude.ts';

const now = '2025-10-14T09:40:00.000Z';
const verifiedAt = '2025-10-14T09:31:00.000Z';
const contained: ActionOutcome = { actionId: 'A1', result: 'contained', reason: 'the pod receives no traffic' };

async function setUp() {
  const incidents = memoryIncidentStore();
  const approvals = memoryApprovalStore();
  const audit = memoryAuditLog();
  const telemetry = recordingTelemetry();
  const clock = { at: now };
  const incident = sampleIncident({ confirmed: true, verdict: 'malicious', status: 'responding' });
  incidents.seed(incident);
  const { incidentId } = incident;
  const verified = (result: string, at: string) =>
    audit.append({
      chain: incidentId,
      at,
      actor: { type: 'function', id: 'verify' },
      kind: 'action.verified',
      data: { actionId: 'A1', result },
    });
  const deps = { incidents, approvals, audit, telemetry, now: () => new Date(clock.at) };
  const end = (outcomes: readonly ActionOutcome[], error?: string) =>
    conclude(deps, { incidentId, outcomes, ...(error === undefined ? {} : { error }) });
  return { ...deps, deps, clock, incident, incidentId, verified, end };
}

describe('conclude', () => {
  it('stores outcome, times and audit head; contained is when it was proven, not when it was concluded', async () => {
    const { end, verified, incidents, incident, incidentId, audit } = await setUp();
    await verified('unknown', '2025-10-14T09:30:00.000Z');
    await verified('contained', verifiedAt);
    const output = concludeOutputSchema.parse(await end([contained]));
    const head = await audit.head(incidentId);
    const times = { ...incident.times, contained: verifiedAt, concluded: now };
    expect(head).toMatchObject({
      kind: 'incident.concluded',
      actor: { type: 'function', id: 'conclude' },
      data: { outcome: 'contained', outcomes: [contained], times },
    });
    expect(output).toEqual({ incidentId, outcome: 'contained', auditHead: head?.hash });
    expect(await incidents.get(incidentId)).toEqual({
      ...incident,
      status: 'concluded',
      outcome: 'contained',
      times,
      auditHead: { sequence: 2, hash: head?.hash },
    });
  });

  it('keeps the time of containment that verification has already set', async () => {
    const { end, incidents, incidentId } = await setUp();
    await incidents.update(incidentId, { times: { contained: '2025-10-14T09:29:00.000Z' } });
    await end([contained]);
    expect((await incidents.get(incidentId))?.times.contained).toBe('2025-10-14T09:29:00.000Z');
  });

  it('sets no time of containment when nothing was contained', async () => {
    const { end, incidents, incidentId } = await setUp();
    await end([{ actionId: 'A1', result: 'rejected', reason: 'maintenance' }]);
    const incident = await incidents.get(incidentId);
    expect(incident).toMatchObject({ status: 'concluded', outcome: 'rejected' });
    expect(incident?.times).not.toHaveProperty('contained');
  });

  it('calls nothing contained when only the vendor was answered, and sets no time of containment', async () => {
    const { end, verified, audit, incidents, incidentId } = await setUp();
    const actions = [{ actionId: 'A1', action: 'prisma-cloud-compute.acknowledge-incident' }];
    const actor = { type: 'function', id: 'plan' } as const;
    await audit.append({ chain: incidentId, at: verifiedAt, actor, kind: 'plan.made', data: { actions } });
    await verified('contained', verifiedAt);
    expect(await end([contained])).toMatchObject({ outcome: 'noted' });
    expect((await incidents.get(incidentId))?.times).not.toHaveProperty('contained');
  });

  it('marks an incident failed when the machinery broke, and keeps the error short', async () => {
    const { end, incidents, incidentId, audit } = await setUp();
    await end([contained], `Lambda.Unknown: ${'x'.repeat(10_000)}`);
    expect(await incidents.get(incidentId)).toMatchObject({ status: 'failed', outcome: 'failed' });
    const head = await audit.head(incidentId);
    expect(head?.kind).toBe('incident.failed');
    expect(String(head?.data['error'])).toHaveLength(500);
  });

  it('withdraws questions that are still open - nobody waits for their answer any more', async () => {
    const { end, approvals, audit, incidentId } = await setUp();
    const question: Approval = {
      approvalId: 'apr-1',
      incidentId,
      actionId: 'A1',
      action: 'kubernetes.quarantine-pod',
      planDigest: 'd'.repeat(64),
      planKey: 'plan.json',
      status: 'PENDING',
      approvers: ['payments-lead'],
      quorum: 1,
      votes: [],
      steps: [],
      stepsDone: 0,
      keptOut: [],
      createdAt: now,
      expiresAt: '2025-10-14T10:10:00.000Z',
      delivery: 'waiting',
    };
    await approvals.create(question, 'token');
    await end([], 'States.Timeout');
    expect(await approvals.get('apr-1')).toMatchObject({ status: 'CLOSED' });
    expect((await audit.head(incidentId))?.data).toMatchObject({ closedApprovals: ['apr-1'] });
  });

  it('repeats without a second entry when its last step failed', async () => {
    const { end, incidents, audit, incidentId, clock } = await setUp();
    incidents.failNext('update', new ConflictError('busy'));
    await expect(end([contained])).rejects.toBeInstanceOf(ConflictError);
    clock.at = '2025-10-14T09:41:00.000Z';
    const output = await end([contained]);
    expect(await end([contained])).toEqual(output);
    expect(await audit.read(incidentId)).toHaveLength(1);
    expect(await incidents.get(incidentId)).toMatchObject({
      status: 'concluded',
      auditHead: { hash: output.auditHead },
    });
  });

  it('writes a new entry when a redriven execution ends differently', async () => {
    const { end, audit, incidents, incidentId } = await setUp();
    await end([], 'Lambda.Unknown');
    await end([contained]);
    expect((await audit.read(incidentId)).map(({ kind }) => kind)).toEqual(['incident.failed', 'incident.concluded']);
    expect(await incidents.get(incidentId)).toMatchObject({ status: 'concluded', outcome: 'contained' });
  });

  it('refuses an incident that is not there', async () => {
    const { deps } = await setUp();
    await expect(conclude(deps, { incidentId: 'inc-missing', outcomes: [] })).rejects.toBeInstanceOf(NotFoundError);
  });
});
