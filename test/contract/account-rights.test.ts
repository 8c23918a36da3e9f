import { afterEach, describe, expect, it } from 'vitest';
import { accountRights } from '../../connectors/rights/aws/account-rights.ts';
import { neededCalls } from '../../connectors/rights/aws/needed.ts';
import { liveRights } from '../../connectors/rights/live-rights.ts';
import type { LiveAnswer } from '../../connectors/rights/port.ts';
import type { PreparedOn } from '../../domain/actions/action.ts';
import type { AwsTarget } from '../../domain/actions/target.ts';
import { EXECUTABLE_ACTIONS, type ExecutableAction } from '../../domain/analysis/analysis.ts';
import type { ApproverConfiguration } from '../../domain/config/schema.ts';
import type { Statement } from '../../local/sandbox/aws-account/policy.ts';
import {
  ACCOUNT,
  APPROVER_ROLE,
  DENY_ALL,
  onAws,
  prepared,
  roleArn,
  sampleAccount,
  startAccount,
  type TestAccount,
} from './aws-account.ts';

const ACTIONS = EXECUTABLE_ACTIONS.filter((name) => name.startsWith('aws.'));

let on: TestAccount;
afterEach(async () => {
  await on.close();
});

const ada = approver({ [ACCOUNT]: { roleArn: APPROVER_ROLE } });
function approver(aws?: ApproverConfiguration['aws']): ApproverConfiguration {
  const named = { id: 'ada', name: 'Ada', mail: 'ada@example.com' };
  return { ...named, may: [{ actions: ['*'], scope: {} }], ...(aws === undefined ? {} : { aws }) };
}

/** The account with a person's role that has these statements. */
async function start(statements: readonly Statement[] = [], change: Record<string, unknown> = {}): Promise<void> {
  const state = sampleAccount();
  state.roles.push({
    name: 'on-call',
    path: '/people/',
    id: 'AROAONCALL',
    inline: { responding: JSON.stringify({ Version: '2012-10-17', Statement: statements }) },
    attached: [],
    tags: {},
  });
  on = await startAccount({ state, account: change });
}

function may(statements: readonly Statement[]): void {
  const role = on.sandbox.state.roles.find(({ name }) => name === 'on-call');
  if (role) role.inline = { responding: JSON.stringify({ Statement: statements }) };
}

async function ask(plan: PreparedOn<AwsTarget>, person = ada, onBehalfOf?: ApproverConfiguration): Promise<LiveAnswer> {
  const aws = accountRights([on.configuration], on.deps);
  const rights = liveRights({ kubernetes: { check: async () => ({ right: 'not-configured' }) }, aws });
  return await rights.check({ person, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) }, plan);
}

/** Exactly what the plan needs, one statement for each call on each resource. */
function exactly(name: ExecutableAction, plan: PreparedOn<AwsTarget>): Statement[] {
  return neededCalls(onAws(name), on.configuration, plan).flatMap(({ actions, resources }) =>
    actions.flatMap((Action) => resources.map((Resource): Statement => ({ Effect: 'Allow', Action, Resource }))),
  );
}

const unknown = (why: RegExp) => ({ right: 'no', reason: expect.stringMatching(why) });

describe.each(ACTIONS)('whether somebody may do %s themselves', (name) => {
  it('is yes with exactly the calls of the plan, and no without any single one, which is named', async () => {
    await start();
    const plan = await prepared(on, name);
    const all = exactly(name, plan);
    expect(all.length).toBeGreaterThan(0);
    may(all);
    expect(await ask(plan)).toEqual({ right: 'yes' });
    for (const missing of all) {
      may(all.filter((one) => one !== missing));
      const call = `${missing.Action} on ${missing.Resource}`;
      expect(await ask(plan), call).toEqual({
        right: 'no',
        reason: `In account 111122223333, Ada may not ${call} (implicitDeny).`,
      });
    }
  });

  it('asks without changing anything, by a session that may do nothing else', async () => {
    await start();
    const plan = await prepared(on, name);
    const [before, calls] = [JSON.stringify(on.sandbox.state), on.sandbox.allowed.length];
    await ask(plan);
    expect(JSON.stringify(on.sandbox.state)).toBe(before);
    const asked = on.sandbox.allowed.slice(calls);
    expect(new Set(asked)).toEqual(new Set([`iam:SimulatePrincipalPolicy ${APPROVER_ROLE}`]));
    expect(on.sandbox.sessions.at(-1)).toMatchObject({ role: roleArn('parapet-rights'), name: 'parapet-rights' });
  });
});

