import * as z from 'zod';
import { auditEntrySchema } from '../../../domain/audit/entry.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { sentMails } from '../../emulator/mail.ts';
import { visit } from '../../laptop/visit.ts';
import { waitFor } from '../../laptop/wait.ts';
import { SANDBOX_CLIENT, SANDBOX_PEOPLE } from '../../sandbox/oidc/oidc.ts';
import { decide, linksOf, openPage, titleOf } from '../approver.ts';
import { clusterView } from '../outside.ts';
import { cookieHeader, formIn, type SandboxPerson, signInAt, type Visitor } from '../signing-in.ts';
import { type Step, step } from '../step.ts';
import type { Plot, Stage } from './plot.ts';
import { changesSent, endsAs, openIncident, questionsOf, sameCluster } from './scenes.ts';

const ACTION = 'kubernetes.remove-role-binding';

/** It changes the whole cluster, so that no link approves it, and no one person either. */
export const fourEyes: Plot = {
  what: 'a binding of the whole cluster is removed once two different people have signed in and approved',
  adapt: withSignIn,
  outcome: 'contained',
  async play(stage) {
    const before = await clusterView(stage.laptop.sandbox);
    const { incidentId } = await openIncident(stage);
    const [question] = await questionsOf({ ...stage, story: { ...stage.story, asked: [ACTION] } }, incidentId);
    if (question === undefined) throw new Error('nobody was asked');
    const [ada, grace] = [
      await linkOf(stage, question.approvalId, 'ada'),
      await linkOf(stage, question.approvalId, 'grace'),
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
      await provenInLog(stage, incidentId),
    ];
  },
};

function withSignIn(sample: Configuration): Configuration {
  const subjects = new Map<string, string>(Object.entries(SANDBOX_PEOPLE));
  return {
    ...sample,
    actions: { [ACTION]: { gate: 'ask' } },
    approvals: {
      ...sample.approvals,
      linkMayApprove: ['annotation', 'evidence', 'network-isolation'],
      // The laptop run puts the sandbox's own address there.
      signIn: { issuer: 'https://login.example.com', clientId: SANDBOX_CLIENT, maxAgeSeconds: 900 },
    },
    approvers: sample.approvers.map((approver) => {
      const oidcSubject = subjects.get(approver.id);
      return oidcSubject === undefined ? approver : { ...approver, oidcSubject };
    }),
  };
}

async function linkOf({ laptop }: Stage, approvalId: string, person: SandboxPerson): Promise<string> {
  return await waitFor(
    `the mail to ${person}`,
    async () =>
      (await sentMails(laptop.endpoint))
        .filter(({ to }) => to.includes(`${person}@example.com`))
        .flatMap(linksOf)
        .find((link) => new URL(link).pathname.endsWith(`/approvals/${approvalId}`)),
    { withinMs: 30_000 },
  );
}

/** @returns what the page says after it */
async function approveAs({ say }: Stage, link: string, person: SandboxPerson, visitor: Visitor): Promise<string> {
  say(`playing ${person}: signing in at the identity provider, and approving`);
  const page = formIn(link, await signInAt(link, (await openPage(link)).html, person, visitor));
  return titleOf((await decide(page, 'approved', 'By the walkthrough.', cookieHeader(visitor))).body);
}

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

const identitySchema = z.object({ kind: z.string(), subject: z.string().optional() });

async function provenInLog({ laptop }: Stage, incidentId: string): Promise<Step> {
  const entries = z.array(auditEntrySchema).parse(await laptop.connection.audit.readUnparsed(incidentId));
  const subjects = entries
    .filter(({ kind }) => kind === 'approval.voted' || kind === 'approval.decided')
    .map(({ data }) => identitySchema.parse(data['identity']).subject ?? 'not proven');
  return step(
    'the audit log names both by what the identity provider said',
    subjects.join() === [SANDBOX_PEOPLE.ada, SANDBOX_PEOPLE.grace].join(),
    subjects.join(', '),
  );
}
