import { main } from '../../../cli/main.ts';
import type { Approval } from '../../../domain/approval/approval.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { outcomeWords } from '../../../domain/publish/words.ts';
import { visit } from '../../laptop/visit.ts';
import { accountScenario, PEOPLE } from '../../sandbox/aws-account/scenario.ts';
import { isolateInstanceStory } from '../../stories/isolate-instance.ts';
import { type AccountView, accountView } from '../account-view.ts';
import { type ApprovalPage, openPage, titleOf } from '../approver.ts';
import { cookieHeader, signInAt, type Visitor } from '../signing-in.ts';
import { type Step, step } from '../step.ts';
import { heldIn, isolatedIn, sameAccount, WRITING_ROLE } from './isolation-view.ts';
import type { Plot, Stage } from './plot.ts';
import { endsAs, logOf, openIncident, questionsOf, toldOutside } from './scenes.ts';
import { approveAs, linkTo, provenInLog, withSignIn } from './signed-in.ts';

const ACTION = 'aws.isolate-instance';

/** It reaches a whole machine, so that no link approves it, and no one person either. */
export const isolateInstance: Plot = {
  what: 'a machine that mines is cut off in the AWS account once two people have signed in and approved',
  story: isolateInstanceStory,
  adapt: withAccount,
  outcome: isolateInstanceStory.outcome,
  async play(stage) {
    const { sandbox } = stage.laptop;
    const before = await accountView(sandbox);
    const { incidentId } = await openIncident(stage);
    const [question] = await questionsOf(stage, incidentId);
    if (question === undefined) throw new Error('nobody was asked');
    const ada = await linkTo(stage, question.approvalId, 'ada');
    const grace = await linkTo(stage, question.approvalId, 'grace');
    const page = await openPage(ada);
    const asked = sameAccount(before, await accountView(sandbox), 'while people are asked');
    const browser: Visitor = { cookies: new Map() };
    const first = await approveAs(stage, ada, 'ada', browser);
    const again = await visit(ada, { headers: cookieHeader(browser) });
    const other = await signInAt(grace, (await openPage(grace)).html, 'ada', browser);
    const between = await afterOne(stage, question, before);
    const second = await approveAs(stage, grace, 'grace', { cookies: new Map() });
    const ended = await endsAs(stage, incidentId, this.outcome);
    const after = await accountView(sandbox);
    return [
      step('the action takes two different people', question.quorum === 2, `${question.quorum}`),
      ...statedOn(page),
      asked,
      step('the first person signs in and approves', first === 'Your approval is recorded: 1 of 2', first),
      step(
        'the same person is not counted twice, by neither link',
        again.status === 409 && other.status === 403,
        `${again.status} ${titleOf(again.body)}, ${other.status} ${titleOf(other.body)}`,
      ),
      ...between,
      step('the second person signs in and approves', second === 'Approved', second),
      ended,
      ...isolatedIn(before, after),
      ...heldIn(after, { incidentId, action: ACTION, approvers: question.approvers }),
      await provenInLog(stage, incidentId, ['ada', 'grace']),
      ...(await inLog(stage, incidentId)),
      ...(await toldOutside(stage, outcomeWords(this.outcome))),
    ];
  },
};

/** Only this action is asked about, of two people whose role in the account could do it, too. */
function withAccount(sample: Configuration): Configuration {
  const scenario = accountScenario(
    new URL(`../../sandbox/scenarios/${isolateInstanceStory.scenario}/`, import.meta.url),
  );
  if (scenario === undefined) throw new Error('the scenario has no AWS account');
  const { account } = scenario;
  const scope = { account: account.id };
  const { approvals, approvers } = withSignIn(sample);
  return {
    ...sample,
    accounts: [account],
    actions: { [ACTION]: { gate: 'ask' } },
    rollout: [...sample.rollout, { scope, phase: 'assist' }],
    approvals,
    approvers: approvers.map((approver) => ({
      ...approver,
      aws: { [account.id]: { roleArn: `arn:aws:iam::${account.id}:role${PEOPLE}on-call` } },
      may: [...approver.may, { actions: [ACTION], scope }],
    })),
  };
}

/** What the person reads who does not sign in. */
function statedOn({ html, decisions }: ApprovalPage): readonly Step[] {
  const commands = html.match(/aws ec2 modify-network-interface-attribute/g) ?? [];
  return [
    step(
      'the link alone can reject, and not approve',
      decisions.join() === 'rejected' && html.includes('Sign in to approve'),
      decisions.join(),
    ),
    step(
      'the page states that connections that are open now survive, and for how long',
      /Connections that are open now survive[^<]* 432000 seconds [^<]*350 seconds on Nitro version 6/.test(html),
      /Connections that are open now survive[^<]{0,180}/.exec(html)?.[0] ?? 'it does not',
    ),
    step(
      'it shows the standby, and one command for each of the two interfaces there and back',
      html.includes('aws autoscaling enter-standby') && commands.length === 4,
      `${commands.length} commands about interfaces`,
    ),
  ];
}

async function afterOne({ laptop }: Stage, question: Approval, before: AccountView): Promise<readonly Step[]> {
  const waiting = (await laptop.connection.approvals.forIncident(question.incidentId)).find(
    ({ approvalId }) => approvalId === question.approvalId,
  );
  const now = await accountView(laptop.sandbox);
  const writing = now.sessions.filter(({ role }) => role.endsWith(WRITING_ROLE));
  return [
    step(
      'one approval decides nothing',
      waiting?.status === 'PENDING' && waiting.votes.length === 1,
      `${waiting?.status}, ${waiting?.votes.length} vote`,
    ),
    sameAccount(before, now, 'after the first approval'),
    step(
      'no session that could change it was given before the second',
      writing.length === 0,
      `${now.sessions.length} sessions for reading and asking`,
    ),
  ];
}

async function inLog(stage: Stage, incidentId: string): Promise<readonly Step[]> {
  const log = await logOf(stage, incidentId);
  const proof = await main(['audit', 'verify', incidentId]);
  return [
    step('the audit log has action.applied applied', log.includes('action.applied applied'), log.join(', ')),
    step('`parapet audit verify` proves the log', proof === 0, `exit code ${proof}`),
  ];
}
