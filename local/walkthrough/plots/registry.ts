import { main } from '../../../cli/main.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { outcomeWords } from '../../../domain/publish/words.ts';
import { sentMails } from '../../emulator/mail.ts';
import { visit } from '../../laptop/visit.ts';
import { titleOf } from '../approver.ts';
import { clusterView, jiraView, slackView } from '../outside.ts';
import { type Step, step } from '../step.ts';
import { acknowledge } from './acknowledge.ts';
import { dormantKey } from './dormant-key.ts';
import { fourEyes } from './four-eyes.ts';
import { isolateInstance } from './isolate-instance.ts';
import type { Plot } from './plot.ts';
import { revokeSessions } from './revoke-sessions.ts';
import {
  changesSent,
  decideAll,
  endsAs,
  linkOf,
  logOf,
  openIncident,
  publishedIn,
  questionsOf,
  sameCluster,
  toldOutside,
} from './scenes.ts';
import { slackClicks } from './slack.ts';
import { undo } from './undo.ts';

const EXPIRES_AFTER_SECONDS = 8;

const reject: Plot = {
  what: 'an approver says no, and nothing is changed',
  outcome: 'rejected',
  async play(stage) {
    const before = await clusterView(stage.laptop.sandbox);
    const { incidentId } = await openIncident(stage);
    const questions = await questionsOf(stage, incidentId);
    const decided = await decideAll(stage, questions, 'rejected');
    return [
      ...decided,
      await endsAs(stage, incidentId, this.outcome),
      await sameCluster(stage, before, 'after the rejection'),
      nothingSent(changesSent(stage)),
      lacks(await logOf(stage, incidentId), 'action.started'),
      ...(await toldOutside(stage, outcomeWords(this.outcome))),
    ];
  },
};

const expire: Plot = {
  what: 'nobody answers, and silence is no consent',
  adapt: (sample) => everyPhase(sample, { approvalExpiresAfterSeconds: EXPIRES_AFTER_SECONDS }),
  outcome: 'expired',
  async play(stage) {
    const before = await clusterView(stage.laptop.sandbox);
    const { incidentId } = await openIncident(stage);
    const questions = await questionsOf(stage, incidentId);
    const links = await Promise.all(questions.map((question) => linkOf(stage.laptop, question)));
    const ended = await endsAs(stage, incidentId, this.outcome);
    const late = await Promise.all(links.map((link) => visit(link, { headers: { accept: 'text/html' } })));
    return [
      ended,
      step(
        'the mailed links can decide nothing any more',
        late.length > 0 && late.every(({ status }) => status === 410),
        late.map(({ status, body }) => `${status} ${titleOf(body)}`).join(', '),
      ),
      await sameCluster(stage, before, 'after the silence'),
      nothingSent(changesSent(stage)),
      ...(await toldOutside(stage, outcomeWords(this.outcome))),
    ];
  },
};

const rollback: Plot = {
  what: 'the effect cannot be verified, and everything is put back',
  outcome: 'rolled-back',
  async play(stage) {
    const before = await clusterView(stage.laptop.sandbox);
    const { incidentId } = await openIncident(stage);
    const questions = await questionsOf(stage, incidentId);
    const [quarantine, others] = [true, false].map((wanted) =>
      questions.filter(({ action }) => (action === 'kubernetes.quarantine-pod') === wanted),
    );
    const rejected = await decideAll(stage, others ?? [], 'rejected');
    // The cluster stops answering about endpoints, so that isolation cannot be proved within the deadline.
    stage.laptop.sandbox.kubernetes.misbehave({
      system: 'kubernetes',
      method: 'GET',
      path: '/endpointslices',
      times: 100,
      reply: { status: 500, body: '{}' },
    });
    const approved = await decideAll(stage, quarantine ?? [], 'approved');
    const ended = await endsAs(stage, incidentId, this.outcome);
    const sent = changesSent(stage);
    const log = await logOf(stage, incidentId);
    return [
      ...rejected,
      ...approved,
      ended,
      step(
        'requests really went to the cluster',
        sent.some((request) => request.includes('/networkpolicies')),
        sent.join(', '),
      ),
      holds(log, 'action.applied applied'),
      holds(log, 'action.rolled-back rolled-back'),
      await sameCluster(stage, before, 'after the roll-back'),
      ...(await toldOutside(stage, outcomeWords(this.outcome))),
    ];
  },
};

