import { catalogue } from '../../connectors/targets/catalogue.ts';
import { exactTargets } from '../../connectors/targets/exact.ts';
import { readingTargets } from '../../connectors/targets/reading.ts';
import { rehearsingTargets } from '../../connectors/targets/rehearsal.ts';
import { writingTargets } from '../../connectors/targets/writing.ts';
import { planDigest, planSchema } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { concludeUndo } from '../../functions/conclude-undo/conclude-undo.ts';
import { execute } from '../../functions/execute/execute.ts';
import { planUndo } from '../../functions/plan-undo/plan-undo.ts';
import { rollBack } from '../../functions/roll-back/roll-back.ts';
import { verify } from '../../functions/verify/verify.ts';
import { verifyUndo } from '../../functions/verify-undo/verify-undo.ts';
import { memoryExecutionSwitch } from '../fakes/execution-switch.ts';
import { sampleConfiguration, sampleIncident } from '../fakes/planning.ts';
import { memoryPlaybookSlots } from '../fakes/playbook-slots.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../fakes/stores.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import { memoryWatchStore } from '../fakes/watch-store.ts';
import { POD_TARGET, startCluster } from './kubernetes-cluster.ts';

export const INCIDENT = 'inc-0123456789abcdef0123';
const PLAN_KEY = `incidents/${INCIDENT}/plan-v1.json`;
export const NOW = new Date('2025-10-14T09:20:00.000Z');
const OVER: Partial<ReturnType<typeof sampleIncident>> = {
  status: 'concluded',
  confirmed: true,
  verdict: 'malicious',
  outcome: 'contained',
};
const IDS = { incidentId: INCIDENT, actionId: 'A1' };
const WISH = { ...IDS, attempt: 1, requestedBy: 'olga', reason: 'The alert was a test.' };

