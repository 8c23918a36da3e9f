import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyName, quarantineId } from '../../connectors/targets/kubernetes/actions/quarantine-plan.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { planUndo } from '../../functions/plan-undo/plan-undo.ts';
import { verifyUndo } from '../../functions/verify-undo/verify-undo.ts';
import { POD_TARGET } from './kubernetes-cluster.ts';
import { podOf, policiesOf, replacePod, stateOf, writesOf } from './kubernetes-quarantine-case.ts';
import { INCIDENT, NOW, startUndoStage, type UndoStage } from './undo-stage.ts';

let stage: UndoStage;
let before: unknown;
beforeEach(async () => {
  stage = await startUndoStage();
  before = stateOf(stage.cluster);
});
afterEach(() => stage.cluster.close());

/** Requests to the cluster since the containment that would change something. */
async function contained(): Promise<() => number> {
  await stage.contain();
  const sent = writesOf(stage.cluster).length;
  return () => writesOf(stage.cluster).length - sent;
}

function removePolicy(): void {
  stage.cluster.sandbox.change((store) => {
    const policy = store.get('networkpolicies', 'payments', policyName(quarantineId(INCIDENT, 'A1')));
    if (policy) store.remove('networkpolicies', policy);
  });
}

function setLabels(labels: Record<string, string>): void {
  stage.cluster.sandbox.change((store) => {
    const pod = podOf(store);
    store.put('pods', { ...pod, metadata: { ...pod.metadata, labels } });
  });
}

describe('an undo on demand', () => {
  it('is planned by a rehearsal that writes nothing, as the exact requests people are asked about', async () => {
    const changes = await contained();
    const { action } = await stage.approve();
    expect(changes()).toBe(0);
    expect(action.prepared.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
      `PATCH /api/v1/namespaces/payments/pods/${POD_TARGET.name}`,
      `DELETE /apis/networking.k8s.io/v1/namespaces/payments/networkpolicies/${policyName(quarantineId(INCIDENT, 'A1'))}`,
    ]);
    expect(action.preview.title).toMatch(/^Undo: Quarantine pod /);
    expect(action).toMatchObject({
      gate: 'ask',
      approvers: ['ada', 'grace'],
      rationale: 'olga asked for it: The alert was a test.',
      prepared: { undoes: { planKey: `incidents/${INCIDENT}/plan-v1.json`, attempt: 1 } },
    });
  });

  it('puts back exactly what was there before, verifies that, and says so once in the log', async () => {
    await contained();
    const { ids } = await stage.approve();
    expect(await stage.rollBack(ids)).toMatchObject({ outcome: 'rolled-back' });
    expect(stateOf(stage.cluster)).toEqual(before);
    expect(await stage.verify(ids)).toMatchObject({ result: 'undone' });
    await stage.conclude('undone');
    await stage.conclude('undone');
    expect((await stage.kinds()).filter(([kind]) => /roll/.test(String(kind)))).toEqual([
      ['rollback.requested', 'asked'],
      ['rollback.started', null],
      ['action.rolled-back', 'rolled-back'],
      ['rollback.verified', 'undone'],
      ['rollback.concluded', 'undone'],
    ]);
  });

  it('gives the incident the outcome it has now, and ends the looks at what is no longer meant to hold', async () => {
    await contained();
    const { ids } = await stage.approve();
    await stage.rollBack(ids);
    await stage.conclude('undone');
    expect(await stage.deps.incidents.get(INCIDENT)).toMatchObject({ status: 'concluded', outcome: 'rolled-back' });
    const looks = await stage.deps.watches.ofIncident(INCIDENT);
    expect(looks.map(({ seen }) => seen?.result)).toEqual(['undone', 'undone', 'undone']);
    expect(await stage.deps.watches.due(new Date(NOW.getTime() + 48 * 3600_000), 10)).toEqual([]);
  });

  it('that came to nothing leaves outcome and looks as they are', async () => {
    await contained();
    await stage.conclude('refused');
    expect(await stage.deps.incidents.get(INCIDENT)).toMatchObject({ outcome: 'contained' });
    const looks = await stage.deps.watches.ofIncident(INCIDENT);
    expect(looks.map(({ seen }) => seen)).toEqual([undefined, undefined, undefined]);
  });

  it('is done once, however often it is carried out', async () => {
    await contained();
    const { ids } = await stage.approve();
    await stage.rollBack(ids);
    const sent = writesOf(stage.cluster).length;
    expect(await stage.rollBack(ids)).toMatchObject({ outcome: 'rolled-back' });
    expect(writesOf(stage.cluster)).toHaveLength(sent);
    expect((await stage.kinds()).filter(([kind]) => kind === 'action.rolled-back')).toHaveLength(1);
  });

  it('that broke off between two requests is finished by reading the target', async () => {
    await contained();
    const { ids } = await stage.approve();
    stage.cluster.server.misbehave({
      system: 'kubernetes',
      method: 'DELETE',
      path: '/networkpolicies',
      times: 1,
      reply: { status: 403, body: '{}' },
    });
    expect(await stage.rollBack(ids)).toMatchObject({ outcome: 'failed' });
    expect(policiesOf(stage.cluster)).toContain(policyName(quarantineId(INCIDENT, 'A1')));
    expect(await stage.rollBack(ids)).toMatchObject({ outcome: 'rolled-back' });
    expect(stateOf(stage.cluster)).toEqual(before);
  });

  it('leaves a label alone that somebody has set since, and says so before people decide', async () => {
    await contained();
    const pod = stage.cluster.sandbox.objects('pods').find(({ metadata }) => metadata.uid === POD_TARGET.uid);
    setLabels({ ...pod?.metadata.labels, app: 'somebody-elses' });
    const { ids, action } = await stage.approve();
    expect(action.preview.summary).toContain('but for app, which somebody has set since');
    expect(await stage.rollBack(ids)).toMatchObject({ outcome: 'rolled-back' });
    const after = stage.cluster.sandbox.objects('pods').find(({ metadata }) => metadata.uid === POD_TARGET.uid);
    expect(after?.metadata.labels).toMatchObject({ app: 'somebody-elses' });
    expect(after?.metadata.labels).not.toHaveProperty(['parapet.io/quarantine']);
  });
});

