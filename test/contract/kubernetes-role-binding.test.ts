import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeRoleBinding } from '../../connectors/targets/kubernetes/actions/remove-role-binding.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import type { ApiObject, ObjectStore } from '../../local/sandbox/kubernetes/objects.ts';
import {
  BINDING_TARGET,
  BINDING_UID,
  INCIDENT_ID,
  prepared as prepare,
  SUBJECT,
  startCluster,
  statusFault,
  type TestCluster,
} from './kubernetes-cluster.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startCluster({ mayBind: ['cluster-admin', 'view'] });
});
afterEach(() => cluster.close());

const plan = (target: KubernetesTarget = BINDING_TARGET) =>
  prepare(removeRoleBinding, cluster.read, target, { subject: SUBJECT });
const ask = (target: KubernetesTarget = BINDING_TARGET, subject: string = SUBJECT) =>
  removeRoleBinding.prepare(cluster.read, { incidentId: INCIDENT_ID, actionId: 'A1', target, parameters: { subject } });
const bindings = () =>
  [...cluster.sandbox.objects('clusterrolebindings'), ...cluster.sandbox.objects('rolebindings')].map(
    ({ metadata: { name, namespace, labels, annotations }, roleRef, subjects }) => ({
      name,
      namespace,
      labels,
      annotations,
      roleRef,
      subjects,
    }),
  );
const bindingIn = (store: ObjectStore, name = 'checkout-cluster-admin'): ApiObject => {
  const binding = store.get('clusterrolebindings', undefined, name);
  if (binding === undefined) throw new Error('the binding is gone');
  return binding;
};
const setSubjects = (subjects: readonly unknown[]) =>
  cluster.sandbox.change((store) => store.put('clusterrolebindings', { ...bindingIn(store), subjects }));
const account = (name: string, namespace = 'payments') => ({ kind: 'ServiceAccount', name, namespace });
const writes = () => cluster.server.calls.filter(({ method }) => method !== 'GET');

const SHARED: KubernetesTarget = {
  system: 'kubernetes' as const,
  entityId: 'N3',
  entity: {
    kind: 'role-binding',
    canonical: 'prod-eks/payments/RoleBinding/checkout-view',
    label: 'RoleBinding payments/checkout-view',
  },
  cluster: 'prod-eks',
  namespace: 'payments',
  kind: 'RoleBinding',
  name: 'checkout-view',
  uid: '00000000-0000-4000-8000-000000000035',
};

