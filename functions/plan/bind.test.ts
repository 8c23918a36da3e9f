import { describe, expect, it } from 'vitest';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import { composePack, type EntityRef, type EvidenceDraft } from '../../domain/evidence/pack.ts';
import { sampleWorkload } from '../../test/fakes/findings.ts';
import { bind } from './bind.ts';

const at = '2026-01-01T00:00:30.000Z';
const deployment: EntityRef = {
  kind: 'workload',
  canonical: 'prod-eks/payments/Deployment/checkout',
  label: 'Deployment payments/checkout',
};
const node: EntityRef = { kind: 'node', canonical: 'node-1', label: 'node-1' };

function draft(
  fact: EvidenceDraft['fact'],
  entities: readonly EntityRef[],
  change: Partial<EvidenceDraft> = {},
): EvidenceDraft {
  return {
    source: 'kubernetes_api',
    field: 'GET',
    trust: 'own',
    observedAt: at,
    fact,
    entities: [...entities],
    ...change,
  };
}
const controller = (change: Partial<EvidenceDraft> = {}, kind = 'Deployment') =>
  draft(
    { kind: 'controller', controllerKind: kind, name: 'checkout', namespace: 'payments', uid: 'uid-of-deployment' },
    [deployment],
    change,
  );
const nodeDraft = (change: Partial<EvidenceDraft> = {}) =>
  draft(
    {
      kind: 'node',
      name: 'node-1',
      cluster: 'prod-eks',
      uid: 'uid-of-node',
      controlPlane: false,
      unschedulable: false,
    },
    [node],
    change,
  );
const confirmation = draft({ kind: 'confirmation', confirmed: true, reason: 'read back' }, [], { source: 'cwpp_api' });

function bound(action: ExecutableAction, target: EntityRef, drafts: readonly EvidenceDraft[]) {
  const pack = composePack({
    incidentId: 'inc-1',
    workload: sampleWorkload(),
    vendorSeverity: 'high',
    parts: [
      {
        part: 'workload',
        gatheredAt: at,
        drafts: [confirmation, ...drafts],
        cost: { calls: 0, bytes: 0, milliseconds: 0 },
      },
    ],
  });
  const id = pack.entities.find(({ canonical }) => canonical === target.canonical)?.id ?? 'N99';
  return bind(
    { action, target: id, parameters: [], urgency: 'soon', rationale: '', risk: '', evidence: ['E1', 'E2'] },
    pack,
  );
}

describe('binding to what the API server said', () => {
  it.each(['kubernetes.scale-to-zero', 'kubernetes.rollout-undo'] as const)('gives %s the exact workload', (action) => {
    expect(bound(action, deployment, [controller()])).toEqual({
      ok: true,
      action,
      parameters: {},
      target: {
        system: 'kubernetes',
        entityId: 'N1',
        entity: deployment,
        cluster: 'prod-eks',
        namespace: 'payments',
        kind: 'Deployment',
        name: 'checkout',
        uid: 'uid-of-deployment',
      },
    });
  });

  it('takes name and uid from a controller whose labels somebody else chose - those are the server’s own', () => {
    const managed = controller({ trust: 'attacker_influenced' });
    expect(bound('kubernetes.scale-to-zero', deployment, [managed])).toMatchObject({ ok: true });
  });

  it('gives a node the cluster it was read from', () => {
    expect(bound('kubernetes.cordon-node', node, [nodeDraft()])).toMatchObject({
      ok: true,
      target: { kind: 'Node', cluster: 'prod-eks', name: 'node-1', uid: 'uid-of-node' },
    });
  });

  it.each<readonly [string, ExecutableAction, EntityRef, EvidenceDraft]>([
    ['a node only the vendor names', 'kubernetes.cordon-node', node, nodeDraft({ source: 'cwpp_api' })],
    ['a workload only the vendor names', 'kubernetes.scale-to-zero', deployment, controller({ source: 'cwpp_api' })],
    [
      'a controller of another name',
      'kubernetes.scale-to-zero',
      { ...deployment, canonical: 'prod-eks/payments/Deployment/other' },
      controller(),
    ],
    [
      'a ReplicaSet, whose Deployment would undo it',
      'kubernetes.scale-to-zero',
      deployment,
      controller({}, 'ReplicaSet'),
    ],
    [
      'a StatefulSet, whose revisions are not read',
      'kubernetes.rollout-undo',
      deployment,
      controller({}, 'StatefulSet'),
    ],
    ['a workload where a node is meant', 'kubernetes.cordon-node', deployment, controller()],
    ['a workload where a pod is meant', 'kubernetes.delete-pod', deployment, controller()],
  ])('never acts on %s', (_, action, target, drafted) => {
    expect(bound(action, target, [drafted])).toMatchObject({ ok: false });
  });
});