describe('an undo is refused before anybody is asked, with nothing written', () => {
  const refused = async (reason: RegExp): Promise<void> => {
    expect(await stage.plan()).toEqual({ outcome: 'refused', reason: expect.stringMatching(reason) });
    expect((await stage.kinds()).at(-1)).toEqual(['rollback.requested', 'refused']);
  };

  it('where the action was never executed', async () => {
    await refused(/A1 was never executed/);
  });

  it('where the pod is gone and another has its name', async () => {
    const changes = await contained();
    replacePod(stage.cluster);
    await refused(/nothing left to give it back to: .*another pod has taken its name/);
    expect(changes()).toBe(0);
  });

  it('where somebody has taken the pod out of quarantine meanwhile', async () => {
    const changes = await contained();
    setLabels({ app: 'checkout' });
    removePolicy();
    await refused(/no longer as it was left: the pod is not in this quarantine/);
    expect(changes()).toBe(0);
  });

  it('where the cluster cannot be read - what cannot be known is not offered', async () => {
    await contained();
    stage.cluster.server.misbehave({
      system: 'kubernetes',
      method: 'GET',
      path: '/pods/',
      times: 100,
      reply: { status: 500, body: '{}' },
    });
    await refused(/could not be read/);
  });

  it('while everything is stopped', async () => {
    await contained();
    await stage.deps.control.set({ state: 'stopped', by: 'olga', at: NOW.toISOString() });
    await refused(/Every execution is stopped/);
  });

  it('while another request for it is open - one question at a time', async () => {
    await contained();
    await stage.approve({ status: 'PENDING' });
    expect(await stage.plan({ attempt: 2 })).toMatchObject({ outcome: 'refused', reason: /asked about already/ });
  });

  it('where it was rolled back already', async () => {
    await contained();
    const { ids } = await stage.approve();
    await stage.rollBack(ids);
    expect(await stage.plan({ attempt: 2 })).toMatchObject({ outcome: 'refused', reason: /rolled back already/ });
  });

  it('where the scope is back in observe - there Parapet writes nothing outside', async () => {
    await stage.contain();
    const observing = await startUndoStage('observe');
    const { deps } = stage;
    const config = observing.deps.config;
    await observing.cluster.close();
    const wish = { incidentId: INCIDENT, actionId: 'A1', attempt: 1, requestedBy: 'olga' };
    expect(await planUndo({ ...deps, config }, wish)).toMatchObject({ outcome: 'refused', reason: /observe/ });
  });
});

