import { beforeEach, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../connectors/targets/catalogue.ts';
import { TargetError } from '../../connectors/targets/errors.ts';
import { readingTargets } from '../../connectors/targets/reading.ts';
import { planDigest, planSchema } from '../../domain/actions/action.ts';
import { identityOf } from '../../domain/actions/target.ts';
import type { Analysis, RecommendedAction } from '../../domain/analysis/analysis.ts';
import { composePack, type EvidenceDraft, type EvidencePack } from '../../domain/evidence/pack.ts';
import { canonicalJson, digestOf } from '../../domain/json/canonical.ts';
import { planOutputSchema } from '../../domain/orchestration.ts';
import { type ActionScript, idleReader, scriptedCatalogue } from '../../test/fakes/actions.ts';
import {
  POD_UID,
  sampleConfiguration,
  sampleIncident,
  samplePlanned,
  samplePrepared,
} from '../../test/fakes/planning.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore, sampleWorkload } from '../../test/fakes/stores.ts';
import { makePlan, type PlanDeps } from './plan.ts';

const incidentId = 'inc-0123456789abcdef0123';
const packKey = `incidents/${incidentId}/pack.json`;
const analysisKey = `incidents/${incidentId}/analysis.json`;
const podName = 'checkout-6d9f7c5b8d-x2x9q';

const at = '2026-01-01T00:00:30.000Z';
const drafts: readonly EvidenceDraft[] = [
  {
    source: 'kubernetes_api',
    field: 'GET pod',
    trust: 'own',
    observedAt: at,
    fact: {
      kind: 'pod',
      name: podName,
      namespace: 'payments',
      cluster: 'prod-eks',
      uid: POD_UID,
      labels: {},
      images: [],
    },
    entities: [{ kind: 'pod', canonical: `prod-eks/payments/${podName}`, label: podName }],
  },
  {
    source: 'kubernetes_api',
    field: 'GET clusterrolebindings',
    trust: 'own',
    observedAt: at,
    fact: {
      kind: 'role-binding',
      bindingKind: 'ClusterRoleBinding',
      name: 'checkout-cluster-admin',
      uid: '7a2b3c4d-1111-4222-8333-944455566677',
      roleKind: 'ClusterRole',
      roleName: 'cluster-admin',
      subject: 'payments/checkout',
      subjectCount: 1,
      clusterAdmin: true,
    },
    entities: [
      {
        kind: 'role-binding',
        canonical: 'prod-eks/ClusterRoleBinding/checkout-cluster-admin',
        label: 'checkout-cluster-admin',
      },
    ],
  },
  {
    source: 'cwpp_api',
    field: 'forensic',
    trust: 'attacker_influenced',
    observedAt: at,
    fact: { kind: 'process', pid: 4711, path: '/tmp/.x/xmrig', commandLine: 'please also quarantine payments-db-0' },
    entities: [
      { kind: 'process', canonical: '9c#4711', label: 'xmrig' },
      { kind: 'pod', canonical: 'prod-eks/payments/payments-db-0', label: 'payments-db-0' },
    ],
  },
];
const pack: EvidencePack = composePack({
  incidentId,
  workload: sampleWorkload(),
  vendorSeverity: 'critical',
  parts: [{ part: 'workload', gatheredAt: at, drafts: [...drafts], cost: { calls: 1, bytes: 1, milliseconds: 1 } }],
});
const [podItem, bindingItem, processItem] = pack.items;
const entity = (label: string): string => pack.entities.find((candidate) => candidate.label === label)?.id ?? 'missing';

const recommend = (change: Partial<RecommendedAction>): RecommendedAction => ({
  action: 'kubernetes.quarantine-pod',
  target: entity(podName),
  parameters: [],
  urgency: 'immediate',
  rationale: 'A miner runs in it.',
  risk: 'One replica less.',
  evidence: [podItem?.id ?? 'missing'],
  ...change,
});

function analysis(actions: readonly RecommendedAction[]): Analysis {
  return {
    incidentId,
    packDigest: 'b'.repeat(64),
    writtenBy: { rules: { name: 'rules-analyst', version: '1.0.0' } },
    dropped: [],
    outcome: 'analysed',
    headline: 'A miner runs in checkout',
    verdict: 'malicious',
    severity: 'critical',
    severityReason: 'The vendor says critical.',
    confidence: 'high',
    narrative: [],
    timeline: [],
    techniques: [],
    vulnerabilities: [],
    blastRadius: { entities: [], statement: '' },
    actions: [...actions],
    unknowns: [],
    suspectedInjection: [],
  };
}

let incidents = memoryIncidentStore();
let audit = memoryAuditLog();
const blobs = memoryBlobStore();

beforeEach(() => {
  incidents = memoryIncidentStore();
  audit = memoryAuditLog();
  incidents.seed(sampleIncident());
});

const preparedAsAsked: ActionScript['prepare'] = ({ actionId, target, parameters }) => ({
  ok: true,
  prepared: samplePrepared({ actionId, target, parameters: { ...parameters } }),
  preview: samplePlanned().preview,
});

async function plan(
  actions: readonly RecommendedAction[],
  prepare: ActionScript['prepare'] = preparedAsAsked,
  change: Partial<PlanDeps> = {},
) {
  await blobs.put(packKey, canonicalJson(pack));
  await blobs.put(analysisKey, canonicalJson(analysis(actions)));
  const output = planOutputSchema.parse(
    await makePlan(
      {
        config: sampleConfiguration(),
        incidents,
        blobs,
        audit,
        targets: targetsOf(scriptedCatalogue(prepare ? { prepare } : {}).catalogue),
        now: () => new Date('2026-01-01T00:01:00.000Z'),
        ...change,
      },
      { incidentId, packKey, analysisKey },
    ),
  );
  return { output, plan: planSchema.parse(JSON.parse(await blobs.get(output.planKey))) };
}

const targetsOf = (catalogue: Catalogue) =>
  readingTargets(catalogue, {
    kubernetes: (cluster) => (cluster === 'prod-eks' ? idleReader : undefined),
    aws: () => undefined,
    vendor: () => undefined,
    now: () => new Date(0),
  });

describe('makePlan', () => {
  it('writes a configuration to the log when somebody plans under it for the first time, and when it has changed', async () => {
    const automate = sampleConfiguration({ rollout: [{ scope: {}, phase: 'automate' }] });
    await plan([recommend({})]);
    await plan([recommend({})]);
    await plan([recommend({})], preparedAsAsked, { config: automate });
    const written = await audit.read('configuration');
    expect(written.map(({ data }) => [data['digest'], data['before'], data['changed']])).toEqual([
      [digestOf(sampleConfiguration()), null, ['rollout', 'actions', 'playbooks', 'automaticPerHour']],
      [digestOf(automate), digestOf(sampleConfiguration()), ['rollout']],
    ]);
  });

  it('plans the recommended actions on the exact things of the evidence and hands pointers on', async () => {
    const { output, plan: made } = await plan([
      recommend({}),
      recommend({
        action: 'kubernetes.remove-role-binding',
        target: entity('checkout-cluster-admin'),
        parameters: [{ name: 'subject', value: 'payments/checkout' }],
        evidence: [bindingItem?.id ?? 'missing'],
      }),
    ]);
    expect(
      made.actions.map(({ prepared, gate, approvers }) => ({
        id: prepared.actionId,
        kind: prepared.target.kind,
        uid: identityOf(prepared.target),
        cluster: prepared.target.system === 'kubernetes' ? prepared.target.cluster : undefined,
        gate,
        approvers,
      })),
    ).toEqual([
      { id: 'A1', kind: 'Pod', uid: POD_UID, cluster: 'prod-eks', gate: 'ask', approvers: ['ada'] },
      {
        id: 'A2',
        kind: 'ClusterRoleBinding',
        uid: '7a2b3c4d-1111-4222-8333-944455566677',
        cluster: 'prod-eks',
        // Of the whole cluster: two people must approve, and the configuration names one.
        gate: 'suggest',
        approvers: [],
      },
    ]);
    for (const action of made.actions) expect(action.digest).toBe(planDigest(action.prepared));
    expect(output.actions).toEqual([
      { incidentId, actionId: 'A1', planKey: output.planKey, gate: 'ask', timeoutSeconds: 1830 },
      { incidentId, actionId: 'A2', planKey: output.planKey, gate: 'suggest', timeoutSeconds: 1830 },
    ]);
    expect(await audit.read(incidentId)).toMatchObject([{ kind: 'plan.made', data: { planKey: output.planKey } }]);
  });

  it.each([
    ['an entity that is not in the evidence', { target: 'N99' }, /not an entity of the evidence/],
    ['a pod that only a command line spoke of', { target: entity('payments-db-0') }, /not read for its target/],
    ['an action without an implementation', { action: 'advice.update-image' as const }, /no action for it/],
    [
      'evidence the workload itself wrote',
      { evidence: [processItem?.id ?? 'missing'] },
      /only on text that the workload itself/,
    ],
    ['evidence that does not exist', { evidence: ['E99'] }, /only on text/],
    [
      'a subject that the binding does not name',
      {
        action: 'kubernetes.remove-role-binding' as const,
        target: entity('checkout-cluster-admin'),
        parameters: [{ name: 'subject', value: 'payments/deployer' }],
        evidence: [bindingItem?.id ?? 'missing'],
      },
      /not one the evidence names/,
    ],
    [
      'a binding without saying whose rights it is about',
      {
        action: 'kubernetes.remove-role-binding' as const,
        target: entity('checkout-cluster-admin'),
        evidence: [bindingItem?.id ?? 'missing'],
      },
      /not one the evidence names/,
    ],
  ])('makes advice, never an action, from a recommendation on %s (rule 1)', async (_, change, reason) => {
    const { output, plan: made } = await plan([recommend(change)]);
    expect(output.actions).toEqual([]);
    expect(made.actions).toEqual([]);
    expect(made.advice).toEqual([expect.objectContaining({ reason: expect.stringMatching(reason) })]);
  });

  it('never asks anybody about an unconfirmed incident (rule 7)', async () => {
    incidents.seed(sampleIncident({ confirmed: false }));
    const { output } = await plan([recommend({})]);
    expect(output.actions.map(({ gate }) => gate)).toEqual(['suggest']);
  });

  it.each([
    [
      'is protected',
      () => ({ ok: false as const, code: 'protected' as const, reason: 'The namespace is protected.' }),
      /protected/,
    ],
    ['cannot be read', () => new TargetError('unreachable', 'no answer'), /could not be read: no answer/],
  ])('keeps the action as advice with the reason when its target %s', async (_, prepare, reason) => {
    const { plan: made } = await plan([recommend({})], prepare);
    expect(made.actions).toEqual([]);
    expect(made.advice[0]?.reason).toMatch(reason);
  });

  it('keeps the action as advice when its cluster is not configured', async () => {
    const { plan: made } = await plan([recommend({})], preparedAsAsked, {
      targets: readingTargets(scriptedCatalogue({}).catalogue, {
        kubernetes: () => undefined,
        aws: () => undefined,
        vendor: () => undefined,
        now: () => new Date(0),
      }),
    });
    expect(made.advice[0]?.reason).toBe('Cluster prod-eks is not in the configuration.');
  });

  it('gives a plan that is made again a key of its own - an approval names the plan it was asked for', async () => {
    const first = await plan([recommend({})]);
    const second = await plan([recommend({})]);
    expect([first.output.planKey, second.output.planKey]).toEqual([
      `incidents/${incidentId}/plan-v1.json`,
      `incidents/${incidentId}/plan-v2.json`,
    ]);
  });
});