describe('what IAM says about a person', () => {
  const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };

  it('is no where something is denied that something else allows', async () => {
    const deny: Statement = { Effect: 'Deny', Action: 'iam:Put*', Resource: roleArn('app/*') };
    await start([everything, deny]);
    expect(await ask(await prepared(on, 'aws.revoke-role-sessions'))).toEqual({
      right: 'no',
      reason:
        'In account 111122223333, Ada may not iam:PutRolePolicy on arn:aws:iam::111122223333:role/app/checkout (explicitDeny).',
    });
    expect(await ask(await prepared(on, 'aws.deny-all'))).toEqual({ right: 'yes' });
  });

  it('is asked with the policy that would be attached: who may attach this one alone may', async () => {
    const attach = (arn: string): Statement => ({
      Effect: 'Allow',
      Action: 'iam:AttachRolePolicy',
      Resource: '*',
      Condition: { ArnEquals: { 'iam:PolicyARN': arn } },
    });
    await start([attach(DENY_ALL)]);
    const plan = await prepared(on, 'aws.deny-all');
    expect(await ask(plan)).toEqual({ right: 'yes' });
    may([attach('arn:aws:iam::aws:policy/AdministratorAccess')]);
    expect(await ask(plan)).toEqual(unknown(/may not iam:AttachRolePolicy/));
  });

  it('is another question for the way back, which needs other calls', async () => {
    await start([{ Effect: 'Allow', Action: 'iam:AttachRolePolicy', Resource: '*' }]);
    const plan = await prepared(on, 'aws.deny-all');
    expect(await ask(plan)).toEqual({ right: 'yes' });
    const back = { ...plan, undoes: { planKey: 'plans/1', digest: 'd', attempt: 1 } };
    expect(await ask(back)).toEqual(unknown(/may not iam:DetachRolePolicy/));
  });

  it('follows the account: what was withdrawn is gone with the next question', async () => {
    await start([everything]);
    const plan = await prepared(on, 'aws.deactivate-access-key');
    expect(await ask(plan)).toEqual({ right: 'yes' });
    may([]);
    expect(await ask(plan)).toEqual(unknown(/may not iam:UpdateAccessKey/));
  });

  it('is not asked about who has no role there, and about whose right is used it is', async () => {
    await start([]);
    const plan = await prepared(on, 'aws.deny-all');
    expect(await ask(plan, approver())).toEqual({ right: 'not-configured' });
    expect(await ask(plan, approver({ '444455556666': { roleArn: 'arn:aws:iam::444455556666:role/x' } }))).toEqual({
      right: 'not-configured',
    });
    expect(await ask(plan, approver(), ada)).toMatchObject({ right: 'no' });
  });
});

