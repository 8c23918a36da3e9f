import { afterEach, describe, expect, it } from 'vitest';
import { neededCalls } from '../../connectors/rights/aws/needed.ts';
import { rulesOf } from '../../connectors/targets/aws/action.ts';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { TargetError } from '../../connectors/targets/errors.ts';
import { exactTargets } from '../../connectors/targets/exact.ts';
import { rehearsingTargets } from '../../connectors/targets/rehearsal.ts';
import { type PlannedAction, type PreparedAction, planDigest } from '../../domain/actions/action.ts';
import { EXECUTABLE_ACTIONS, type ExecutableAction } from '../../domain/analysis/analysis.ts';
import { type RoleUse, writeRoleOf } from '../../domain/config/accounts.ts';
import { digestOf } from '../../domain/json/canonical.ts';
import { undoAction } from '../../domain/undo/plan.ts';
import { list } from '../../local/sandbox/aws-account/policy.ts';
import {
  INCIDENT,
  onAws,
  prepare,
  prepared,
  sampleAccount,
  startAccount,
  type TestAccount,
  targetFor,
} from './aws-account.ts';

const ACTIONS = EXECUTABLE_ACTIONS.filter((name) => name.startsWith('aws.'));

let on: TestAccount;
afterEach(async () => {
  await on.close();
});

/** What the outside world sees, without the sessions. */
const world = (): string => digestOf(JSON.parse(JSON.stringify(on.sandbox.state)));

function planned(of: PreparedAction): PlannedAction {
  const preview = { title: 't', summary: 's', commands: [], blastRadius: [], undo: 'u', warnings: [] };
  return {
    prepared: of,
    digest: planDigest(of),
    preview,
    rationale: 'r',
    evidence: [],
    gate: 'ask',
    gateReasons: [],
    approvers: ['ada'],
    expiresAfterSeconds: 1800,
  };
}

