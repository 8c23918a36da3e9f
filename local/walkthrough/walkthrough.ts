import { setTimeout as sleep } from 'node:timers/promises';
import { chainsOfExport, judgeChain } from '../../cli/audit-verdict.ts';
import { type IncidentView, readIncident } from '../../cli/commands/incident.ts';
import { printableJson } from '../../cli/io.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { sentMails } from '../emulator/mail.ts';
import { type Delivered, deliver } from '../laptop/deliver.ts';
import type { Laptop } from '../laptop/laptop.ts';
import type { LaptopModel } from '../laptop/model.ts';
import { concluded, type Delivery, deliveriesOf, incidentToDecide } from '../laptop/story.ts';
import { visit } from '../laptop/visit.ts';
import { waitFor } from '../laptop/wait.ts';
import type { Story } from '../stories/story.ts';
import { type ApprovalPage, decide, linksAbout, openPage, titleOf } from './approver.ts';
import { modelSteps } from './model.ts';
import { clusterView, effectOf, publishedSteps } from './outside.ts';
import { type Step, step } from './step.ts';

/**
 * Plays the whole story without a person: alerts, mail, page, form, containment; then looks at everything from the
 * outside. @returns what was looked at, in order; the story is true only if every step is `ok`
 */
export async function walkThrough(
  laptop: Laptop,
  story: Story,
  tell: {
    readonly say: (line: string) => void;
    readonly show: (view: IncidentView) => void;
    /** Asked in this run; the sandbox's must have told the story. */
    readonly model?: LaptopModel | undefined;
  },
): Promise<readonly Step[]> {
  const { connection } = laptop;
  const { say } = tell;
  const deliveries = deliveriesOf(story);
  const steps: Step[] = [accepted(`${deliveries.length} alerts`, await deliver(laptop, story.source, deliveries))];
  const asked = await incidentToDecide(connection, say);
  const view = await readIncident(connection, asked.incidentId);
  if (!view) throw new Error(`incident ${asked.incidentId} was listed and is not there`);
  tell.show(view);
  const waits = story.asked.length > 0;
  steps.push(
    step(
      waits ? 'the incident waits for a decision' : 'the incident asks nobody',
      (asked.status === 'awaiting-decision') === waits,
      asked.status,
    ),
  );
  steps.push(...saysIt(view, story, tell.model !== undefined));
  if (tell.model?.kind === 'scripted') steps.push(...(await modelSteps(laptop, view)));
  steps.push(...(await duplicatesChangeNothing(laptop, story, asked.incidentId, deliveries)));

  const decided = new Set<string>();
  for (let pending = await nextQuestion(laptop, asked.incidentId, decided); pending; ) {
    decided.add(pending.approvalId);
    say(`playing approver ${pending.approvers[0]}: opening the mailed link about ${pending.action}`);
    steps.push(...(await playApprover(laptop, pending)));
    pending = await nextQuestion(laptop, asked.incidentId, decided);
  }
  const questions = await connection.approvals.forIncident(asked.incidentId);
  const about = questions.map(({ action }) => action).sort();
  steps.push(
    step(
      `people were asked about ${story.asked.length} actions`,
      sameList(about, [...story.asked].sort()),
      about.join(', ') || 'none',
    ),
  );
  const done = await concluded(connection, asked.incidentId);
  say(`incident ${done.incidentId} is ${done.status}: ${done.outcome ?? 'no outcome'}`);
  steps.push(
    step(
      `the incident is concluded as ${story.outcome}`,
      done.status === 'concluded' && done.outcome === story.outcome,
      `${done.status}, ${done.outcome}`,
    ),
  );

  const after = await readIncident(connection, asked.incidentId);
  const cluster = await clusterView(laptop.sandbox);
  for (const action of after?.plan?.actions ?? []) if (action.gate === 'ask') steps.push(...effectOf(action, cluster));
  steps.push(...(await published(laptop, asked.incidentId, story.outcome)));
  steps.push(...(await auditHolds(laptop, asked.incidentId)));
  return steps;
}

/** Ticket and message are brought up to date after the conclusion, so they are given a moment. */
async function published(
  { connection, sandbox }: Laptop,
  incidentId: string,
  outcome: Story['outcome'],
): Promise<readonly Step[]> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const steps = await publishedSteps(sandbox, await connection.incidents.publications(incidentId), outcome);
    if (steps.every(({ ok }) => ok) || Date.now() > deadline) return steps;
    await sleep(500);
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.join() === b.join();
}

/** The story is told in the analysis itself, not only in what was sent. */
function saysIt(view: IncidentView, { says }: Story, byModel: boolean): readonly Step[] {
  const told = JSON.stringify(view.analysis ?? {});
  const expected = says.filter(({ headline }) => headline === undefined || !byModel);
  return expected.map(({ what, pattern }) => step(`the analysis tells ${what}`, pattern.test(told), String(pattern)));
}

function accepted(what: string, answers: readonly Delivered[]): Step {
  return step(
    `${what} are accepted`,
    answers.every((answer) => answer.accepted),
    answers.map(({ answer }) => answer).join(', '),
  );
}

