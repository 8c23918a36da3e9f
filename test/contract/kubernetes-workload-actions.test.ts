import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubernetesAction } from '../../connectors/targets/catalogue.ts';
import { cordonNode } from '../../connectors/targets/kubernetes/actions/cordon-node.ts';
import { deletePod } from '../../connectors/targets/kubernetes/actions/delete-pod.ts';
import { quarantinePod } from '../../connectors/targets/kubernetes/actions/quarantine-pod.ts';
import { rolloutUndo } from '../../connectors/targets/kubernetes/actions/rollout-undo.ts';
import { scaleToZero } from '../../connectors/targets/kubernetes/actions/scale-to-zero.ts';
import type { Preparation, Preview } from '../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import { type ApiObject, specOf } from '../../local/sandbox/kubernetes/objects.ts';
import { INCIDENT_ID, prepared as prepare, startCluster, statusFault, type TestCluster } from './kubernetes-cluster.ts';
import { addWorkloads, NODE, targetOf } from './kubernetes-workloads.ts';

const POD = 'checkout-6d9f7c5b8d-x2x9q';
let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startCluster();
  addWorkloads(cluster);
});
afterEach(() => cluster.close());

const target = (kind: KubernetesTarget['kind'], name: string) => targetOf(cluster, kind, name);
const plan = (action: KubernetesAction, of: KubernetesTarget) => prepare(action, cluster.read, of);
const ask = (action: KubernetesAction, of: KubernetesTarget): Promise<Preparation> =>
  action.prepare(cluster.read, { incidentId: INCIDENT_ID, actionId: 'A1', target: of, parameters: {} });

async function preview(action: KubernetesAction, of: KubernetesTarget): Promise<Preview> {
  const preparation = await ask(action, of);
  if (!preparation.ok) throw new Error(preparation.reason);
  return preparation.preview;
}

function edit(plural: string, name: string, change: (was: ApiObject) => Partial<ApiObject>): void {
  cluster.sandbox.change((store) => {
    const was = store.all(plural).find(({ metadata }) => metadata.name === name);
    if (was === undefined) throw new Error(`there is no ${plural} ${name}`);
    store.put(plural, { ...was, ...change(was) });
  });
}
const annotated = (annotations: Record<string, string>) => (was: ApiObject) => ({
  metadata: { ...was.metadata, annotations: { ...was.metadata.annotations, ...annotations } },
});
const labelled = (labels: Record<string, string>) => (was: ApiObject) => ({ metadata: { ...was.metadata, labels } });
const of = (plural: string, name: string) =>
  cluster.sandbox.objects(plural).find(({ metadata }) => metadata.name === name);

describe('cordoning a node', () => {
  it('is refused on the control plane, whose loss is the loss of the cluster', async () => {
    edit('nodes', NODE, labelled({ 'node-role.kubernetes.io/control-plane': '' }));
    expect(await ask(cordonNode, target('Node', NODE))).toMatchObject({ code: 'protected' });
  });

  it('warns of what may delete the node, and says that it is never drained', async () => {
    const shown = await preview(cordonNode, target('Node', NODE));
    expect(shown.summary).toContain('not drained');
    expect(shown.warnings.join(' ')).toContain('managed node group');
    edit('nodes', NODE, labelled({ 'karpenter.sh/nodepool': 'general' }));
    expect((await preview(cordonNode, target('Node', NODE))).warnings.join(' ')).toContain('Karpenter');
  });

  it('stays cordoned after the undo when somebody had cordoned it before', async () => {
    edit('nodes', NODE, (was) => ({ spec: { ...specOf(was), unschedulable: true } }));
    const prepared = await plan(cordonNode, target('Node', NODE));
    await cordonNode.apply(cluster.write, prepared);
    expect((await cordonNode.rollBack(cluster.write, prepared)).reason).toContain('stays so');
    expect(specOf(of('nodes', NODE) ?? fail())['unschedulable']).toBe(true);
  });

  it('is not undone where our taint is gone: another may have cordoned the node since', async () => {
    const prepared = await plan(cordonNode, target('Node', NODE));
    await cordonNode.apply(cluster.write, prepared);
    edit('nodes', NODE, () => ({ spec: { unschedulable: true, taints: [{ key: 'theirs', effect: 'NoSchedule' }] } }));
    expect((await cordonNode.rollBack(cluster.write, prepared)).outcome).toBe('nothing-to-undo');
    expect((await cordonNode.verify(cluster.read, prepared)).result).toBe('partial');
    edit('nodes', NODE, () => ({ spec: {} }));
    expect((await cordonNode.verify(cluster.read, prepared)).result).toBe('failed');
  });

  it('finds its taint wherever others have moved it', async () => {
    const prepared = await plan(cordonNode, target('Node', NODE));
    await cordonNode.apply(cluster.write, prepared);
    const theirs = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' };
    edit('nodes', NODE, (was) => ({
      spec: { ...specOf(was), taints: [theirs, ...[specOf(was)['taints']].flat()] },
    }));
    expect((await cordonNode.rollBack(cluster.write, prepared)).outcome).toBe('rolled-back');
    expect(specOf(of('nodes', NODE) ?? fail())).toMatchObject({ taints: [theirs] });
  });
});