describe.each(ACTIONS)('%s', (name) => {
  const action = onAws(name);

  it('reads only while it is prepared, and gives the same plan for the same account', async () => {
    on = await startAccount();
    const before = world();
    const first = await prepare(on, name);
    expect(first).toMatchObject({ ok: true });
    expect(await prepare(on, name)).toEqual(first);
    expect(world()).toBe(before);
  });

  it('is there after it was applied, twice equals once, and verification says so', async () => {
    on = await startAccount();
    const plan = await prepared(on, name);
    expect((await action.verify(on.read, plan)).result).toBe('failed');
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'applied' });
    const after = world();
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({
      outcome: 'already-applied',
      requests: [],
    });
    expect(world()).toBe(after);
    expect((await action.verify(on.read, plan)).result).toBe(name === 'aws.snapshot-volumes' ? 'partial' : 'contained');
  });

  if (action.reversible) {
    it('is gone after it was rolled back, and rolling back twice changes nothing more', async () => {
      on = await startAccount();
      const before = withoutSerials();
      const plan = await prepared(on, name);
      await action.apply(on.writer(action, plan), plan);
      expect(await action.rollBack(on.writer(action, plan, 'undo'), plan)).toMatchObject({ outcome: 'rolled-back' });
      expect(withoutSerials()).toEqual(before);
      expect(await action.rollBack(on.writer(action, plan, 'undo'), plan)).toMatchObject({
        outcome: 'nothing-to-undo',
        requests: [],
      });
    });

    it('is rehearsed with the reading role alone, and then undone by exactly the requests that were rehearsed', async () => {
      on = await startAccount();
      const before = withoutSerials();
      const plan = await prepared(on, name);
      await action.apply(on.writer(action, plan), plan);
      const done = world();
      const { rehearse } = rehearsingTargets(catalogue, {
        kubernetes: () => undefined,
        aws: () => on.read,
        vendor: () => undefined,
      });
      const rehearsal = await rehearse(plan);
      if (rehearsal.kind !== 'ready') throw new Error(rehearsal.said);
      expect(world()).toBe(done);
      // What approvers are asked of IAM is the way back, on the things of this plan.
      const undo = undoAction({
        original: planned(plan),
        planKey: 'plan-v1',
        executedAt: '2026-01-01T00:00:00.000Z',
        requests: rehearsal.requests,
        said: rehearsal.said,
        wish: { attempt: 1, requestedBy: 'olga' },
        approvers: ['ada'],
        gateReasons: [],
        expiresAfterSeconds: 1800,
      });
      const asked = neededCalls(action, on.configuration, { ...undo.prepared, target: plan.target });
      const back = action.permissions.undo.flatMap(({ actions }) => actions);
      expect(asked.length).toBeGreaterThan(0);
      expect(back).toEqual(expect.arrayContaining(asked.flatMap(({ actions }) => actions)));
      expect(asked.every(({ resources }) => resources.length > 0)).toBe(true);
      const { rollBackExactly } = exactTargets(catalogue, {
        kubernetes: () => undefined,
        aws: ({ use }) => on.writer(action, plan, use),
        vendor: () => undefined,
      });
      expect(await rollBackExactly(plan, 'ada', [])).toMatchObject({ outcome: 'changed', requests: [] });
      expect(world()).toBe(done);
      expect(await rollBackExactly(plan, 'ada', rehearsal.requests)).toMatchObject({ outcome: 'rolled-back' });
      expect(withoutSerials()).toEqual(before);
      expect(await rehearse(plan)).toMatchObject({ kind: 'nothing' });
      expect((await action.verify(on.read, plan)).result).not.toBe('contained');
    });
  }

  it.each(rightsOf(name))('cannot be done without %s of %s, and changes nothing then', async (right, use) => {
    on = await startAccount();
    const plan = await prepared(on, name);
    if (use === 'undo') await action.apply(on.writer(action, plan), plan);
    takeAway(right, writeRoleOf(on.configuration, name, use));
    const before = world();
    const writer = on.writer(action, plan, use);
    const { outcome } = await (use === 'apply' ? action.apply(writer, plan) : action.rollBack(writer, plan)).catch(
      (error: unknown) => ({ outcome: error instanceof TargetError ? error.kind : 'bug' }),
    );
    expect(['denied', 'failed']).toContain(outcome);
    // Of several steps back those before the missing right are done, and told.
    const isLastStep =
      use === 'undo' && ['eks:AssociateAccessPolicy', 'tag:TagResources', 'autoscaling:ExitStandby'].includes(right);
    if (!isLastStep) expect(world()).toBe(before);
  });

  it('holds its session to the person, the incident and the target', async () => {
    on = await startAccount();
    const plan = await prepared(on, name);
    await action.apply(on.writer(action, plan), plan);
    expect(on.sandbox.sessions.at(-1)).toMatchObject({
      role: `arn:aws:iam::111122223333:role/parapet-${name.slice(4)}`,
      name: 'inc-0123456789abcdef0123',
      sourceIdentity: 'ada',
      tags: { incident: 'inc-0123456789abcdef0123', action: name },
    });
  });

  function withoutSerials(): unknown {
    return JSON.parse(
      JSON.stringify(on.sandbox.state, (key, value: unknown) =>
        ['serial', 'username', 'desired'].includes(key) || isReplacement(value) ? undefined : value,
      ),
      (key, value: unknown) =>
        key === 'entries' && Array.isArray(value)
          ? [...value].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
          : key === 'members' && Array.isArray(value)
            ? value.filter((one) => one !== null)
            : value,
    );
  }
});

/** What the group started in place of an isolated instance goes on when that one comes back. */
function isReplacement(value: unknown): boolean {
  return JSON.stringify(value)?.startsWith('{"instance":"i-instead-of-') === true;
}

function takeAway(right: string, role: string): void {
  const whole = on.roles[role];
  if (whole === undefined) throw new Error(`no role ${role}`);
  const Statement = whole.policy.Statement.map((one) =>
    one.Effect === 'Deny' ? one : { ...one, Action: list(one.Action).filter((action) => action !== right) },
  );
  on.roles[role] = { ...whole, policy: { Statement } };
}

/** Each right of each half of an action, but those that serve another kind of target, or a way the sample does not take. */
function rightsOf(name: ExecutableAction): [right: string, use: RoleUse][] {
  const action = onAws(name);
  const uses: readonly RoleUse[] = action.reversible ? ['apply', 'undo'] : ['apply'];
  return uses.flatMap((use) =>
    [...new Set(rulesOf(action, use).flatMap(({ actions }) => actions))]
      .filter((right) => !(NOT_NEEDED[`${name} ${use}`] ?? []).includes(right))
      .map((right): [string, RoleUse] => [right, use]),
  );
}

