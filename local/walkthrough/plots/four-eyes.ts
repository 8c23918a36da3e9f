import { visit } from '../../laptop/visit.ts';
import { openPage, titleOf } from '../approver.ts';
import { clusterView } from '../outside.ts';
import { cookieHeader, signInAt, type Visitor } from '../signing-in.ts';
import { type Step, step } from '../step.ts';
import type { Plot, Stage } from './plot.ts';
import { changesSent, endsAs, openIncident, questionsOf, sameCluster } from './scenes.ts';
import { approveAs, linkTo, provenInLog, withSignIn } from './signed-in.ts';

const ACTION = 'kubernetes.remove-role-binding';

/** It changes the whole cluster, so that no link approves it, and no one person either. */
export const fourEyes: Plot = {
  what: 'a binding of the whole cluster is removed once two different people have signed in and approved',
  adapt: (sample) => ({ ...sample, ...withSignIn(sample), actions: { [ACTION]: { gate: 'ask' } } }),
  outcome: 'contained',
  async play(stage) {
    const before = await clusterView(stage.laptop.sandbox);
    const { incidentId } = await openIncident(stage);
    const [question] = await questionsOf({ ...stage, story: { ...stage.story, asked: [ACTION] } }, incidentId);
    if (question === undefined) throw new Error('nobody was asked');
    const [ada, grace] = [
      await linkTo(stage, question.approvalId, 'ada'),
      await linkTo(stage, question.approvalId, 'grace'),
    ];
    const plain = await openPage(ada);
    const browser: Visitor = { cookies: new Map() };
    const first = await approveAs(stage, ada, 'ada', browser);
    const again = await visit(ada, { headers: cookieHeader(browser) });
    const other = await signInAt(grace, (await openPage(grace)).html, 'ada', browser);
    const waiting = (await stage.laptop.connection.approvals.forIncident(incidentId)).find(
      ({ approvalId }) => approvalId === question.approvalId,
    );
    const between = [
      await sameCluster(stage, before, 'after the first approval'),
      step('no changing request was sent to the cluster before the second', changesSent(stage).length === 0, 'none'),
    ];
    const second = await approveAs(stage, grace, 'grace', { cookies: new Map() });
    const ended = await endsAs(stage, incidentId, this.outcome);
    return [
      step('the action takes two different people', question.quorum === 2, `${question.quorum}`),
      step(
        'the link alone can reject, and not approve',
        plain.decisions.join() === 'rejected' && plain.html.includes('Sign in to approve'),
        plain.decisions.join(),
      ),
      step('the first person signs in and approves', first === 'Your approval is recorded: 1 of 2', first),
      step(
        'the same person is not asked a second time',
        again.status === 409,
        `${again.status} ${titleOf(again.body)}`,
      ),
      step(
        'nor counted by the link of the other person',
        other.status === 403 && waiting?.votes.length === 1 && waiting.status === 'PENDING',
        `${other.status} ${titleOf(other.body)}`,
      ),
      ...between,
      step('the second person signs in and approves', second === 'Approved', second),
      ended,
      await bindingGone(stage, before),
      await provenInLog(stage, incidentId, ['ada', 'grace']),
    ];
  },
};

async function bindingGone({ laptop }: Stage, before: Awaited<ReturnType<typeof clusterView>>): Promise<Step> {
  const after = await clusterView(laptop.sandbox);
  const kept = new Set(after.clusterRoleBindings.map(({ metadata }) => metadata.uid));
  const gone = before.clusterRoleBindings.filter(({ metadata }) => !kept.has(metadata.uid));
  return step(
    'the cluster has the binding no more, and all others',
    gone.length === 1,
    gone.map(({ metadata }) => metadata.name).join(', ') || 'all are there',
  );
}
