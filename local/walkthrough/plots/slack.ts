import { readIncident } from '../../../cli/commands/incident.ts';
import { BUTTONS } from '../../../connectors/chat/slack/interaction.ts';
import type { Approval } from '../../../domain/approval/approval.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { type Answer, visit } from '../../laptop/visit.ts';
import { waitFor } from '../../laptop/wait.ts';
import app from '../../sandbox/scenarios/crypto-miner/slack.json' with { type: 'json' };
import { clusterView, effectOf, slackView } from '../outside.ts';
import { type Step, step } from '../step.ts';
import type { Plot, Stage } from './plot.ts';
import { endsAs, openIncident, questionsOf } from './scenes.ts';

/** In the channel, and nobody to the configuration. */
const STRANGER = 'U0STRANGER';

export const slackClicks: Plot = {
  what: 'approvers click in Slack, Teams is told, and the message says what became of it',
  adapt: (sample) => ({ ...sample, ...asking(sample) }),
  outcome: 'contained',
  async play(stage) {
    const { laptop } = stage;
    const { incidentId } = await openIncident(stage);
    const questions = await questionsOf(stage, incidentId);
    const steps: Step[] = [];
    for (const question of questions) steps.push(...(await decideBySlack(stage, question)));
    steps.push(await endsAs(stage, incidentId, this.outcome));
    const cluster = await clusterView(laptop.sandbox);
    const told = await readIncident(laptop.connection, incidentId);
    for (const action of told?.plan?.actions ?? []) if (action.gate === 'ask') steps.push(...effectOf(action, cluster));
    for (const question of questions) steps.push(await saysTheEnd(stage, question));
    steps.push(await cardsInTeams(stage, 2 * questions.length));
    return steps;
  },
};

/** What the sandbox's app is, and who its members are to us. */
function asking({ destinations, approvers }: Configuration): Pick<Configuration, 'destinations' | 'approvers'> {
  const { chat } = destinations;
  if (chat === undefined) throw new Error('the sample configuration has no chat');
  return {
    destinations: {
      ...destinations,
      chat: {
        ...chat,
        approvals: true,
        signingSecret: 'parapet/slack-signing',
        appId: app.appId,
        teamId: app.teamId,
      },
      teams: { secret: 'parapet/teams' },
    },
    approvers: approvers.map((one, index) => ({ ...one, slackId: memberOf(index) })),
  };
}

function memberOf(index: number): string {
  return `U0APPROVER${index}`;
}

/** A stranger and a forger first, then as many approvers as must agree. */
async function decideBySlack(stage: Stage, question: Approval): Promise<readonly Step[]> {
  const { laptop, say } = stage;
  const ts = await waitFor('the question in the channel', async () => (await messageAbout(stage, question))?.ts, {
    withinMs: 60_000,
  });
  const now = async () =>
    (await laptop.connection.approvals.forIncident(question.incidentId)).find(
      ({ approvalId }) => approvalId === question.approvalId,
    );
  const statusOf = async () => (await now())?.status;
  const stranger = await click(stage, ts, STRANGER);
  const forged = await click(stage, ts, memberOf(0), `v0=${'0'.repeat(64)}`);
  const steps = [
    step(
      `a click about ${question.action} by somebody unknown, and a forged one, decide nothing`,
      stranger.status === 200 && forged.status === 401 && (await statusOf()) === 'PENDING',
      `answered ${stranger.status} and ${forged.status}, question ${await statusOf()}`,
    ),
  ];
  const { approvers } = laptop.configuration;
  const asked = approvers.flatMap(({ id }, index) => (question.approvers.includes(id) ? [{ id, index }] : []));
  for (const { id, index } of asked.slice(0, question.quorum)) {
    say(`playing ${id} in Slack: approved for ${question.action}`);
    const began = Date.now();
    const answer = await click(stage, ts, memberOf(index));
    const took = Date.now() - began;
    steps.push(
      step(
        `the click of ${id} about ${question.action} is taken before Slack gives up`,
        answer.status === 200 && answer.body === '' && took < 3_000,
        `${answer.status} after ${took} ms`,
      ),
    );
  }
  const decided = await now();
  const channels = decided?.votes.map(({ person, channel }) => `${person} by ${channel}`) ?? [];
  steps.push(
    step(
      `${question.action} is approved by the people who clicked`,
      decided?.status === 'APPROVED' &&
        channels.length === question.quorum &&
        channels.every((one) => /slack/.test(one)),
      channels.join(', ') || 'nobody',
    ),
  );
  return steps;
}

async function click({ laptop }: Stage, ts: string, userId: string, signature?: string): Promise<Answer> {
  const at = Math.floor(Date.now() / 1000);
  const pressed = laptop.sandbox.slack.press(ts, { userId, actionId: BUTTONS.approved, at, answerable: false });
  return await visit(`${laptop.run.edges.people}/slack/interactions`, {
    method: 'POST',
    headers: { ...pressed.headers, ...(signature === undefined ? {} : { 'x-slack-signature': signature }) },
    body: pressed.body,
  });
}

async function messageAbout({ laptop }: Stage, { approvalId }: Approval) {
  const { messages } = await slackView(laptop.sandbox);
  return messages.find(({ blocks }) => JSON.stringify(blocks ?? '').includes(`/approvals/${approvalId}`));
}

async function saysTheEnd({ laptop }: Stage, question: Approval): Promise<Step> {
  const plan = question.planDigest.slice(0, 16);
  const find = async () =>
    (await slackView(laptop.sandbox)).messages.find(({ blocks }) => JSON.stringify(blocks ?? '').includes(plan));
  const message = await waitFor(
    'the message to say what became of it',
    async () => {
      const found = await find();
      return found?.text.includes('Approved') ? found : undefined;
    },
    { withinMs: 30_000 },
  ).catch(find);
  const shown = JSON.stringify(message?.blocks ?? '');
  return step(
    `the message about ${question.action} says who approved it, and has no button left`,
    shown.includes('Approved by') && !shown.includes('parapet_'),
    message === undefined ? 'no message' : `${message.text.slice(0, 80)}, ${message.updates} updates`,
  );
}

async function cardsInTeams({ laptop }: Stage, expected: number): Promise<Step> {
  const cards = () => laptop.sandbox.teams.cards().length;
  await waitFor('the cards', async () => (cards() >= expected ? true : undefined), { withinMs: 30_000 }).catch(
    () => false,
  );
  return step('Teams holds a card for each question and one for its end', cards() === expected, `${cards()} cards`);
}