const OF_USERS = ['iam:GetUser', 'iam:ListAttachedUserPolicies', 'iam:AttachUserPolicy', 'iam:DetachUserPolicy'];
const NOT_NEEDED: Readonly<Record<string, readonly string[]>> = {
  'aws.deny-all apply': OF_USERS,
  'aws.deny-all undo': [...OF_USERS, 'iam:GetRole', 'iam:GetPolicy', 'iam:GetPolicyVersion'],
  'aws.tag-resource apply': ['ec2:CreateTags'],
  'aws.tag-resource undo': ['ec2:CreateTags', 'ec2:DeleteTags'],
  'aws.revoke-role-sessions undo': ['iam:GetRole', 'iam:PutRolePolicy'],
  'aws.isolate-instance undo': ['ec2:DescribeInstances', 'ec2:DescribeSecurityGroups'],
  'aws.deactivate-access-key undo': ['iam:GetUser', 'iam:GetAccessKeyLastUsed'],
  'aws.remove-eks-access-entry apply': ['eks:DescribeCluster'],
  'aws.remove-eks-access-entry undo': ['eks:DescribeCluster', 'eks:ListAssociatedAccessPolicies'],
};

describe('what is protected', () => {
  it.each([
    ['aws.revoke-role-sessions', 'guarded', /carries the tag ir:protected=true/],
    ['aws.revoke-role-sessions', 'break-glass-1', /protected by the configuration/],
    ['aws.revoke-role-sessions', 'parapet-read', /Parapet's own/],
    [
      'aws.revoke-role-sessions',
      'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
      /linked to a service/,
    ],
    ['aws.deny-all', 'aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1', /Identity Center/],
    ['aws.deny-all', 'parapet-deny-all', /Parapet's own/],
    ['aws.remove-eks-access-entry', 'break-glass-1', /protected by the configuration/],
  ] as const)('%s refuses role %s', async (name, role, reason) => {
    on = await startAccount();
    expect(
      await prepare(on, name, {
        arn: `arn:aws:iam::111122223333:role/${role}`,
        ...(name === 'aws.remove-eks-access-entry' ? {} : { name: role }),
      }),
    ).toEqual({
      ok: false,
      code: 'protected',
      reason: expect.stringMatching(reason),
    });
  });

  it('is refused again when it became protected after the approval', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.isolate-instance');
    const [instance] = on.sandbox.state.instances;
    if (instance) instance.tags = { 'ir:protected': 'true' };
    const action = onAws('aws.isolate-instance');
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'refused', requests: [] });
  });

  it('is denied by the generated policy, too, should the code ever ask', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.revoke-role-sessions');
    const action = onAws('aws.revoke-role-sessions');
    const forged = {
      ...plan,
      target: { ...plan.target, arn: 'arn:aws:iam::111122223333:role/break-glass-1', name: 'break-glass-1' },
    };
    const [request] = plan.requests;
    if (request === undefined) throw new Error('the plan has no request');
    const body = {
      RoleName: 'break-glass-1',
      PolicyName: 'AWSRevokeOlderSessions',
      PolicyDocument: documentOf('2026-02-01T10:00:00.000Z'),
    };
    const sent = on.writer(action, forged).send({ ...request, body }, { dryRun: false, record: () => undefined });
    await expect(sent).rejects.toThrow(/AccessDenied/);
  });
});

function documentOf(at: string): string {
  const Condition = { DateLessThan: { 'aws:TokenIssueTime': at } };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition }],
  });
}

describe('a target that changed after the approval', () => {
  it('is not touched when another interface was attached meanwhile', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.isolate-instance');
    on.sandbox.state.instances[0]?.interfaces.push({
      id: 'eni-0d',
      groups: ['sg-0web'],
      requesterManaged: false,
      tags: {},
    });
    const action = onAws('aws.isolate-instance');
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'changed', requests: [] });
  });

  it('is not touched when another role has taken the name', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.revoke-role-sessions');
    const role = on.sandbox.state.roles.find(({ name }) => name === 'checkout');
    if (role) role.id = 'AROASUCCESSOR';
    const action = onAws('aws.revoke-role-sessions');
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'replaced', requests: [] });
  });

  it('is not given groups back that somebody else changed since', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.isolate-instance');
    const action = onAws('aws.isolate-instance');
    await action.apply(on.writer(action, plan), plan);
    const one = on.sandbox.state.instances[0]?.interfaces[1];
    if (one) one.groups = ['sg-0web'];
    const back = await action.rollBack(on.writer(action, plan, 'undo'), plan);
    expect(back).toMatchObject({ outcome: 'rolled-back', reason: expect.stringContaining('left alone') });
    expect(on.sandbox.state.instances[0]?.interfaces.map(({ groups }) => groups)).toEqual([
      ['sg-0web', 'sg-0db'],
      ['sg-0web'],
      ['sg-0web'],
    ]);
  });
});

