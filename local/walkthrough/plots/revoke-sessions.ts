import { cutOffIn } from '../../../connectors/targets/aws/revocation.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { accountScenario, PEOPLE } from '../../sandbox/aws-account/scenario.ts';
import { type AccountView, accountView } from '../account-view.ts';
import { type Step, step } from '../step.ts';
import type { Plot } from './plot.ts';
import { decideAll, endsAs, openIncident, questionsOf } from './scenes.ts';

const ACTION = 'aws.revoke-role-sessions';
const ROLE = 'checkout';

/** The token of the pod leads to a role of the account: its sessions are cut off, and nothing else of it. */
export const revokeSessions: Plot = {
  what: 'the sessions of the role in reach of the miner are revoked in the AWS account',
  adapt: withAccount,
  outcome: 'contained',
  async play(stage) {
    const { laptop } = stage;
    const before = await accountView(laptop.sandbox);
    const opened = Date.now();
    const { incidentId } = await openIncident(stage);
    const questions = await questionsOf({ ...stage, story: { ...stage.story, asked: [ACTION] } }, incidentId);
    const decided = await decideAll(stage, questions, 'approved');
    const ended = await endsAs(stage, incidentId, this.outcome);
    const after = await accountView(laptop.sandbox);
    return [
      ...decided,
      ended,
      ...cutOff(before, after, opened),
      ...heldTo(after, incidentId, questions[0]?.approvers ?? []),
    ];
  },
};

/** Only this action is asked about, in the account of the scenario. */
function withAccount(sample: Configuration): Configuration {
  const scenario = accountScenario(new URL('../../sandbox/scenarios/crypto-miner/', import.meta.url));
  if (scenario === undefined) throw new Error('the scenario has no AWS account');
  const scope = { account: scenario.account.id };
  return {
    ...sample,
    accounts: [scenario.account],
    actions: { [ACTION]: { gate: 'ask' } },
    rollout: [...sample.rollout, { scope, phase: 'assist' }],
    approvers: sample.approvers.map((approver) => ({
      ...approver,
      aws: { [scenario.account.id]: { roleArn: `arn:aws:iam::${scenario.account.id}:role${PEOPLE}on-call` } },
      may: [...approver.may, { actions: [ACTION], scope }],
    })),
  };
}

function cutOff(before: AccountView, after: AccountView, opened: number): readonly Step[] {
  const inline = (view: AccountView, role: string) => view.roles.find(({ name }) => name === role)?.inline ?? {};
  const { AWSRevokeOlderSessions: policy = '', ...others } = inline(after, ROLE);
  const at = cutOffIn(policy);
  const untouched = after.roles.filter(({ name }) => name !== ROLE);
  return [
    step(
      'sessions of the role issued before the execution are denied everything',
      at !== undefined && Date.parse(at) >= opened,
      at ?? 'no such policy',
    ),
    step(
      'its other policies, and all other roles, are as they were',
      JSON.stringify(others) === JSON.stringify(inline(before, ROLE)) &&
        JSON.stringify(untouched) === JSON.stringify(before.roles.filter(({ name }) => name !== ROLE)),
      Object.keys(others).join(', '),
    ),
  ];
}

function heldTo({ sessions }: AccountView, incidentId: string, approvers: readonly string[]): readonly Step[] {
  const writing = sessions.filter(({ role }) => role.endsWith('/parapet-revoke-role-sessions'));
  const [session] = writing;
  const asking = sessions.filter(({ role }) => role.endsWith('/parapet-rights'));
  return [
    step(
      'IAM was asked whether the approvers could do it themselves, by a role that may do nothing else',
      asking.length > 0,
      `${asking.length} sessions for asking`,
    ),
    step(
      'it was done by one session, in the name of the person who approved and of the incident',
      writing.length === 1 &&
        approvers.includes(session?.sourceIdentity ?? '') &&
        session?.tags['incident'] === incidentId &&
        session.tags['action'] === ACTION,
      writing.map((one) => `${one.sourceIdentity} ${JSON.stringify(one.tags)}`).join(', ') || 'no session',
    ),
  ];
}
