import { main } from '../../../cli/main.ts';
import { planSchema } from '../../../domain/actions/action.ts';
import type { Approval } from '../../../domain/approval/approval.ts';
import { purposeOf } from '../../../domain/approval/over.ts';
import { waitFor } from '../../laptop/wait.ts';
import { openPage, titleOf } from '../approver.ts';
import { clusterView, effectOf, slackView } from '../outside.ts';
import { type Step, step } from '../step.ts';
import type { Plot, Stage } from './plot.ts';
import {
  changesSent,
  decideAll,
  endsAs,
  linkOf,
  logOf,
  openIncident,
  questionsOf,
  sameCluster,
  toldOutside,
} from './scenes.ts';

const TOLD = 'an action was rolled back on demand';

/** `parapet rollback` after containment: never executed, rejected, asked twice and approved, asked once more. */
export const undo: Plot = {
  what: '`parapet rollback` is typed when all is over; people approve the undo, and everything is as it was',
  outcome: 'rolled-back',
  async play(stage) {
    const { laptop } = stage;
    const before = await clusterView(laptop.sandbox);
    const { incidentId } = await openIncident(stage);
    const questions = await questionsOf(stage, incidentId);
    const quarantine = questions.find(({ action }) => action === 'kubernetes.quarantine-pod');
    if (quarantine === undefined) throw new Error('nobody is asked about a quarantine');
    const others = questions.filter((one) => one !== quarantine);
    const decided = [
      ...(await decideAll(stage, others, 'rejected')),
      ...(await decideAll(stage, [quarantine], 'approved')),
    ];
    const contained = await endsAs(stage, incidentId, 'contained');
    const isolated = await quarantineSteps(stage, quarantine);
    const sent = changesSent(stage).length;
    const type = (actionId: string) =>
      main(['rollback', incidentId, actionId, '--reason', 'The walkthrough has seen enough.']);

    const never = await type(others[0]?.actionId ?? 'A9');
    const refused = type(quarantine.actionId);
    const first = await undoQuestion(stage, incidentId, 1);
    const title = titleOf((await openPage(await linkOf(laptop, first))).html);
    const rejected = await decideAll(stage, [first], 'rejected');
    const afterRejection = await refused;
    const untouched = changesSent(stage).length === sent;

    const both = [type(quarantine.actionId), type(quarantine.actionId)];
    const second = await undoQuestion(stage, incidentId, 2);
    const approved = await decideAll(stage, [second], 'approved');
    const afterApproval = await Promise.all(both);
    const asked = (await laptop.connection.approvals.forIncident(incidentId)).filter(
      (one) => purposeOf(one) === 'undo',
    );
    const again = await type(quarantine.actionId);
    const log = await logOf(stage, incidentId);
    return [
      ...decided,
      contained,
      ...isolated,
      step('what was never executed is not put back', never === 1, `exit code ${never}`),
      step('the page says in its heading that this is an undo', title.startsWith('Undo: '), title),
      ...rejected,
      step('after a rejection nothing is put back', afterRejection === 1 && untouched, `exit code ${afterRejection}`),
      ...approved,
      step(
        'asked twice it is asked once, and both are told that it was put back',
        afterApproval.join() === '0,0' && asked.length === 2,
        `exit codes ${afterApproval.join(', ')}; ${asked.length} questions about undos`,
      ),
      await sameCluster(stage, before, 'after the undo'),
      await endsAs(stage, incidentId, this.outcome),
      step('what was put back is not put back again', again === 1, `exit code ${again}`),
      step(
        'the log has the undo from the request to its end',
        ['rollback.requested asked', 'rollback.started', 'action.rolled-back rolled-back', 'rollback.verified'].every(
          (entry) => log.includes(entry),
        ),
        log.filter((entry) => /roll/.test(entry)).join(', '),
      ),
      ...(await toldOutside(stage, TOLD)),
      await repliedInSlack(stage),
      step('the audit log proves itself', (await main(['audit', 'verify', incidentId])) === 0, incidentId),
    ];
  },
};

/** About the undo of an action, which `parapet rollback` asked for. */
export async function undoQuestion({ laptop }: Stage, incidentId: string, attempt: number): Promise<Approval> {
  return await waitFor(
    `question ${attempt} about an undo`,
    async () =>
      (await laptop.connection.approvals.forIncident(incidentId)).find(
        (one) => purposeOf(one) === 'undo' && one.planKey.endsWith(`-${attempt}.json`),
      ),
    { withinMs: 60_000 },
  );
}

async function quarantineSteps({ laptop }: Stage, { planKey, actionId }: Approval): Promise<readonly Step[]> {
  const { actions } = planSchema.parse(JSON.parse(await laptop.connection.blobs.get(planKey)));
  const action = actions.find(({ prepared }) => prepared.actionId === actionId);
  if (action === undefined) throw new Error(`${planKey} has no ${actionId}`);
  return effectOf(action, await clusterView(laptop.sandbox));
}

/** An edited message rings nowhere: a reply in its thread, shown in the channel, does. */
async function repliedInSlack({ laptop }: Stage): Promise<Step> {
  const replies = async () =>
    (await slackView(laptop.sandbox)).messages.filter(
      ({ thread, text }) => thread?.broadcast === true && text.includes(TOLD),
    );
  const seen = await waitFor(
    'a reply that tells of the undo',
    async () => {
      const found = await replies();
      return found.length > 0 ? found : undefined;
    },
    { withinMs: 30_000 },
  ).catch(replies);
  return step('the channel is told by a message of its own', seen.length === 1, seen.map(({ text }) => text).join());
}