describe('revoking sessions', () => {
  it('cuts off at the moment of execution, so that sessions issued while people decide do not slip through', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.revoke-role-sessions');
    on.clock('2026-02-01T10:25:00.000Z');
    const action = onAws('aws.revoke-role-sessions');
    await action.apply(on.writer(action, plan), plan);
    expect(roleNamed('checkout')?.inline).toEqual({
      app: '{"Version":"2012-10-17","Statement":[]}',
      AWSRevokeOlderSessions: documentOf('2026-02-01T10:25:00.000Z'),
    });
  });

  it('never moves a cut-off back, and puts back the one of before', async () => {
    const later = documentOf('2026-03-01T00:00:00.000Z');
    const state = sampleAccount();
    const role = state.roles.find(({ name }) => name === 'checkout');
    if (role) role.inline = { AWSRevokeOlderSessions: later };
    on = await startAccount({ state });
    const plan = await prepared(on, 'aws.revoke-role-sessions');
    const action = onAws('aws.revoke-role-sessions');
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'already-applied' });
    expect(roleNamed('checkout')?.inline).toEqual({ AWSRevokeOlderSessions: later });
  });

  it('does not write over a policy of that name which is something else', async () => {
    const state = sampleAccount();
    const role = state.roles.find(({ name }) => name === 'checkout');
    if (role)
      role.inline = { AWSRevokeOlderSessions: '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}' };
    on = await startAccount({ state });
    expect(await prepare(on, 'aws.revoke-role-sessions')).toMatchObject({ ok: false, code: 'unsupported' });
  });

  it('asks IAM whether the role trusts the service account that names it', async () => {
    on = await startAccount();
    const role = roleNamed('checkout');
    const Condition = { StringEquals: { 'oidc.eks:sub': 'system:serviceaccount:payments:checkout' } };
    if (role)
      role.trust = {
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRoleWithWebIdentity', Condition }],
      };
    const ask = (serviceAccount: string) =>
      onAws('aws.revoke-role-sessions').prepare(on.read, {
        incidentId: 'inc-1',
        actionId: 'A1',
        target: targetFor('aws.revoke-role-sessions'),
        parameters: { serviceAccount },
      });
    expect(await ask('payments/checkout')).toMatchObject({ ok: true });
    expect(await ask('payments/attacker')).toMatchObject({ ok: false, reason: /does not trust service account/ });
  });

  it('says who may hold a session, and that they are hurt', async () => {
    on = await startAccount();
    const made = await prepare(on, 'aws.revoke-role-sessions');
    expect(made.ok && made.preview.blastRadius.join(' ')).toMatch(
      /ec2\.amazonaws\.com, arn:aws:iam::111122223333:oidc-provider/,
    );
  });

  const roleNamed = (name: string) => on.sandbox.state.roles.find((one) => one.name === name);
});

describe('isolating an instance', () => {
  it('refuses a group that has a rule: it would isolate nothing', async () => {
    const state = sampleAccount();
    const group = state.groups[0];
    if (group) group.outbound = 1;
    on = await startAccount({ state });
    expect(await prepare(on, 'aws.isolate-instance')).toMatchObject({ ok: false, reason: /0 inbound and 1 outbound/ });
  });

  it('states tracked connections with their numbers, the Auto Scaling group and the cluster it is a node of', async () => {
    on = await startAccount();
    const made = await prepare(on, 'aws.isolate-instance');
    const text = made.ok ? JSON.stringify(made.preview) : '';
    for (const words of ['432000 seconds', '350 seconds', 'eni-0b is set to 900 seconds', 'checkout-asg', 'prod-eks'])
      expect(text).toContain(words);
  });

  it('dry-runs every interface before it changes the first', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.isolate-instance');
    const action = onAws('aws.isolate-instance');
    const { requests } = await action.apply(on.writer(action, plan), plan);
    expect(requests.map(({ dryRun, status }) => [dryRun, status])).toEqual([
      [true, 412],
      [true, 412],
      [true, 412],
      // Standby of its Auto Scaling group, which has no dry run.
      [false, 200],
      [false, 200],
      [false, 200],
      [false, 200],
    ]);
  });

  it('is partial when one interface was left open', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.isolate-instance');
    const action = onAws('aws.isolate-instance');
    await action.apply(on.writer(action, plan), plan);
    const one = on.sandbox.state.instances[0]?.interfaces[2];
    if (one) one.groups = ['sg-0web'];
    expect((await action.verify(on.read, plan)).result).toBe('partial');
  });

  it('says how far it came when a request in the middle is lost, and finishes when it is run again', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.isolate-instance');
    const action = onAws('aws.isolate-instance');
    const writer = on.writer(action, plan);
    await writer.getInstance('eu-central-1', 'i-0a1b2c3d4e5f60718');
    let writes = 0;
    const failing = {
      ...writer,
      send: async (...args: Parameters<typeof writer.send>) => {
        if (!args[1].dryRun) writes += 1;
        if (writes === 2) on.server.misbehave({ system: 'aws', reply: { status: 500 } });
        await writer.send(...args);
      },
    };
    expect(await action.apply(failing, plan)).toMatchObject({
      outcome: 'failed',
      reason: /^1 of the requests took effect/,
    });
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'applied' });
    expect((await action.verify(on.read, plan)).result).toBe('contained');
  });
});