describe('scaling to zero', () => {
  it.each([
    ['a HorizontalPodAutoscaler', 'Deployment', 'checkout', /HorizontalPodAutoscaler checkout does nothing while/],
    ['KEDA', 'StatefulSet', 'ledger', /ScaledObject ledger of KEDA may start replicas again/],
  ] as const)('warns of %s', async (_, kind, name, warning) => {
    expect((await preview(scaleToZero, target(kind, name))).warnings.join('\n')).toMatch(warning);
  });

  it('warns of the tool that will put the replicas back, and of an owner that may', async () => {
    edit('deployments', 'checkout', annotated({ 'argocd.argoproj.io/tracking-id': 'x' }));
    expect((await preview(scaleToZero, target('Deployment', 'checkout'))).warnings.join(' ')).toContain('Argo CD');
  });

  it('says what of it could not be read, and knows a cluster without KEDA', async () => {
    cluster.server.misbehave(statusFault(403, 'is forbidden', { path: '/horizontalpodautoscalers' }));
    cluster.server.misbehave(statusFault(404, 'no such path', { path: '/scaledobjects' }));
    const { warnings } = await preview(scaleToZero, target('StatefulSet', 'ledger'));
    expect(warnings.join(' ')).toContain('Whether a HorizontalPodAutoscaler scales the workload could not be read');
    expect(warnings.join(' ')).not.toContain('ScaledObject');
  });

  it('is partial while a pod still ends, and failed once somebody scales it up again', async () => {
    const prepared = await plan(scaleToZero, target('Deployment', 'checkout'));
    const pod = of('pods', POD) ?? fail();
    await scaleToZero.apply(cluster.write, prepared);
    cluster.sandbox.change((store) => {
      const ending = { ...pod.metadata, ownerReferences: [], deletionTimestamp: '2025-10-14T09:21:00Z' };
      store.put('pods', {
        ...pod,
        metadata: { ...ending, labels: { ...pod.metadata.labels, 'pod-template-hash': 'x' } },
      });
    });
    expect(await scaleToZero.verify(cluster.read, prepared)).toMatchObject({
      result: 'partial',
      checks: [{ ok: true }, { ok: true }, { name: 'no-pod-runs', ok: false, detail: `pod ${POD} still runs` }],
    });
    edit('deployments', 'checkout', (was) => ({ spec: { ...specOf(was), replicas: 2 } }));
    expect((await scaleToZero.verify(cluster.read, prepared)).result).toBe('failed');
    expect((await scaleToZero.rollBack(cluster.write, prepared)).outcome).toBe('nothing-to-undo');
  });

  it('wants a new plan when the number has changed since, and none where there is nothing to stop', async () => {
    const prepared = await plan(scaleToZero, target('Deployment', 'checkout'));
    edit('deployments', 'checkout', (was) => ({ spec: { ...specOf(was), replicas: 5 } }));
    expect((await scaleToZero.apply(cluster.write, prepared)).outcome).toBe('changed');
    edit('deployments', 'checkout', (was) => ({ spec: { ...specOf(was), replicas: 0 } }));
    expect(await ask(scaleToZero, target('Deployment', 'checkout'))).toMatchObject({ code: 'unsupported' });
  });

  it('goes on where a crash between a CronJob and its job left it', async () => {
    const prepared = await plan(scaleToZero, target('CronJob', 'report'));
    const [first] = prepared.requests;
    if (first === undefined) fail();
    else await cluster.write.send(first, { dryRun: false, record: () => undefined });
    expect((await scaleToZero.verify(cluster.read, prepared)).result).toBe('failed');
    expect((await scaleToZero.apply(cluster.write, prepared)).outcome).toBe('applied');
    expect((await scaleToZero.verify(cluster.read, prepared)).result).toBe('contained');
  });

  it('names a job that started after the plan, and does not touch it', async () => {
    const prepared = await plan(scaleToZero, target('CronJob', 'report'));
    const job = of('jobs', 'report-29340') ?? fail();
    cluster.sandbox.change((store) =>
      store.put('jobs', { ...job, metadata: { ...job.metadata, name: 'report-2', uid: '' } }),
    );
    await scaleToZero.apply(cluster.write, prepared);
    expect(await scaleToZero.verify(cluster.read, prepared)).toMatchObject({
      result: 'failed',
      checks: [{ detail: expect.stringContaining('job report-2 still runs') }, { ok: false }],
    });
  });
});