/** A pod of the sandbox cluster in quarantine, its incident over, and everything an undo goes through. */
export async function startUndoStage(phase: 'assist' | 'observe' = 'assist') {
  const cluster = await startCluster();
  const incidents = memoryIncidentStore();
  const audit = memoryAuditLog();
  const blobs = memoryBlobStore();
  const watches = memoryWatchStore();
  const control = memoryExecutionSwitch();
  const asked = new Map<string, Approval>();
  incidents.seed(sampleIncident({ ...OVER, incidentId: INCIDENT }));
  const config = sampleConfiguration({
    rollout: [{ scope: {}, phase }],
    approvers: ['ada', 'grace'].map((id) => ({
      id,
      name: id,
      mail: `${id}@example.com`,
      may: [{ actions: ['*'], scope: { cluster: 'prod-eks' } }],
    })),
  });
  const reading = { kubernetes: () => cluster.read, aws: () => undefined, vendor: () => undefined, now: () => NOW };
  const writing = { kubernetes: () => cluster.write, aws: () => undefined, vendor: () => undefined };
  const deps = {
    config,
    incidents,
    audit,
    blobs,
    watches,
    control,
    approvals: {
      get: async (id: string) => asked.get(id),
      forIncident: async () => [...asked.values()],
    },
    targets: {
      ...readingTargets(catalogue, reading),
      ...rehearsingTargets(catalogue, reading),
      ...writingTargets(catalogue, writing),
      ...exactTargets(catalogue, writing),
    },
    telemetry: recordingTelemetry(),
    slots: memoryPlaybookSlots(),
    now: () => NOW,
    sleep: async () => undefined,
  };

  const approvalOf = (of: Pick<Approval, 'planKey' | 'planDigest'>, change: Partial<Approval> = {}): Approval => ({
    approvalId: 'apr-undo',
    ...IDS,
    action: 'kubernetes.quarantine-pod',
    purpose: 'undo',
    ...of,
    status: 'APPROVED',
    approvers: ['ada', 'grace'],
    quorum: 1,
    votes: [{ person: 'ada', decision: 'approved', at: NOW.toISOString() }],
    steps: [],
    stepsDone: 0,
    keptOut: [],
    createdAt: NOW.toISOString(),
    expiresAt: new Date(NOW.getTime() + 1_800_000).toISOString(),
    decidedBy: 'ada',
    decidedAt: NOW.toISOString(),
    delivery: 'delivered',
    ...change,
  });

  /** Plans and executes the quarantine as the incident's own workflow does. */
  async function contain(): Promise<void> {
    const prepared = await deps.targets.prepare('kubernetes.quarantine-pod', {
      ...IDS,
      target: POD_TARGET,
      parameters: {},
    });
    if (!prepared.ok) throw new Error(prepared.reason);
    const digest = planDigest(prepared.prepared);
    const action = {
      prepared: prepared.prepared,
      digest,
      preview: prepared.preview,
      rationale: 'A miner runs in the pod.',
      evidence: ['E1'],
      gate: 'ask' as const,
      gateReasons: [],
      approvers: ['ada', 'grace'],
      expiresAfterSeconds: 1800,
    };
    const plan = planSchema.parse({
      incidentId: INCIDENT,
      version: 1,
      plannedAt: NOW.toISOString(),
      phase: 'assist',
      analysisDigest: 'd',
      actions: [action],
      advice: [],
    });
    await blobs.put(PLAN_KEY, canonicalJson(plan));
    await log('plan.made', { planKey: PLAN_KEY, actions: [{ actionId: 'A1', digest }] });
    const approval = approvalOf(
      { planKey: PLAN_KEY, planDigest: digest },
      { approvalId: 'apr-apply', purpose: 'apply' },
    );
    asked.set(approval.approvalId, approval);
    const done = await execute(deps, { ...IDS, planKey: PLAN_KEY, approvalId: approval.approvalId });
    if (done.outcome !== 'applied') throw new Error(done.reason);
    await verify(deps, { ...IDS, planKey: PLAN_KEY });
    await log('incident.concluded', {
      outcome: 'contained',
      outcomes: [{ actionId: 'A1', result: 'contained', reason: 'applied and verified' }],
    });
  }

  async function log(kind: 'plan.made' | 'incident.concluded', data: Record<string, unknown>): Promise<void> {
    const actor = { type: 'function', id: 'test' } as const;
    await audit.append({ chain: INCIDENT, at: NOW.toISOString(), actor, kind, data });
  }

  const plan = (change: Partial<typeof WISH> = {}) => planUndo(deps, { ...WISH, ...change });

  /** Plans the undo and has it approved. @returns what roll-back and verify-undo are given */
  async function approve(change: Partial<Approval> = {}) {
    const planned = await plan();
    if (planned.outcome !== 'ask') throw new Error(planned.reason);
    const { actions } = planSchema.parse(JSON.parse(await blobs.get(planned.planKey)));
    const [action] = actions;
    if (action === undefined) throw new Error('the plan of the undo is empty');
    asked.set('apr-undo', approvalOf({ planKey: planned.planKey, planDigest: action.digest }, change));
    return { ids: { ...IDS, planKey: planned.planKey }, action };
  }

  return {
    cluster,
    deps,
    audit,
    asked,
    contain,
    plan,
    approve,
    rollBack: (ids: object, approvalId = 'apr-undo') => rollBack(deps, { ...ids, approvalId }),
    rollBackAlone: (ids: object) => rollBack(deps, ids),
    execute: (ids: object) => execute(deps, { ...ids, approvalId: 'apr-undo' }),
    verify: (ids: object) => verifyUndo(deps, ids),
    conclude: (result: 'undone' | 'refused') =>
      concludeUndo(deps, { ...IDS, attempt: 1, result, reason: 'as it was', decidedBy: 'ada' }),
    kinds: async () =>
      (await audit.read(INCIDENT)).map(({ kind, data }) => [kind, data['outcome'] ?? data['result'] ?? null]),
  };
}
export type UndoStage = Awaited<ReturnType<typeof startUndoStage>>;
