import * as z from 'zod';
import { main } from '../../../cli/main.ts';
import { auditEntrySchema } from '../../../domain/audit/entry.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { sentMails } from '../../emulator/mail.ts';
import type { Laptop } from '../../laptop/laptop.ts';
import { accountScenario } from '../../sandbox/aws-account/scenario.ts';
import { dormantKeyStory } from '../../stories/dormant-key.ts';
import { type AccountView, accountView } from '../account-view.ts';
import { slackView } from '../outside.ts';
import { type Step, step } from '../step.ts';
import type { Plot, Stage } from './plot.ts';
import { decideAll, endsAs, openIncident } from './scenes.ts';
import { undoQuestion } from './undo.ts';

const ACTION = 'aws.deactivate-access-key';
const DORMANT = 'AKIASANDBOXDORMANT01';
const TOLD = 'playbook dormant-key acted without a person';

/** Nobody is asked: the playbook acts, the channel is told, and one step undoes it. */
export const dormantKey: Plot = {
  what: 'an access key that nobody uses is deactivated by a playbook, without a person, and the channel is told',
  story: dormantKeyStory,
  adapt: withPlaybook,
  outcome: 'contained',
  async play(stage) {
    const { laptop } = stage;
    const before = await accountView(laptop.sandbox);
    const { incidentId } = await openIncident(stage);
    const ended = await endsAs(stage, incidentId, this.outcome);
    const after = await accountView(laptop.sandbox);
    const questions = await laptop.connection.approvals.forIncident(incidentId);
    const mails = await sentMails(laptop.endpoint);
    return [
      ended,
      ...keysOf(before, after),
      step(
        'nobody was asked',
        questions.length + mails.length === 0,
        `${questions.length} questions, ${mails.length} mails`,
      ),
      inWhoseName(after, incidentId),
      ...(await logSteps(stage, incidentId)),
      ...(await channelSteps(laptop, incidentId)),
      ...(await undone(stage, incidentId)),
    ];
  },
};

/** The command the channel was told, which people decide about. */
async function undone(stage: Stage, incidentId: string): Promise<readonly Step[]> {
  const typed = main(['rollback', incidentId, 'A1', '--reason', 'Somebody needs the key after all.']);
  const approved = await decideAll(stage, [await undoQuestion(stage, incidentId, 1)], 'approved');
  const exit = await typed;
  const { users } = await accountView(stage.laptop.sandbox);
  const key = users.flatMap(({ keys }) => keys).find(({ id }) => id === DORMANT);
  return [
    ...approved,
    step('`parapet rollback` makes the key active again', exit === 0 && key?.status === 'Active', `${key?.status}`),
  ];
}

function withPlaybook(sample: Configuration): Configuration {
  const scenario = accountScenario(new URL('../../sandbox/scenarios/dormant-key/', import.meta.url));
  if (scenario === undefined) throw new Error('the scenario has no AWS account');
  const scope = { account: scenario.account.id };
  return {
    ...sample,
    accounts: [scenario.account],
    actions: { [ACTION]: { gate: 'ask' } },
    rollout: [{ scope, phase: 'automate' }, ...sample.rollout],
    // For the undo alone.
    approvals: { ...sample.approvals, linkMayApprove: [...sample.approvals.linkMayApprove, 'identity'] },
    approvers: sample.approvers.map((one) => ({ ...one, may: [...one.may, { actions: [ACTION], scope }] })),
    playbooks: [{ name: 'dormant-key', scope, maxPerHour: 5, unusedForDays: 90 }],
  };
}

function keysOf(before: AccountView, after: AccountView): readonly Step[] {
  const all = ({ users }: AccountView) => users.flatMap(({ keys }) => keys);
  const others = (view: AccountView) =>
    all(view)
      .filter(({ id }) => id !== DORMANT)
      .map(({ id, status }) => `${id} ${status}`)
      .join(', ');
  const [was, is] = [before, after].map((view) => all(view).find(({ id }) => id === DORMANT)?.status);
  return [
    step('the key was active, and is inactive', was === 'Active' && is === 'Inactive', `${was}, then ${is}`),
    step(
      'all other keys are as they were, the one the same user used yesterday among them',
      others(after) === others(before) && others(after).includes('Active'),
      others(after),
    ),
  ];
}

function inWhoseName({ sessions }: AccountView, incidentId: string): Step {
  const writing = sessions.filter(({ role }) => role.endsWith('/parapet-deactivate-access-key'));
  return step(
    'it was done by one session, in the name of the playbook and of the incident',
    writing.length === 1 &&
      writing.every(
        ({ sourceIdentity, tags }) => sourceIdentity === 'parapet-playbook' && tags['incident'] === incidentId,
      ),
    writing.map((one) => `${one.sourceIdentity} ${JSON.stringify(one.tags)}`).join(', ') || 'no session',
  );
}

async function logSteps({ laptop }: Stage, incidentId: string): Promise<readonly Step[]> {
  const entries = z.array(auditEntrySchema).parse(await laptop.connection.audit.readUnparsed(incidentId));
  const started = entries.find(({ kind }) => kind === 'action.started');
  const verified = entries.find(({ kind }) => kind === 'action.verified');
  const conditions = Array.isArray(started?.data['conditions']) ? started.data['conditions'] : [];
  const proof = await main(['audit', 'verify', incidentId]);
  return [
    step(
      'the audit log says which playbook did it, and on which conditions and evidence',
      started?.data['authority'] === 'playbook' &&
        started.data['playbook'] === 'dormant-key' &&
        conditions.length > 0 &&
        /"evidence":\["E\d+/.test(JSON.stringify(conditions)),
      `${conditions.length} conditions`,
    ),
    step(
      'the effect was verified by reading it',
      verified?.data['result'] === 'contained',
      String(verified?.data['result']),
    ),
    step('`parapet audit verify` proves the log', proof === 0, `exit code ${proof}`),
  ];
}

async function channelSteps({ sandbox }: Laptop, incidentId: string): Promise<readonly Step[]> {
  const told = (await slackView(sandbox)).messages.filter(({ text }) => text.includes(TOLD));
  const shown = JSON.stringify(told.map(({ blocks }) => blocks));
  return [
    step('the channel is told once', told.length === 1, told.map(({ text }) => text).join(' ') || 'nothing'),
    step(
      'it is told how the effect was verified, and how to undo it',
      shown.includes('is Inactive') && shown.includes(`npx parapet rollback ${incidentId} A1`),
      shown.slice(0, 160),
    ),
  ];
}