describe('isolating an instance of an Auto Scaling group', () => {
  const action = onAws('aws.isolate-instance');
  const member = () => on.sandbox.state.scalingGroups[0]?.members[0];
  async function applied() {
    on = await startAccount();
    const plan = await prepared(on, 'aws.isolate-instance');
    await action.apply(on.writer(action, plan), plan);
    return plan;
  }

  it('puts it on standby before anything else, because the group would end what answers no health check', async () => {
    const plan = await applied();
    expect(plan.requests.map(({ path }) => path.split('/').at(-1))).toEqual([
      'EnterStandby',
      ...Array.from({ length: 3 }, () => 'ModifyNetworkInterfaceAttribute'),
    ]);
    expect(plan.inverse.at(-1)?.path).toBe('/autoscaling/eu-central-1/ExitStandby');
    expect(on.sandbox.state.scalingGroups[0]).toMatchObject({
      desired: 2,
      members: [{ state: 'Standby' }, { state: 'InService' }],
    });
    expect((await action.verify(on.read, plan)).checks).toContainEqual({
      name: 'out-of-scaling-group',
      ok: true,
      detail: 'it is Standby in checkout-asg',
    });
  });

  it('holds while the load balancers still drain it, and is partial when somebody puts it back into service', async () => {
    const plan = await applied();
    const found = member();
    if (found) found.state = 'EnteringStandby';
    expect((await action.verify(on.read, plan)).result).toBe('contained');
    if (found) found.state = 'InService';
    expect((await action.verify(on.read, plan)).result).toBe('partial');
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'applied' });
    expect((await action.verify(on.read, plan)).result).toBe('contained');
  });

  it('is not put back into a group that is full, and says so after its interfaces are back', async () => {
    const plan = await applied();
    const [group] = on.sandbox.state.scalingGroups;
    if (group) group.maximum = 2;
    expect(await action.rollBack(on.writer(action, plan, 'undo'), plan)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/exceed max size 2/),
    });
    if (group) group.maximum = 4;
    expect(await action.rollBack(on.writer(action, plan, 'undo'), plan)).toMatchObject({ outcome: 'rolled-back' });
    expect(member()?.state).toBe('InService');
  });

  it('is refused when the group is ending it already', async () => {
    on = await startAccount();
    const found = member();
    if (found) found.state = 'Terminating:Wait';
    expect(await prepare(on, 'aws.isolate-instance')).toEqual({
      ok: false,
      code: 'unsupported',
      reason: 'its Auto Scaling group checkout-asg has it Terminating:Wait',
    });
  });

  it('leaves a standby alone that somebody else made, also on the way back', async () => {
    on = await startAccount();
    const found = member();
    if (found) found.state = 'Standby';
    const plan = await prepared(on, 'aws.isolate-instance');
    expect(plan.requests.map(({ path }) => path)).not.toContain('/autoscaling/eu-central-1/EnterStandby');
    await action.apply(on.writer(action, plan), plan);
    await action.rollBack(on.writer(action, plan, 'undo'), plan);
    expect(member()?.state).toBe('Standby');
  });

  it('is planned again when it joined another group meanwhile', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.isolate-instance');
    const [group] = on.sandbox.state.scalingGroups;
    if (group) group.name = 'other-asg';
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'changed', requests: [] });
  });

  it('sends nothing to a group when there is none', async () => {
    on = await startAccount({ state: sampleAccount({ scalingGroups: [] }) });
    const plan = await prepared(on, 'aws.isolate-instance');
    expect([...plan.requests, ...plan.inverse].filter(({ path }) => path.startsWith('/autoscaling/'))).toEqual([]);
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'applied' });
    expect((await action.verify(on.read, plan)).result).toBe('contained');
  });
});