describe('removing the only subject of a binding', () => {
  it('deletes the binding with its uid, and keeps the whole object for putting it back', async () => {
    const prepared = await plan();
    expect(prepared.requests).toEqual([
      {
        method: 'DELETE',
        path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/checkout-cluster-admin',
        contentType: 'application/json',
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: BINDING_UID } },
        purpose: `delete the binding, whose only subject is ${SUBJECT}`,
      },
    ]);
    expect(prepared.beforeState).toMatchObject({
      subject: SUBJECT,
      object: { metadata: { uid: BINDING_UID }, subjects: [account('checkout')] },
    });
    expect(prepared.inverse[0]?.body).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'checkout-cluster-admin' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [account('checkout')],
    });
    expect(writes()).toEqual([]);
  });

  it('applies once however often it is asked to, and verifies', async () => {
    const prepared = await plan();
    expect((await removeRoleBinding.verify(cluster.read, prepared)).result).toBe('failed');
    expect((await removeRoleBinding.apply(cluster.write, prepared)).outcome).toBe('applied');
    const once = bindings();
    expect(await removeRoleBinding.apply(cluster.write, prepared)).toMatchObject({
      outcome: 'already-applied',
      requests: [],
    });
    expect(bindings()).toEqual(once);
    expect(await removeRoleBinding.verify(cluster.read, prepared)).toEqual({
      result: 'contained',
      enforcement: 'not-applicable',
      checks: [
        {
          name: 'subject-removed',
          ok: true,
          detail: `ClusterRoleBinding checkout-cluster-admin does not name ${SUBJECT}`,
        },
        { name: 'no-other-full-control', ok: true, detail: expect.any(String) },
      ],
      verifiedAt: '2025-10-14T09:20:00.000Z',
    });
  });

  it('gives back the very bindings from before, once', async () => {
    const before = bindings();
    const prepared = await plan();
    await removeRoleBinding.apply(cluster.write, prepared);
    expect(bindings()).not.toEqual(before);
    expect((await removeRoleBinding.rollBack(cluster.write, prepared)).outcome).toBe('rolled-back');
    expect(bindings()).toEqual(before);
    expect((await removeRoleBinding.rollBack(cluster.write, prepared)).outcome).toBe('nothing-to-undo');
  });

  it('says who must undo it where our account may not bind the role, as in the manifests we render', async () => {
    await cluster.close();
    cluster = await startCluster();
    const prepared = await plan();
    expect((await removeRoleBinding.apply(cluster.write, prepared)).outcome).toBe('applied');
    const undone = await removeRoleBinding.rollBack(cluster.write, prepared);
    expect(undone).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('an administrator of the cluster must run the undo command'),
    });
  });

  it('does not delete a subject that somebody added after the plan', async () => {
    const prepared = await plan();
    setSubjects([account('checkout'), account('reporting')]);
    expect((await removeRoleBinding.apply(cluster.write, prepared)).outcome).toBe('changed');
    expect(writes()).toEqual([]);
  });

  it('does not delete a subject added between reading and deleting either - the version just read is a precondition', async () => {
    const prepared = await plan();
    const write = {
      ...cluster.write,
      send: (request: Parameters<typeof cluster.write.send>[0], options: Parameters<typeof cluster.write.send>[1]) => {
        if (!options.dryRun) setSubjects([account('checkout'), account('reporting')]);
        return cluster.write.send(request, options);
      },
    };
    expect((await removeRoleBinding.apply(write, prepared)).outcome).toBe('changed');
    expect(bindings().find(({ name }) => name === 'checkout-cluster-admin')?.subjects).toHaveLength(2);
  });

  it('stops at a binding that was made anew under the same name', async () => {
    const prepared = await plan();
    cluster.sandbox.change((store) =>
      store.put('clusterrolebindings', {
        ...bindingIn(store),
        metadata: { ...bindingIn(store).metadata, uid: 'another' },
      }),
    );
    expect((await removeRoleBinding.apply(cluster.write, prepared)).outcome).toBe('replaced');
    const verification = await removeRoleBinding.verify(cluster.read, prepared);
    expect(verification.result).toBe('failed');
    expect(verification.checks[0]?.detail).toContain('was created again and names');
  });

  it('is denied without rights, and has changed nothing', async () => {
    const prepared = await plan();
    const before = bindings();
    cluster.server.misbehave(statusFault(403, 'is forbidden', { method: 'DELETE' }));
    expect(await removeRoleBinding.apply(cluster.write, prepared)).toMatchObject({
      outcome: 'denied',
      requests: [{ dryRun: true, status: 403 }],
    });
    expect(bindings()).toEqual(before);
  });
});

describe('removing one subject of several', () => {
  it('tests the whole list and removes that one, and puts it back', async () => {
    const before = bindings();
    const prepared = await plan(SHARED);
    expect(prepared.requests[0]?.body).toEqual([
      { op: 'test', path: '/metadata/uid', value: SHARED.uid },
      { op: 'test', path: '/subjects', value: [account('checkout'), account('reporting')] },
      { op: 'remove', path: '/subjects/0' },
    ]);
    expect((await removeRoleBinding.apply(cluster.write, prepared)).outcome).toBe('applied');
    expect(bindings().find(({ name }) => name === 'checkout-view')?.subjects).toEqual([account('reporting')]);
    expect((await removeRoleBinding.apply(cluster.write, prepared)).outcome).toBe('already-applied');
    expect((await removeRoleBinding.rollBack(cluster.write, prepared)).outcome).toBe('rolled-back');
    const after = bindings();
    // The order of subjects has no meaning; the one put back comes last.
    expect(after.find(({ name }) => name === 'checkout-view')?.subjects).toEqual([
      account('reporting'),
      account('checkout'),
    ]);
    expect(after.filter(({ name }) => name !== 'checkout-view')).toEqual(
      before.filter(({ name }) => name !== 'checkout-view'),
    );
  });

  it('is partial while another binding gives the same account full control', async () => {
    const verification = await plan(SHARED).then(async (prepared) => {
      await removeRoleBinding.apply(cluster.write, prepared);
      return await removeRoleBinding.verify(cluster.read, prepared);
    });
    expect(verification.result).toBe('partial');
    expect(verification.checks[1]).toEqual({
      name: 'no-other-full-control',
      ok: false,
      detail: `${SUBJECT} still has full control through ClusterRoleBinding checkout-cluster-admin`,
    });
  });

  it('is denied in the dry run where our account may not bind the role - the API server checks changes for escalation', async () => {
    await cluster.close();
    cluster = await startCluster();
    const before = bindings();
    const result = await removeRoleBinding.apply(cluster.write, await plan(SHARED));
    expect(result).toMatchObject({ outcome: 'denied', reason: expect.stringContaining('not currently held') });
    expect(bindings()).toEqual(before);
  });
});