describe('an approved undo is refused when it is to be done, with nothing written', () => {
  const untouched = async (ids: object, reason: RegExp, changes: () => number): Promise<void> => {
    expect(await stage.rollBack(ids)).toEqual({ outcome: 'refused', reason: expect.stringMatching(reason) });
    expect(changes()).toBe(0);
    expect((await stage.kinds()).some(([kind]) => kind === 'action.rolled-back')).toBe(false);
  };

  it('where the target has changed since people were asked', async () => {
    const changes = await contained();
    const { ids } = await stage.approve();
    const name = policyName(quarantineId(INCIDENT, 'A1'));
    // Deleted and made again: the same name, and not what was approved to be deleted.
    stage.cluster.sandbox.change((store) => {
      const policy = store.get('networkpolicies', 'payments', name);
      if (policy) store.put('networkpolicies', { ...policy, metadata: { ...policy.metadata, uid: 'another' } });
    });
    await untouched(ids, /has changed since people were asked/, changes);
  });

  it('where somebody else has put it back meanwhile', async () => {
    const changes = await contained();
    const { ids } = await stage.approve();
    setLabels({ app: 'checkout' });
    removePolicy();
    await untouched(ids, /no longer as it was left/, changes);
  });

  it('after the kill switch', async () => {
    const changes = await contained();
    const { ids } = await stage.approve();
    await stage.deps.control.set({ state: 'stopped', by: 'olga', at: NOW.toISOString() });
    await untouched(ids, /Every execution is stopped/, changes);
  });

  it.each([
    ['rejected', { status: 'REJECTED' }, /rejected, not approved/],
    ['expired', { status: 'EXPIRED' }, /expired, not approved/],
    ['for the action itself', { purpose: 'apply' }, /for the action, not for its undo/],
    ['of another digest', { planDigest: 'another' }, /another plan digest/],
    ['of another plan', { planKey: 'another' }, /another undo/],
    ['without a vote', { votes: [] }, /1 people must approve it, and 0 did/],
    ['decided too late', { decidedAt: '2025-10-15T09:20:00.000Z' }, /after it had expired/],
  ] satisfies [string, Partial<Approval>, RegExp][])('on an approval that is %s', async (_, change, reason) => {
    const changes = await contained();
    const { ids } = await stage.approve(change);
    await untouched(ids, reason, changes);
  });

  it('without any approval: the plan says that it is an undo, whoever calls', async () => {
    const changes = await contained();
    const { ids } = await stage.approve();
    expect(await stage.rollBackAlone(ids)).toMatchObject({ outcome: 'refused', reason: /approval of its own/ });
    expect(changes()).toBe(0);
  });

  it('by the approval of the action, and the action by the approval of its undo', async () => {
    const changes = await contained();
    const { ids } = await stage.approve();
    expect(await stage.rollBack(ids, 'apr-apply')).toMatchObject({ outcome: 'refused' });
    expect(await stage.execute(ids)).toMatchObject({ outcome: 'refused' });
    const applied = { ...ids, planKey: `incidents/${INCIDENT}/plan-v1.json` };
    expect(await stage.execute(applied)).toMatchObject({ outcome: 'refused' });
    expect(await stage.rollBack(applied)).toMatchObject({ outcome: 'refused' });
    expect(changes()).toBe(0);
  });
});

describe('the verification of an undo', () => {
  it('does not take for undone what is still contained', async () => {
    await contained();
    const { ids } = await stage.approve();
    let at = NOW.getTime();
    const now = (): Date => {
      at += 10_000;
      return new Date(at);
    };
    expect(await verifyUndo({ ...stage.deps, now }, ids)).toMatchObject({
      result: 'not-undone',
      reason: /would still have to be put back/,
    });
  });
});