describe('an access key', () => {
  it('is refused when IAM says it is another user’s', async () => {
    on = await startAccount();
    const arn = 'arn:aws:iam::111122223333:user/mallory';
    expect(await prepare(on, 'aws.deactivate-access-key', { arn })).toMatchObject({ ok: false, code: 'replaced' });
  });

  it('is never one of the root user', async () => {
    on = await startAccount();
    const arn = 'arn:aws:iam::111122223333:root';
    expect(await prepare(on, 'aws.deactivate-access-key', { arn })).toMatchObject({ ok: false, code: 'unsupported' });
  });
});

describe('an access key that is said to be unused', () => {
  const action = onAws('aws.deactivate-access-key');
  const planned = (unusedForDays: string) =>
    action.prepare(on.read, {
      incidentId: INCIDENT,
      actionId: 'A1',
      target: targetFor('aws.deactivate-access-key'),
      parameters: { unusedForDays },
    });

  it('is not planned where IAM knows of a later use', async () => {
    on = await startAccount();
    // Last used on 1 January 2025, and it is 1 February 2026.
    expect(await planned('397')).toMatchObject({
      ok: false,
      code: 'unsupported',
      reason: 'access key AKIALEAKEDKEY0000001 was used at 2025-01-01T00:00:00.000Z, less than 397 days ago',
    });
  });

  it('is asked about again right before it is deactivated, and left alone when it was used meanwhile', async () => {
    on = await startAccount();
    const made = await planned('90');
    if (!made.ok || made.prepared.target.system !== 'aws') throw new Error('it was not planned');
    const plan = { ...made.prepared, target: made.prepared.target };
    const key = on.sandbox.state.users[0]?.keys.find(({ id }) => id === plan.target.name);
    if (key === undefined) throw new Error('there is no such key');
    key.lastUsed = '2026-01-31T23:00:00Z';
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({
      outcome: 'changed',
      reason: expect.stringContaining('was used at 2026-01-31T23:00:00.000Z, less than 90 days ago'),
      requests: [],
    });
    expect(key.status).toBe('Active');
    key.lastUsed = 'some time ago';
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({
      outcome: 'changed',
      reason: expect.stringContaining('IAM does not say'),
    });
    delete key.lastUsed;
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({ outcome: 'applied' });
    expect(key.status).toBe('Inactive');
  });
});

describe('removing an access entry', () => {
  it('refuses an entry of nodes: they would drop out of the cluster', async () => {
    on = await startAccount();
    const arn = 'arn:aws:iam::111122223333:role/node';
    expect(await prepare(on, 'aws.remove-eks-access-entry', { arn })).toMatchObject({ ok: false, reason: /EC2_LINUX/ });
  });
});

describe('trouble with AWS', () => {
  it('waits when a write is throttled, which says that it was not processed', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.deactivate-access-key');
    const action = onAws('aws.deactivate-access-key');
    const writer = on.writer(action, plan);
    await writer.getUser('deployer');
    const body =
      '<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>';
    on.server.misbehave({ system: 'aws', times: 3, reply: { status: 400, body } });
    expect(await action.apply(writer, plan)).toMatchObject({ outcome: 'applied' });
  });

  it('names a role that may not be assumed as denied', async () => {
    on = await startAccount();
    const plan = await prepared(on, 'aws.deactivate-access-key');
    const action = onAws('aws.deactivate-access-key');
    delete on.roles['arn:aws:iam::111122223333:role/parapet-deactivate-access-key'];
    await expect(action.apply(on.writer(action, plan), plan)).rejects.toMatchObject({ kind: 'denied' });
  });

  it('reports the limits of IAM as they are', async () => {
    const state = sampleAccount();
    const role = state.roles.find(({ name }) => name === 'checkout');
    if (role) role.inline = { big: `{"a":"${'x'.repeat(10_200)}"}` };
    on = await startAccount({ state });
    const plan = await prepared(on, 'aws.revoke-role-sessions');
    const action = onAws('aws.revoke-role-sessions');
    expect(await action.apply(on.writer(action, plan), plan)).toMatchObject({
      outcome: 'failed',
      reason: /LimitExceeded/,
    });
  });
});
