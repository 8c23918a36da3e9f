import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { exactTargets } from '../../connectors/targets/exact.ts';
import { kubernetesReader } from '../../connectors/targets/kubernetes/reader.ts';
import { kubernetesWriter } from '../../connectors/targets/kubernetes/writer.ts';
import { rehearsingTargets } from '../../connectors/targets/rehearsal.ts';
import { preparedActionSchema } from '../../domain/actions/action.ts';
import { kubernetesTargetSchema } from '../../domain/actions/target.ts';
import { ACTION_TRAITS } from '../../domain/actions/traits.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { withoutVersion } from '../../domain/undo/requests.ts';
import { resourceOfKind } from '../../local/sandbox/kubernetes/resources.ts';
import { INCIDENT_ID, prepared as prepare, startCluster, statusFault, type TestCluster } from './kubernetes-cluster.ts';
import { ACTION_CASES, type ActionCase, addWorkloads, essenceOfCluster, setState } from './kubernetes-workloads.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startCluster({ mayBind: ['cluster-admin', 'editor'] });
  addWorkloads(cluster);
});
afterEach(() => cluster.close());

const arrange = (one: ActionCase) => cluster.sandbox.change((store) => one.arrange?.(store));
const plan = (one: ActionCase) => prepare(one.action, cluster.read, one.target(cluster), one.parameters);
const refused = ['delete a pod of a StatefulSet', 'delete a pod of a DaemonSet'];
const possible = ACTION_CASES.filter(({ name }) => !refused.includes(name));
const undoable = possible.filter(({ action }) => action.reversible);
const writes = () => cluster.server.calls.filter(({ method }) => method !== 'GET');