describe('deleting a pod', () => {
  it.each([
    ['StatefulSet', 'ledger-0'],
    ['DaemonSet', `agent-${NODE.replaceAll('.', '-')}`],
  ])('is refused for a %s, whose pods are not interchangeable', async (kind, name) => {
    expect(await ask(deletePod, target('Pod', name))).toMatchObject({
      code: 'unsupported',
      reason: expect.stringContaining(`belongs to ${kind}`),
    });
  });

  it('is refused for a pod that nothing replaces, for a static one, and where the owner cannot be read', async () => {
    edit('pods', 'storefront-0', (was) => ({ metadata: { ...was.metadata, ownerReferences: [] } }));
    expect(await ask(deletePod, target('Pod', 'storefront-0'))).toMatchObject({ code: 'unsupported' });
    edit('pods', 'storefront-0', annotated({ 'kubernetes.io/config.mirror': 'x' }));
    expect(await ask(deletePod, target('Pod', 'storefront-0'))).toMatchObject({
      reason: expect.stringContaining('static pod'),
    });
    cluster.server.misbehave(statusFault(403, 'is forbidden', { path: '/deployments/' }));
    expect(await ask(deletePod, target('Pod', POD))).toMatchObject({
      code: 'unsupported',
      reason: expect.stringContaining('could not be read'),
    });
  });

  it('is refused when what controls the pod is marked as protected', async () => {
    edit('deployments', 'checkout', annotated({ 'parapet.io/protected': 'true' }));
    expect(await ask(deletePod, target('Pod', POD))).toMatchObject({ code: 'protected' });
  });

  it('warns of the evidence and of the twin, less when the pod is in quarantine already', async () => {
    const before = await preview(deletePod, target('Pod', POD));
    expect(before.warnings.join(' ')).toMatch(/Evidence is lost.*not in quarantine/);
    expect(before.blastRadius.join(' ')).toContain('starts another pod from the same image at once');
    expect(before.undo).toContain('Not possible');
    await quarantinePod.apply(cluster.write, await plan(quarantinePod, target('Pod', POD)));
    const after = await preview(deletePod, target('Pod', POD));
    expect(after.warnings.join(' ')).not.toContain('not in quarantine');
    expect(after.blastRadius.join(' ')).toContain('was replaced before');
  });

  it('cannot be undone, and says so instead of pretending', async () => {
    const prepared = await plan(deletePod, target('Pod', POD));
    expect(prepared.inverse).toEqual([]);
    expect((await deletePod.rollBack(cluster.write, prepared)).outcome).toBe('nothing-to-undo');
    expect((await deletePod.verify(cluster.read, prepared)).result).toBe('failed');
    await deletePod.apply(cluster.write, prepared);
    expect(await deletePod.rollBack(cluster.write, prepared)).toMatchObject({ outcome: 'failed', requests: [] });
  });

  it('is done when the pod is ending, and never hits the one that comes after it', async () => {
    const prepared = await plan(deletePod, target('Pod', POD));
    edit('pods', POD, (was) => ({ metadata: { ...was.metadata, deletionTimestamp: '2025-10-14T09:21:00Z' } }));
    expect((await deletePod.apply(cluster.write, prepared)).outcome).toBe('already-applied');
    expect((await deletePod.verify(cluster.read, prepared)).result).toBe('partial');
    expect(cluster.server.calls.filter(({ method }) => method === 'DELETE')).toEqual([]);
  });

  it('is dry when it is tried - the server reads the query of a deletion only when it has no body', async () => {
    const prepared = await plan(deletePod, target('Pod', POD));
    const [request] = prepared.requests;
    if (request === undefined) fail();
    else await cluster.write.send(request, { dryRun: true, record: () => undefined });
    expect(of('pods', POD)).toBeDefined();
    const sent = cluster.server.calls.find(({ method }) => method === 'DELETE');
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({
      dryRun: ['All'],
      preconditions: { uid: prepared.target.uid },
    });
  });
});

