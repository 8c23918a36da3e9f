import * as z from 'zod';
import type { Approval } from '../../../domain/approval/approval.ts';
import { auditEntrySchema } from '../../../domain/audit/entry.ts';
import type { Incident, Outcome } from '../../../domain/incident/incident.ts';
import { canonicalJson } from '../../../domain/json/canonical.ts';
import { sentMails } from '../../emulator/mail.ts';
import { deliver } from '../../laptop/deliver.ts';
import type { Laptop } from '../../laptop/laptop.ts';
import { concluded, deliveriesOf, incidentToDecide } from '../../laptop/story.ts';
import { waitFor } from '../../laptop/wait.ts';
import { decide, linkFor, linksAbout, openPage, titleOf } from '../approver.ts';
import { type ClusterView, clusterView, jiraView, slackView } from '../outside.ts';
import { type Step, step } from '../step.ts';
import type { Stage } from './plot.ts';

/** The alerts are sent; the incident as soon as people are asked or nothing more happens. */
export async function openIncident({ laptop, story, say }: Stage): Promise<Incident> {
  const deliveries = deliveriesOf(story);
  say(`sending ${deliveries.length} alerts of ${story.source} about ${story.title}`);
  await deliver(laptop, story.source, deliveries);
  return await incidentToDecide(laptop.connection, say);
}

/** Every question of the incident once all are asked. */
export async function questionsOf({ laptop, story }: Stage, incidentId: string): Promise<readonly Approval[]> {
  return await waitFor(
    `${story.asked.length} questions`,
    async () => {
      const asked = await laptop.connection.approvals.forIncident(incidentId);
      return asked.length === story.asked.length ? asked : undefined;
    },
    { withinMs: 60_000 },
  );
}

export async function linkOf({ endpoint }: Laptop, approval: Approval): Promise<string> {
  return await waitFor('the mail with the approval link', async () => linkFor(await sentMails(endpoint), approval), {
    withinMs: 30_000,
  });
}

/** The links of as many people as it takes: one to reject, the quorum to approve. */
async function linksToDecide(
  { endpoint }: Laptop,
  approval: Approval,
  decision: 'approved' | 'rejected',
): Promise<readonly string[]> {
  const people = decision === 'approved' ? approval.quorum : 1;
  return await waitFor(
    'the mails with the approval links',
    async () => {
      const mailed = linksAbout(await sentMails(endpoint), approval);
      return mailed.length >= people ? mailed.slice(0, people) : undefined;
    },
    { withinMs: 30_000 },
  );
}

/** Approvers decide about each of them, on the page behind the link each was mailed. */
export async function decideAll(
  { laptop, say }: Stage,
  questions: readonly Approval[],
  decision: 'approved' | 'rejected',
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const question of questions) {
    for (const link of await linksToDecide(laptop, question, decision)) {
      say(`playing an approver: ${decision} for ${question.action}`);
      const answer = await decide(await openPage(link), decision, 'By the walkthrough.');
      steps.push(
        step(`the form about ${question.action} takes "${decision}"`, answer.status === 200, titleOf(answer.body)),
      );
    }
  }
  return steps;
}

export async function endsAs({ laptop, say }: Stage, incidentId: string, outcome: Outcome): Promise<Step> {
  const done = await concluded(laptop.connection, incidentId);
  say(`incident ${done.incidentId} is ${done.status}: ${done.outcome ?? 'no outcome'}`);
  return step(
    `the incident is concluded as ${outcome}`,
    done.status === 'concluded' && done.outcome === outcome,
    `${done.status}, ${done.outcome}`,
  );
}

/** That the cluster holds exactly what it held before: pods with their labels, policies, bindings, endpoints. */
export async function sameCluster({ laptop }: Stage, before: ClusterView, when: string): Promise<Step> {
  const after = await clusterView(laptop.sandbox);
  const differing = (
    ['pods', 'networkPolicies', 'clusterRoleBindings', 'roleBindings', 'endpointSlices'] as const
  ).filter((part) => inAnyOrder(before[part]) !== inAnyOrder(after[part]));
  const seen = differing.length === 0 ? 'no difference' : `differs in ${differing.join(', ')}`;
  return step(`the cluster holds ${when} exactly what it held before`, differing.length === 0, seen);
}

function inAnyOrder(things: readonly unknown[]): string {
  return things
    .map((thing) => canonicalJson(thing))
    .sort()
    .join('\n');
}

/** The requests that went to the cluster with the writing credential and were meant. */
export function changesSent({ laptop }: Stage): readonly string[] {
  return laptop.sandbox.kubernetes.calls
    .filter(({ method, path }) => /^(POST|PUT|PATCH|DELETE)$/.test(method) && !/subjectaccessreview/i.test(path))
    .map(({ method, path }) => `${method} ${path}`);
}

/** Kinds of the incident's audit entries, with the outcome where they have one. */
export async function logOf({ laptop }: Stage, incidentId: string): Promise<readonly string[]> {
  const entries = z.array(auditEntrySchema).parse(await laptop.connection.audit.readUnparsed(incidentId));
  return entries.map(({ kind, data }) => (typeof data['outcome'] === 'string' ? `${kind} ${data['outcome']}` : kind));
}

/** What the log says of tickets and messages, after the last that is to come: `ticket opened observed`. */
export async function publishedIn({ laptop }: Stage, incidentId: string, count: number): Promise<readonly string[]> {
  const read = async () => {
    const entries = z.array(auditEntrySchema).parse(await laptop.connection.audit.readUnparsed(incidentId));
    return entries
      .filter(({ kind }) => kind === 'published')
      .map(({ data }) => [data['destination'], data['stage'], data['state']].join(' '))
      .sort();
  };
  return await waitFor(
    `${count} entries about tickets and messages`,
    async () => {
      const told = await read();
      return told.length >= count ? told : undefined;
    },
    { withinMs: 30_000 },
  ).catch(read);
}

/** Ticket and message say the end; they are brought up to date after it, so they are given a moment. */
export async function toldOutside({ laptop }: Stage, words: string): Promise<readonly Step[]> {
  const holds = async () => {
    const [jira, slack] = await Promise.all([jiraView(laptop.sandbox), slackView(laptop.sandbox)]);
    const parapets = jira.issues.filter(({ comments }) => JSON.stringify(comments).includes(words));
    const messages = slack.messages.filter(
      ({ blocks, thread }) => thread === undefined && JSON.stringify(blocks ?? '').includes(words),
    );
    return { issues: parapets.length, messages: messages.length };
  };
  const seen = await waitFor(
    'ticket and message to tell the end',
    async () => {
      const told = await holds();
      return told.issues > 0 && told.messages > 0 ? told : undefined;
    },
    { withinMs: 30_000 },
  ).catch(holds);
  return [
    step(`the ticket tells: ${words}`, seen.issues === 1, `${seen.issues} issues`),
    step(`the message tells: ${words}`, seen.messages === 1, `${seen.messages} messages`),
  ];
}