describe.each(possible.map((one) => [one.name, one] as const))('to %s', (_, one) => {
  it('changes nothing while it is planned', async () => {
    arrange(one);
    const before = essenceOfCluster(cluster);
    await plan(one);
    expect(essenceOfCluster(cluster)).toEqual(before);
    expect(writes()).toEqual([]);
  });

  it('gives the same plan again while nothing changes - an approval binds its digest', async () => {
    arrange(one);
    expect(canonicalJson(await plan(one))).toBe(canonicalJson(await plan(one)));
  });

  it('is tried as a dry run first, which changes nothing', async () => {
    arrange(one);
    const prepared = await plan(one);
    const before = essenceOfCluster(cluster);
    for (const request of prepared.requests)
      await cluster.write.send(request, { dryRun: true, record: () => undefined });
    expect(essenceOfCluster(cluster)).toEqual(before);
    const { requests } = await one.action.apply(cluster.write, prepared);
    expect(requests.map(({ dryRun }) => dryRun)).toEqual([
      ...prepared.requests.map(() => true),
      ...prepared.requests.map(() => false),
    ]);
  });

  it('does it once however often it is applied, from a plan that went through the store', async () => {
    arrange(one);
    const stored = preparedActionSchema.parse(JSON.parse(canonicalJson(await plan(one))));
    const prepared = { ...stored, target: kubernetesTargetSchema.parse(stored.target) };
    expect((await one.action.apply(cluster.write, prepared)).outcome).toBe('applied');
    const once = essenceOfCluster(cluster);
    const again = await one.action.apply(cluster.write, prepared);
    expect(again).toMatchObject({ outcome: 'already-applied', requests: [] });
    expect(essenceOfCluster(cluster)).toEqual(once);
    expect((await one.action.verify(cluster.read, prepared)).result).toBe('contained');
  });

  it.each([
    [400, 'admission webhook "guard.example.com" does not support dry run', 'refused'],
    [401, 'Unauthorized', 'denied'],
    [403, 'is forbidden', 'denied'],
    [404, 'not found', 'gone'],
    [409, 'the object has been modified', 'changed'],
    [500, 'internal error', 'failed'],
  ] as const)(
    'is named for what it is when the API answers %i: nothing is changed',
    async (status, message, outcome) => {
      arrange(one);
      const prepared = await plan(one);
      const before = essenceOfCluster(cluster);
      for (const method of ['PATCH', 'DELETE', 'POST'])
        cluster.server.misbehave(statusFault(status, message, { method, times: 9 }));
      const result = await one.action.apply(cluster.write, prepared);
      expect(result.outcome).toBe(outcome);
      expect(result.reason).toContain(status === 400 ? 'dry run is not supported here' : message);
      expect(essenceOfCluster(cluster)).toEqual(before);
    },
  );

  it('is tried again after 429 where that gives the same state, and a deletion never is', async () => {
    arrange(one);
    const prepared = await plan(one);
    for (const method of ['PATCH', 'DELETE'])
      cluster.server.misbehave(statusFault(429, 'too many requests', { method }));
    const deletes = prepared.requests.some(({ method }) => method === 'DELETE');
    expect(await one.action.apply(cluster.write, prepared)).toMatchObject(
      deletes ? { outcome: 'failed', reason: expect.stringContaining('nothing was changed') } : { outcome: 'applied' },
    );
  });

  it('does not claim to know what became of a request that got no answer', async () => {
    arrange(one);
    const prepared = await plan(one);
    for (const method of ['PATCH', 'DELETE'])
      cluster.server.misbehave({ system: 'kubernetes', method, reply: { cutAfterBytes: 3 } });
    expect(await one.action.apply(cluster.write, prepared)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('this was the dry run, nothing was changed'),
    });
  });

  it('waits for no answer for ever', async () => {
    arrange(one);
    const prepared = await plan(one);
    const limits = { timeoutMs: 60, maxAnswerBytes: 1e6, attempts: 1, maxWaitMs: 1, pageSize: 250, maxPages: 4 };
    const write = kubernetesWriter(cluster.configuration, cluster.deps({ limits: { ...limits, timeoutMs: 2_000 } }));
    const impatient = kubernetesWriter(cluster.configuration, cluster.deps({ limits }));
    for (const method of ['PATCH', 'DELETE'])
      cluster.server.misbehave({ system: 'kubernetes', method, reply: { hangMs: 20_000 } });
    const result = await one.action.apply({ ...write, send: impatient.send }, prepared);
    expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/did not answer within/) });
  });

  it('leaves a successor of the same name alone', async () => {
    arrange(one);
    const prepared = await plan(one);
    const { plural } = resourceOfKind(prepared.target.kind);
    cluster.sandbox.change((store) => {
      const object = store.get(plural, prepared.target.namespace, prepared.target.name);
      if (object) store.put(plural, { ...object, metadata: { ...object.metadata, uid: 'another' } });
    });
    const before = essenceOfCluster(cluster);
    const { outcome } = await one.action.apply(cluster.write, prepared);
    expect(['replaced', 'already-applied']).toContain(outcome);
    expect(writes()).toEqual([]);
    expect(essenceOfCluster(cluster)).toEqual(before);
    const again = await one.action.prepare(cluster.read, { ...prepared, parameters: one.parameters ?? {} });
    expect(again).toMatchObject({ ok: false, code: 'replaced' });
  });

  it('has nothing to do when its target is gone', async () => {
    arrange(one);
    const prepared = await plan(one);
    const { plural } = resourceOfKind(prepared.target.kind);
    cluster.sandbox.change((store) => {
      const object = store.get(plural, prepared.target.namespace, prepared.target.name);
      if (object) store.remove(plural, object);
    });
    // A StatefulSet or DaemonSet starts a pod of the same name at once: another one.
    const { outcome } = await one.action.apply(cluster.write, prepared);
    expect(['gone', 'replaced', 'already-applied']).toContain(outcome);
    expect(writes()).toEqual([]);
  });

  it('is refused by the configuration, by a mark on the object and by a protected namespace, before and after approval', async () => {
    arrange(one);
    const prepared = await plan(one);
    const { name, namespace, kind } = prepared.target;
    const byName = { ...cluster.configuration, protectedNames: [namespace ? `${namespace}/${name}` : name] };
    const ask = { ...prepared, parameters: one.parameters ?? {} };
    expect(await one.action.prepare(kubernetesReader(byName, cluster.deps()), ask)).toMatchObject({
      code: 'protected',
    });
    expect((await one.action.apply(kubernetesWriter(byName, cluster.deps()), prepared)).outcome).toBe('refused');
    if (namespace !== undefined) {
      const byPlace = { ...cluster.configuration, protectedNamespaces: [namespace] };
      expect(await one.action.prepare(kubernetesReader(byPlace, cluster.deps()), ask)).toMatchObject({
        code: 'protected',
      });
      expect((await one.action.apply(kubernetesWriter(byPlace, cluster.deps()), prepared)).outcome).toBe('refused');
    }
    cluster.sandbox.change((store) => {
      const { plural } = resourceOfKind(kind);
      const object = store.get(plural, namespace, name);
      const annotations = { ...object?.metadata.annotations, 'parapet.io/protected': 'true' };
      if (object) store.put(plural, { ...object, metadata: { ...object.metadata, annotations } });
    });
    expect(await one.action.prepare(cluster.read, ask)).toMatchObject({ code: 'protected' });
    expect((await one.action.apply(cluster.write, prepared)).outcome).toBe('refused');
    expect(writes()).toEqual([]);
  });

  it('tells gates and quorums what its definition says', () => {
    const { class: of, reversible } = one.action;
    expect(ACTION_TRAITS[one.action.name]).toMatchObject({ class: of, reversible });
  });
});