describe('undoing a rollout', () => {
  const image = '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout';
  const OLDER = 'checkout-5c4b8f6d9c';
  const refusal = async () => {
    const answer = await ask(rolloutUndo, target('Deployment', 'checkout'));
    return answer.ok ? 'prepared' : answer.reason;
  };

  it('shows what will run instead, and not the whole template, which may hold settings', async () => {
    const shown = await preview(rolloutUndo, target('Deployment', 'checkout'));
    expect(shown.summary).toBe(
      `Revision 6 runs again instead of 7: container checkout runs ${image}:1.41.3 instead of ${image}:1.42.0.`,
    );
    expect(shown.commands).toEqual(['kubectl -n payments rollout undo deployment checkout --to-revision=6']);
  });

  it('is refused while the rollout is paused', async () => {
    edit('deployments', 'checkout', (was) => ({ spec: { ...specOf(was), paused: true } }));
    expect(await refusal()).toContain('paused');
  });

  it('is refused when the older revision has the same image', async () => {
    edit('replicasets', OLDER, (was) => ({
      spec: { ...specOf(was), template: specOf(of('deployments', 'checkout') ?? fail())['template'] },
    }));
    expect(await refusal()).toContain('has the same images');
  });

  it('is refused when the older revision is older than a month, or of no known age', async () => {
    edit('replicasets', OLDER, (was) => ({ metadata: { ...was.metadata, creationTimestamp: '2025-08-01T00:00:00Z' } }));
    expect(await refusal()).toContain('is older than 30 days');
    edit('replicasets', OLDER, (was) => ({ metadata: { ...was.metadata, creationTimestamp: 'yesterday' } }));
    expect(await refusal()).toContain('is older than 30 days');
  });

  it('is refused when no older revision is kept', async () => {
    cluster.sandbox.change((store) => {
      const older = store.get('replicasets', 'payments', OLDER);
      if (older) store.remove('replicasets', older);
    });
    expect(await refusal()).toContain('no older revision is kept');
  });

  it('warns of a tool that will roll out the present revision again', async () => {
    edit('deployments', 'checkout', labelled({ 'kustomize.toolkit.fluxcd.io/name': 'shop' }));
    expect((await preview(rolloutUndo, target('Deployment', 'checkout'))).warnings.join(' ')).toContain('Flux');
  });

  it('is partial while it rolls out, failed when Kubernetes gives up or somebody changes it back', async () => {
    const prepared = await plan(rolloutUndo, target('Deployment', 'checkout'));
    await rolloutUndo.apply(cluster.write, prepared);
    expect((await rolloutUndo.verify(cluster.read, prepared)).result).toBe('contained');
    const under = (status: Record<string, unknown>) => ({
      ...cluster.read,
      getWorkload: async (...args: Parameters<typeof cluster.read.getWorkload>) => {
        const found = await cluster.read.getWorkload(...args);
        return (
          found && { ...found, status: { observedGeneration: found.metadata.generation, conditions: [], ...status } }
        );
      },
    });
    const rolling = { replicas: 3, updatedReplicas: 1, availableReplicas: 2 };
    expect((await rolloutUndo.verify(under(rolling), prepared)).result).toBe('partial');
    expect(
      (
        await rolloutUndo.verify(
          under({ replicas: 2, updatedReplicas: 2, availableReplicas: 2, observedGeneration: 0 }),
          prepared,
        )
      ).result,
    ).toBe('partial');
    const stuck = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    expect((await rolloutUndo.verify(under({ ...rolling, conditions: stuck }), prepared)).result).toBe('failed');
    edit('deployments', 'checkout', (was) => ({
      spec: { ...specOf(was), template: prepared.beforeState['template'] },
    }));
    expect((await rolloutUndo.verify(cluster.read, prepared)).result).toBe('failed');
  });

  it('overwrites nothing that was deployed since', async () => {
    const prepared = await plan(rolloutUndo, target('Deployment', 'checkout'));
    await rolloutUndo.apply(cluster.write, prepared);
    edit('deployments', 'checkout', (was) => ({
      spec: {
        ...specOf(was),
        template: {
          metadata: { labels: { app: 'checkout' } },
          spec: { containers: [{ name: 'checkout', image: 'fixed' }] },
        },
      },
    }));
    expect(await rolloutUndo.rollBack(cluster.write, prepared)).toMatchObject({ outcome: 'failed', requests: [] });
    expect((await rolloutUndo.apply(cluster.write, prepared)).outcome).toBe('changed');
  });
});

function fail(): never {
  throw new Error('the cluster lost what the test needs');
}