/** Vendors deliver again and again. */
async function duplicatesChangeNothing(
  laptop: Laptop,
  story: Story,
  incidentId: string,
  deliveries: readonly Delivery[],
): Promise<readonly Step[]> {
  const { connection } = laptop;
  const before = await connection.incidents.get(incidentId);
  const again = [...deliveries, ...deliveries];
  const statuses = await deliver(laptop, story.source, again);
  // A delivery may hold several findings, and each of them is counted.
  const expected = (before?.duplicateCount ?? 0) + again.length;
  const counted = await waitFor(
    'the counting of duplicates',
    async () => {
      const incident = await connection.incidents.get(incidentId);
      return incident && incident.duplicateCount >= expected ? incident : undefined;
    },
    { withinMs: 60_000 },
  );
  const all = await connection.incidents.list({ limit: 10 });
  return [
    accepted('the same alerts two more times', statuses),
    step(
      'the same alerts again are the same incident',
      all.length === 1 && counted.findingCount === before?.findingCount,
      `${all.length} incident, ${counted.findingCount} findings, ${counted.duplicateCount} duplicates`,
    ),
  ];
}

/** A pending question that was not answered yet; the workflow may ask for one action after the other. */
async function nextQuestion(
  { connection }: Laptop,
  incidentId: string,
  decided: ReadonlySet<string>,
): Promise<Approval | undefined> {
  const next = await waitFor(
    'a further question or the conclusion',
    async () => {
      const questions = await connection.approvals.forIncident(incidentId);
      const open = questions.find(({ approvalId, status }) => status === 'PENDING' && !decided.has(approvalId));
      if (open) return open;
      const incident = await connection.incidents.get(incidentId);
      return incident?.status === 'concluded' || incident?.status === 'failed' ? 'none' : undefined;
    },
    { withinMs: 120_000 },
  );
  return next === 'none' ? undefined : next;
}

async function playApprover({ connection, endpoint }: Laptop, approval: Approval): Promise<readonly Step[]> {
  const links = await waitFor(
    'the mails with the approval links',
    async () => {
      const mailed = linksAbout(await sentMails(endpoint), approval);
      return mailed.length >= approval.quorum ? mailed : undefined;
    },
    { withinMs: 30_000 },
  );
  const [link, ...others] = links;
  if (link === undefined) throw new Error(`nobody was mailed about ${approval.approvalId}`);
  const early = await othersApprove(connection, approval, others.slice(0, approval.quorum - 1));
  const page = await openPage(link);
  await visit(link, { method: 'HEAD' });
  const read = await statusOf(connection, approval);
  const answer = await decide(page, 'approved', 'Approved by the walkthrough.');
  const after = await statusOf(connection, approval);
  const second = await decide(page, 'rejected', 'A second answer.');
  return [
    ...early,
    step(
      `the page shows what will be executed for ${approval.action}`,
      showsTarget(page, approval),
      titleOf(page.html),
    ),
    step('opening it decides nothing', read === 'PENDING', read),
    step(
      'posting its form decides',
      answer.status === 200 && after === 'APPROVED',
      `${answer.status} ${titleOf(answer.body)}`,
    ),
    step(
      'a second answer is refused',
      second.status >= 400 && (await statusOf(connection, approval)) === 'APPROVED',
      titleOf(second.body),
    ),
  ];
}

/** Where more than one person must approve: all but the last of them, whose approvals alone decide nothing. */
async function othersApprove(
  connection: Laptop['connection'],
  approval: Approval,
  links: readonly string[],
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const link of links) {
    const answer = await decide(await openPage(link), 'approved', 'Approved by the walkthrough.');
    const status = await statusOf(connection, approval);
    steps.push(
      step(
        `${approval.quorum} people must approve ${approval.action}, and one alone decides nothing`,
        answer.status === 200 && status === 'PENDING',
        titleOf(answer.body),
      ),
    );
  }
  return steps;
}

function showsTarget(page: ApprovalPage, approval: Approval): boolean {
  return page.html.includes(approval.planDigest);
}

async function statusOf({ approvals }: Laptop['connection'], { incidentId, approvalId }: Approval): Promise<string> {
  const all = await approvals.forIncident(incidentId);
  return all.find((one) => one.approvalId === approvalId)?.status ?? 'gone';
}

/** An export is verified as an auditor would: from its text alone. And a changed one must not pass. */
async function auditHolds({ connection }: Laptop, incidentId: string): Promise<readonly Step[]> {
  const entries = await connection.audit.readUnparsed(incidentId);
  const lines = entries.map((entry) => printableJson(entry));
  const chains = chainsOfExport(lines.join('\n'));
  const exported = 'unreadable' in chains ? [] : (chains.get(incidentId) ?? []);
  const recorded = (await connection.incidents.get(incidentId))?.auditHead;
  const verdict = judgeChain(incidentId, exported, recorded);
  const cut = judgeChain(incidentId, exported.toSpliced(1, 1), undefined);
  return [
    step(
      'the exported audit chain verifies offline',
      verdict.ok,
      verdict.ok ? `${verdict.entries} entries` : verdict.reason,
    ),
    step('without one of its entries it does not', !cut.ok, cut.ok ? 'nothing was noticed' : cut.reason),
  ];
}