describe('undoing', () => {
  it.each(undoable.map((one) => [one.name, one] as const))(
    'what was done to %s gives back what was before, once',
    async (_, one) => {
      arrange(one);
      const before = essenceOfCluster(cluster);
      const prepared = await plan(one);
      expect((await one.action.rollBack(cluster.write, prepared)).outcome).toBe('nothing-to-undo');
      await one.action.apply(cluster.write, prepared);
      expect(essenceOfCluster(cluster)).not.toEqual(before);
      expect((await one.action.rollBack(cluster.write, prepared)).outcome).toBe('rolled-back');
      expect(essenceOfCluster(cluster)).toEqual(before);
      expect((await one.action.rollBack(cluster.write, prepared)).outcome).toBe('nothing-to-undo');
      expect((await one.action.verify(cluster.read, prepared)).result).not.toBe('contained');
    },
  );

  it.each(undoable.map((one) => [one.name, one] as const))(
    'what was done to %s is rehearsed with the reading credential, and done by exactly the requests that were rehearsed',
    async (_, one) => {
      arrange(one);
      const before = essenceOfCluster(cluster);
      const prepared = await plan(one);
      await one.action.apply(cluster.write, prepared);
      const [done, sent] = [essenceOfCluster(cluster), writes().length];
      const reading = { kubernetes: () => cluster.read, aws: () => undefined, vendor: () => undefined };
      const rehearsal = await rehearsingTargets(catalogue, reading).rehearse(prepared);
      if (rehearsal.kind !== 'ready') throw new Error(rehearsal.said);
      expect({ now: essenceOfCluster(cluster), sent: writes().length }).toEqual({ now: done, sent });
      const targets = exactTargets(catalogue, {
        kubernetes: () => cluster.write,
        aws: () => undefined,
        vendor: () => undefined,
      });
      const other = rehearsal.requests.map((request) => ({ ...request, path: `${request.path}-other` }));
      expect(await targets.rollBackExactly(prepared, 'ada', other)).toMatchObject({ outcome: 'changed', requests: [] });
      expect(essenceOfCluster(cluster)).toEqual(done);
      const approved = rehearsal.requests.map(withoutVersion);
      expect(await targets.rollBackExactly(prepared, 'ada', approved)).toMatchObject({ outcome: 'rolled-back' });
      expect(essenceOfCluster(cluster)).toEqual(before);
      expect(await rehearsingTargets(catalogue, reading).rehearse(prepared)).toMatchObject({ kind: 'nothing' });
    },
  );

  it.each(
    undoable
      .filter(({ action }) => action.name !== 'kubernetes.remove-role-binding')
      .map((one) => [one.name, one] as const),
  )('what was done to %s reads again after one conflict', async (_, one) => {
    arrange(one);
    const prepared = await plan(one);
    await one.action.apply(cluster.write, prepared);
    if (one.action.name === 'kubernetes.quarantine-pod') return;
    cluster.server.misbehave(statusFault(409, 'the object has been modified', { method: 'PATCH' }));
    expect((await one.action.rollBack(cluster.write, prepared)).outcome).toBe('rolled-back');
  });

  it('is the inverse of doing, whatever the node and the workloads were like before', async () => {
    const taint = fc.record({
      key: fc.constantFrom('dedicated', 'node.kubernetes.io/not-ready', 'parapet.io/quarantine'),
      value: fc.constantFrom('a', 'b'),
      effect: fc.constantFrom('NoSchedule', 'NoExecute'),
    });
    const marks = fc.dictionary(
      fc.constantFrom('team', 'parapet.io/incident', 'example.com/x_y'),
      fc.constantFrom('x', 'inc-other'),
    );
    const states = fc.record({
      taints: fc.array(taint, { maxLength: 3 }),
      unschedulable: fc.boolean(),
      annotations: marks,
      replicas: fc.integer({ min: 1, max: 4 }),
      nodeSelector: fc.dictionary(fc.constantFrom('kubernetes.io/os', 'disk/kind'), fc.constant('linux')),
    });
    await fc.assert(
      fc.asyncProperty(states, fc.constantFrom(...undoable.filter(onNodesAndWorkloads)), async (state, one) => {
        setState(cluster, state);
        const before = essenceOfCluster(cluster);
        const prepared = await plan(one);
        expect((await one.action.apply(cluster.write, prepared)).outcome).toBe('applied');
        const done = essenceOfCluster(cluster);
        expect((await one.action.apply(cluster.write, prepared)).outcome).toBe('already-applied');
        expect(essenceOfCluster(cluster)).toEqual(done);
        expect((await one.action.rollBack(cluster.write, prepared)).outcome).toBe('rolled-back');
        expect(essenceOfCluster(cluster)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });
});

function onNodesAndWorkloads({ action }: ActionCase): boolean {
  return ['kubernetes.cordon-node', 'kubernetes.scale-to-zero', 'kubernetes.rollout-undo'].includes(action.name);
}

describe('an incident', () => {
  it('is written where people look for it', async () => {
    for (const one of possible.filter(({ name }) =>
      ['cordon a node', 'scale a DaemonSet to zero', 'undo a rollout'].includes(name),
    )) {
      const prepared = await plan(one);
      await one.action.apply(cluster.write, prepared);
      const { kind, name } = prepared.target;
      const object = cluster.sandbox
        .objects(resourceOfKind(kind).plural)
        .find(({ metadata }) => metadata.name === name);
      expect(object?.metadata.annotations?.['parapet.io/incident'], one.name).toBe(INCIDENT_ID);
    }
  });
});