describe('a guard that cannot be evaluated refuses (rule 9)', () => {
  const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const plan = () => prepared(on, 'aws.deny-all');
  const RESULT = `<EvalActionName>iam:AttachRolePolicy</EvalActionName><EvalResourceName>${roleArn('app/checkout')}</EvalResourceName>`;
  const results = (...members: string[]) =>
    `<EvaluationResults>${members.map((one) => `<member>${one}</member>`).join('')}</EvaluationResults>`;

  /** Asked of an IAM that answers this, whatever is asked. */
  async function askInstead(reply: { readonly status: number; readonly inner?: string }): Promise<LiveAnswer> {
    const { status, inner = '' } = reply;
    const body = `<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult>${inner}</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`;
    const fetch: typeof globalThis.fetch = async (url, init) =>
      String(init?.body).includes('Action=SimulatePrincipalPolicy')
        ? new Response(status === 200 ? body : '', { status })
        : await globalThis.fetch(url, init);
    const deps = { ...on.deps, http: { ...on.deps.http, fetch } };
    return await accountRights([on.configuration], deps).check(ada, await plan());
  }

  it('when a denial depends on what is not known here', async () => {
    const unlessMfa: Statement = {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:MultiFactorAuthPresent': 'false' } },
    };
    await start([everything, unlessMfa]);
    expect(await ask(await plan())).toEqual(
      unknown(/could not be found out: .* depends on aws:MultiFactorAuthPresent/),
    );
  });

  it('when the account has no role for asking, or knows no such role of the person', async () => {
    await start([everything], { rightsRole: undefined });
    expect(await ask(await plan())).toEqual(unknown(/cannot be asked about rights/));
    await on.close();
    await start([everything]);
    on.sandbox.state.roles = on.sandbox.state.roles.filter(({ name }) => name !== 'on-call');
    expect(await ask(await plan())).toEqual(unknown(/could not be found out: .*NoSuchEntity/));
  });

  it('when the role for asking may not ask about this person, or may not be assumed', async () => {
    await start([everything]);
    const other = approver({ [ACCOUNT]: { roleArn: roleArn('people/stranger') } });
    expect(await ask(await plan(), other)).toEqual(unknown(/could not be found out: .*AccessDenied/));
    delete on.roles[roleArn('parapet-rights')];
    expect(await ask(await plan())).toEqual(unknown(/could not be found out: .*sts:AssumeRole/));
  });

  it.each([
    ['is down', { status: 500 }, /answered 500/],
    ['throttles', { status: 429 }, /answered 429/],
    [
      'answers with nothing',
      { status: 200, inner: '<EvaluationResults/>' },
      /did not say anything about iam:AttachRolePolicy/,
    ],
    ['does not say what it decided', { status: 200, inner: results(RESULT) }, /shape we cannot read/],
    [
      'decided something nobody knows',
      { status: 200, inner: results(`${RESULT}<EvalDecision>perhaps</EvalDecision>`) },
      /may not iam:AttachRolePolicy .*perhaps/,
    ],
    [
      'answers about another role',
      { status: 200, inner: results(`${RESULT}<EvalDecision>allowed</EvalDecision>`.replace('app/', 'other/')) },
      /did not say anything/,
    ],
    [
      'says two things at once',
      {
        status: 200,
        inner: results(
          `${RESULT}<EvalDecision>allowed</EvalDecision>`,
          `${RESULT}<EvalDecision>implicitDeny</EvalDecision>`,
        ),
      },
      /may not iam:AttachRolePolicy/,
    ],
    [
      'has more and does not say where',
      { status: 200, inner: '<IsTruncated>true</IsTruncated>' },
      /does not say where/,
    ],
    [
      'never comes to an end',
      { status: 200, inner: '<IsTruncated>true</IsTruncated><Marker>again</Marker>' },
      /more than 20 pages/,
    ],
    [
      'allows it and the organisation does not',
      {
        status: 200,
        inner: results(
          `${RESULT}<EvalDecision>allowed</EvalDecision><OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>`,
        ),
      },
      /may not .*not allowed by the organisation/,
    ],
    [
      'allows it and the permissions boundary does not',
      {
        status: 200,
        inner: results(
          `${RESULT}<EvalDecision>allowed</EvalDecision><PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>`,
        ),
      },
      /may not .*not allowed by the permissions boundary/,
    ],
  ])('when IAM %s', async (_, reply, why) => {
    await start([everything]);
    expect(await askInstead(reply)).toEqual(unknown(why));
    expect(await askInstead({ status: 200, inner: results(`${RESULT}<EvalDecision>allowed</EvalDecision>`) })).toEqual({
      right: 'yes',
    });
  });
});