describe('what is never removed', () => {
  it.each(['system:node', 'eks:addon-manager', 'parapet-contain'])(
    '%s - the cluster or Parapet itself stands on it',
    async (name) => {
      expect(await ask({ ...BINDING_TARGET, name })).toMatchObject({ ok: false, code: 'protected' });
      expect(cluster.server.calls).toEqual([]);
    },
  );

  it('a binding that Kubernetes made at its start', async () => {
    cluster.sandbox.change((store) =>
      store.put('clusterrolebindings', {
        ...bindingIn(store),
        metadata: { ...bindingIn(store).metadata, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
      }),
    );
    expect(await ask()).toMatchObject({ ok: false, code: 'protected' });
  });

  it('rights of an account in a protected namespace', async () => {
    expect(await ask(BINDING_TARGET, 'ServiceAccount/kube-system/coredns')).toMatchObject({
      ok: false,
      code: 'protected',
    });
    expect(await ask({ ...SHARED, namespace: 'kube-system' })).toMatchObject({ ok: false, code: 'protected' });
  });

  it.each(['Group/system:serviceaccounts', 'User/jane', '', 'ServiceAccount/payments', 'ServiceAccount/a/b/c'])(
    'the subject "%s" - it is not one ServiceAccount',
    async (subject) => {
      expect(await ask(BINDING_TARGET, subject)).toMatchObject({ ok: false, code: 'unsupported' });
    },
  );

  it('a subject or a binding that is not there, and one of another uid', async () => {
    expect(await ask(BINDING_TARGET, 'ServiceAccount/payments/nobody')).toMatchObject({ ok: false, code: 'gone' });
    expect(await ask({ ...BINDING_TARGET, uid: 'another' })).toMatchObject({ ok: false, code: 'replaced' });
    expect(await ask({ ...BINDING_TARGET, name: 'nothing' })).toMatchObject({ ok: false, code: 'gone' });
  });
});

describe('what people read before they decide', () => {
  it('names role, reach, undo and the other bindings of the same account', async () => {
    const preparation = await ask();
    if (!preparation.ok) throw new Error(preparation.reason);
    expect(preparation.preview).toEqual({
      title: `Remove ${SUBJECT} from ClusterRoleBinding checkout-cluster-admin in prod-eks`,
      summary: `${SUBJECT} loses ClusterRole cluster-admin, which is full control of the cluster. It is the only subject, so the binding is deleted.`,
      commands: ['kubectl delete clusterrolebinding checkout-cluster-admin'],
      blastRadius: [
        `Everything that runs as ${SUBJECT} loses these rights in the whole cluster at once, other pods of it included.`,
        'Its tokens stay valid as credentials; only the rights of this binding go.',
      ],
      undo: expect.stringContaining('kubectl create -f -'),
      warnings: [
        `${SUBJECT} also has ClusterRole system:basic-user through ClusterRoleBinding system:basic-user.`,
        `${SUBJECT} also has ClusterRole view through RoleBinding payments/checkout-view.`,
      ],
    });
  });

  it('warns of a GitOps tool that will put the binding back', async () => {
    cluster.sandbox.change((store) =>
      store.put('clusterrolebindings', {
        ...bindingIn(store),
        metadata: { ...bindingIn(store).metadata, annotations: { 'argocd.argoproj.io/tracking-id': 'shop:x' } },
      }),
    );
    const preparation = await ask();
    if (!preparation.ok) throw new Error(preparation.reason);
    expect(preparation.preview.warnings[0]).toContain('managed by Argo CD, which will put it back');
  });
});
