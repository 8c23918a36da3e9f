import { type Plan, type PlannedAction, type PreparedAction, planDigest } from '../../domain/actions/action.ts';
import { type Configuration, configurationSchema } from '../../domain/config/schema.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { sampleWorkload } from './findings.ts';

/** A configuration in which the sample pod may be quarantined by ada; `change` is merged over the top level. */
export function sampleConfiguration(change: Record<string, unknown> = {}): Configuration {
  return configurationSchema.parse({
    deployment: {},
    sources: {},
    clusters: [
      {
        name: 'prod-eks',
        server: 'https://127.0.0.1:4581',
        readSecret: 'parapet/kubernetes/prod-eks/read',
        writeSecret: 'parapet/kubernetes/prod-eks/write',
      },
    ],
    rollout: [{ scope: { cluster: 'prod-eks', namespace: 'payments' }, phase: 'assist' }],
    approvers: [
      {
        id: 'ada',
        name: 'Ada Example',
        mail: 'ada@example.com',
        may: [{ actions: ['*'], scope: { cluster: 'prod-eks' } }],
      },
    ],
    approvals: { linkMayApprove: ['annotation', 'evidence', 'network-isolation', 'identity'] },
    actions: { 'kubernetes.quarantine-pod': { gate: 'ask' }, 'kubernetes.remove-role-binding': { gate: 'ask' } },
    destinations: { mail: { from: 'parapet@example.com' } },
    ...change,
  });
}

export const POD_UID = '5e1f0c9a-7f3b-4d6e-9a51-0c1d2e3f4a5b';

export function sampleIncident(change: Partial<Incident> = {}): Incident {
  return {
    incidentId: 'inc-0123456789abcdef0123',
    source: 'prisma-cloud-compute',
    status: 'investigating',
    severity: 'critical',
    workload: sampleWorkload(),
    workloadKey: 'pod/111122223333/prod-eks/payments/checkout',
    generation: 1,
    windowEndsAt: '2026-01-01T01:00:00.000Z',
    findingCount: 2,
    duplicateCount: 0,
    confirmed: true,
    times: { received: '2026-01-01T00:00:00.000Z', opened: '2026-01-01T00:00:01.000Z' },
    blobs: {},
    ...change,
  };
}

export function samplePrepared(change: Partial<PreparedAction> = {}): PreparedAction {
  return {
    action: 'kubernetes.quarantine-pod',
    incidentId: 'inc-0123456789abcdef0123',
    actionId: 'A1',
    target: {
      system: 'kubernetes',
      entityId: 'N1',
      entity: {
        kind: 'pod',
        canonical: 'prod-eks/payments/checkout-6d9f7c5b8d-x2x9q',
        label: 'checkout-6d9f7c5b8d-x2x9q',
      },
      cluster: 'prod-eks',
      namespace: 'payments',
      kind: 'Pod',
      name: 'checkout-6d9f7c5b8d-x2x9q',
      uid: POD_UID,
    },
    parameters: {},
    beforeState: { labels: { app: 'checkout' } },
    requests: [
      { method: 'PATCH', path: '/api/v1/namespaces/payments/pods/checkout-6d9f7c5b8d-x2x9q', purpose: 'label the pod' },
    ],
    inverse: [
      {
        method: 'PATCH',
        path: '/api/v1/namespaces/payments/pods/checkout-6d9f7c5b8d-x2x9q',
        purpose: 'restore the labels',
      },
    ],
    ...change,
  };
}

export function samplePlanned(change: Partial<PlannedAction> = {}): PlannedAction {
  const prepared = change.prepared ?? samplePrepared();
  return {
    prepared,
    digest: planDigest(prepared),
    preview: {
      title: 'Quarantine pod',
      summary: 'Cut the pod off.',
      commands: ['kubectl label …'],
      blastRadius: [],
      undo: 'Restore the labels.',
      warnings: [],
    },
    rationale: 'A miner runs in it.',
    evidence: ['E1'],
    gate: 'ask',
    gateReasons: ['The rollout phase here is assist: people are asked.'],
    approvers: ['ada'],
    expiresAfterSeconds: 1800,
    ...change,
  };
}

export function samplePlan(actions: readonly PlannedAction[] = [samplePlanned()]): Plan {
  return {
    incidentId: 'inc-0123456789abcdef0123',
    version: 1,
    plannedAt: '2026-01-01T00:01:00.000Z',
    phase: 'assist',
    analysisDigest: 'a'.repeat(64),
    actions: [...actions],
    advice: [],
  };
}
