import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { exactTargets } from '../../connectors/targets/exact.ts';
import { KUBERNETES_PARTS } from '../../connectors/targets/kubernetes/read-pod.ts';
import { readingTargets } from '../../connectors/targets/reading.ts';
import { writingTargets } from '../../connectors/targets/writing.ts';
import { type Plan, planSchema } from '../../domain/actions/action.ts';
import type { Analysis } from '../../domain/analysis/analysis.ts';
import { analyseByRules, RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { composePack, type EvidencePack } from '../../domain/evidence/pack.ts';
import { canonicalJson, digestOf } from '../../domain/json/canonical.ts';
import { execute } from '../../functions/execute/execute.ts';
import { makePlan } from '../../functions/plan/plan.ts';
import { rollBack } from '../../functions/roll-back/roll-back.ts';
import { verify } from '../../functions/verify/verify.ts';
import { memoryExecutionSwitch } from '../fakes/execution-switch.ts';
import { sampleConfiguration, sampleIncident } from '../fakes/planning.ts';
import { memoryPlaybookSlots } from '../fakes/playbook-slots.ts';
import { memoryWatchStore } from '../fakes/watch-store.ts';
import { cryptoMinerParts, WORKLOAD } from '../stories/crypto-miner.ts';
import { type Gathering, INCIDENT, startGathering } from './kubernetes-gathering.ts';
import { stateOf } from './kubernetes-quarantine-case.ts';

let on: Gathering;
beforeEach(async () => {
  on = await startGathering();
  on.stores.incidents.seed(sampleIncident({ confirmed: true }));
});
afterEach(() => on.cluster.close());

const now = () => new Date('2025-10-14T09:20:00.000Z');
const packKey = `incidents/${INCIDENT}/pack.json`;
const analysisKey = `incidents/${INCIDENT}/analysis.json`;
const configured = (cluster: string): boolean => cluster === 'prod-eks';
const writers = {
  kubernetes: (cluster: string) => (configured(cluster) ? on.cluster.write : undefined),
  aws: () => undefined,
  vendor: () => undefined,
};
const deps = () => ({
  ...on.stores,
  config: sampleConfiguration({
    approvers: ['ada', 'grace'].map((id) => ({
      id,
      name: id,
      mail: `${id}@example.com`,
      may: [{ actions: ['*'], scope: { cluster: 'prod-eks' } }],
    })),
  }),
  control: memoryExecutionSwitch(),
  watches: memoryWatchStore(),
  targets: {
    ...readingTargets(catalogue, {
      kubernetes: (cluster) => (configured(cluster) ? on.cluster.read : undefined),
      aws: () => undefined,
      vendor: () => undefined,
      now: () => new Date(),
    }),
    ...writingTargets(catalogue, writers),
    ...exactTargets(catalogue, writers),
  },
  now,
  sleep: async () => undefined,
});

/** The story, in which what the cluster says is really gathered from it. */
async function investigate(): Promise<EvidencePack> {
  const parts = [];
  for (const part of cryptoMinerParts()) {
    const gathers = KUBERNETES_PARTS.find((name) => name === part.part);
    parts.push(gathers === undefined ? part : (await on.gather(gathers)).gathered);
  }
  return composePack({ incidentId: INCIDENT, workload: WORKLOAD, vendorSeverity: 'critical', parts });
}

function analyse(pack: EvidencePack): Analysis {
  return {
    ...analyseByRules(pack),
    incidentId: INCIDENT,
    packDigest: digestOf(pack),
    writtenBy: { rules: { name: 'rules-analyst', version: RULES_VERSION } },
    dropped: [],
  };
}

async function plan(): Promise<{ readonly planKey: string; readonly plan: Plan }> {
  const pack = await investigate();
  await on.stores.blobs.put(packKey, canonicalJson(pack));
  await on.stores.blobs.put(analysisKey, canonicalJson(analyse(pack)));
  const { planKey } = await makePlan(deps(), { incidentId: INCIDENT, packKey, analysisKey });
  return { planKey, plan: planSchema.parse(JSON.parse(await on.stores.blobs.get(planKey))) };
}

function approvalOf(planKey: string, actionId: string, planned: Plan): Approval {
  const action = planned.actions.find(({ prepared }) => prepared.actionId === actionId);
  if (action === undefined) throw new Error(`there is no action ${actionId}`);
  return {
    approvalId: `apr-${actionId}`,
    incidentId: INCIDENT,
    actionId,
    action: action.prepared.action,
    planDigest: action.digest,
    planKey,
    status: 'APPROVED',
    approvers: action.approvers,
    quorum: 1,
    votes: ['ada', 'grace'].map((person) => ({
      person,
      decision: 'approved',
      at: '2025-10-14T09:19:00.000Z',
    })),
    steps: [],
    stepsDone: 0,
    keptOut: [],
    createdAt: '2025-10-14T09:18:00.000Z',
    expiresAt: '2025-10-14T09:48:00.000Z',
    decidedBy: 'ada',
    decidedAt: '2025-10-14T09:19:00.000Z',
    delivery: 'delivered',
  };
}

describe('from what a cluster says to what was done in it', () => {
  it('plans, executes and verifies both actions on what was gathered, and undoes the first', async () => {
    const before = stateOf(on.cluster);
    const { planKey, plan: planned } = await plan();
    // The role the pod could assume lies in an account this configuration does not name: told, never tried.
    expect(
      planned.advice.flatMap(({ action, reason }) => (action.startsWith('advice.') ? [] : [[action, reason]])),
    ).toEqual([['aws.revoke-role-sessions', 'AWS account 111122223333 is not in the configuration.']]);
    expect(planned.actions.map(({ prepared, gate }) => [prepared.action, gate])).toEqual([
      ['kubernetes.quarantine-pod', 'ask'],
      ['kubernetes.remove-role-binding', 'ask'],
    ]);
    expect(stateOf(on.cluster)).toEqual(before);
    const approvals = { get: async (id: string) => approvalOf(planKey, id.replace('apr-', ''), planned) };
    for (const actionId of ['A1', 'A2']) {
      const ids = { incidentId: INCIDENT, actionId, planKey };
      const done = await execute(
        { ...deps(), approvals, slots: memoryPlaybookSlots() },
        { ...ids, approvalId: `apr-${actionId}` },
      );
      expect(done.outcome).toBe('applied');
      expect((await verify(deps(), ids)).result).toBe('contained');
    }
    const ids = { incidentId: INCIDENT, actionId: 'A1', planKey };
    expect((await rollBack({ ...deps(), approvals }, ids)).outcome).toBe('rolled-back');
    expect(stateOf(on.cluster)).toEqual(before);
  });

  it('gives the same digests when it is planned again and nothing has changed', async () => {
    const first = await plan();
    const second = await plan();
    expect(second.plan.actions.map(({ digest }) => digest)).toEqual(first.plan.actions.map(({ digest }) => digest));
  });
});