const killSwitch: Plot = {
  what: '`parapet stop --all` is typed while questions wait; what is approved then is not executed',
  outcome: 'action-failed',
  async play(stage) {
    const { connection } = stage.laptop;
    const before = await clusterView(stage.laptop.sandbox);
    const { incidentId } = await openIncident(stage);
    const questions = await questionsOf(stage, incidentId);
    const stopped = await main(['stop', '--all', '--reason', 'the walkthrough says so']);
    const approved = await decideAll(stage, questions, 'approved');
    const ended = await endsAs(stage, incidentId, this.outcome);
    const log = await logOf(stage, incidentId);
    const resumed = await main(['resume']);
    return [
      step('`parapet stop --all` stops', stopped === 0, `exit code ${stopped}`),
      ...approved,
      ended,
      holds(log, 'action.applied refused'),
      lacks(log, 'action.started'),
      await sameCluster(stage, before, 'after what was approved'),
      nothingSent(changesSent(stage)),
      step(
        '`parapet resume` lets executions run again',
        resumed === 0 && (await connection.control.read())?.state === 'running',
        `exit code ${resumed}`,
      ),
    ];
  },
};

const observe: Plot = {
  what: 'the phase is observe: the incident tells what would be done, and nothing is written anywhere else',
  adapt: (sample) => everyPhase(sample, { phase: 'observe' }),
  outcome: 'advice-only',
  async play(stage) {
    const { laptop } = stage;
    const before = await clusterView(laptop.sandbox);
    const [issues, messages] = [await jiraView(laptop.sandbox), await slackView(laptop.sandbox)];
    const { incidentId } = await openIncident(stage);
    const ended = await endsAs(stage, incidentId, this.outcome);
    const plan = (await laptop.connection.incidents.get(incidentId))?.blobs.plan;
    const planned = plan === undefined ? '' : await laptop.connection.blobs.get(plan);
    const wanted = stage.story.asked.filter((action) => planned.includes(`"action":"${action}"`));
    const said = await publishedIn(stage, incidentId, 4);
    const [issuesAfter, messagesAfter] = [await jiraView(laptop.sandbox), await slackView(laptop.sandbox)];
    const mails = await sentMails(laptop.endpoint);
    const questions = await laptop.connection.approvals.forIncident(incidentId);
    return [
      ended,
      step(
        'the plan holds what it would have done, each action with its requests',
        wanted.length === stage.story.asked.length && planned.includes('"gate":"suggest"'),
        wanted.join(', '),
      ),
      step(
        'nobody is asked',
        questions.length + mails.length === 0,
        `${questions.length} questions, ${mails.length} mails`,
      ),
      step(
        'no ticket and no message are written',
        issuesAfter.issues.length === issues.issues.length &&
          messagesAfter.messages.length === messages.messages.length,
        `${issuesAfter.issues.length - issues.issues.length} issues, ${messagesAfter.messages.length - messages.messages.length} messages`,
      ),
      step(
        'the log has each ticket and message that was not written, at both stages',
        said.join() === UNWRITTEN.join(),
        said.join(', '),
      ),
      await sameCluster(stage, before, 'after the incident'),
      nothingSent(changesSent(stage)),
    ];
  },
};

const UNWRITTEN = [
  'chat concluded observed',
  'chat opened observed',
  'ticket concluded observed',
  'ticket opened observed',
];

/** By the name that `--story` takes. */
export const PLOTS: Readonly<Record<string, Plot>> = {
  'four-eyes': fourEyes,
  reject,
  expire,
  rollback,
  'kill-switch': killSwitch,
  observe,
  undo,
  'dormant-key': dormantKey,
  slack: slackClicks,
  'revoke-sessions': revokeSessions,
  'isolate-instance': isolateInstance,
  acknowledge,
};

function everyPhase(sample: Configuration, change: Partial<Configuration['rollout'][number]>): Configuration {
  return { ...sample, rollout: sample.rollout.map((rule) => ({ ...rule, ...change })) };
}

function nothingSent(sent: readonly string[]): Step {
  return step('no changing request was sent to the cluster', sent.length === 0, sent.join(', ') || 'none');
}

function holds(log: readonly string[], entry: string): Step {
  return step(`the audit log has ${entry}`, log.includes(entry), log.join(', '));
}

function lacks(log: readonly string[], kind: string): Step {
  return step(`the audit log has no ${kind}`, !log.some((entry) => entry.startsWith(kind)), `${log.length} entries`);
}
