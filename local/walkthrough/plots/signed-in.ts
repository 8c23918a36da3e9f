import * as z from 'zod';
import { auditEntrySchema } from '../../../domain/audit/entry.ts';
import type { Configuration } from '../../../domain/config/schema.ts';
import { sentMails } from '../../emulator/mail.ts';
import { waitFor } from '../../laptop/wait.ts';
import { SANDBOX_CLIENT, SANDBOX_PEOPLE } from '../../sandbox/oidc/oidc.ts';
import { decide, linksOf, openPage, titleOf } from '../approver.ts';
import { cookieHeader, formIn, type SandboxPerson, signInAt, type Visitor } from '../signing-in.ts';
import { type Step, step } from '../step.ts';
import type { Stage } from './plot.ts';

/** A link approves only what its class allows; everybody with an account at the sandbox's provider may sign in. */
export function withSignIn(sample: Configuration): Pick<Configuration, 'approvals' | 'approvers'> {
  const subjects = new Map<string, string>(Object.entries(SANDBOX_PEOPLE));
  return {
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

export async function linkTo({ laptop }: Stage, approvalId: string, person: SandboxPerson): Promise<string> {
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
export async function approveAs(
  { say }: Stage,
  link: string,
  person: SandboxPerson,
  visitor: Visitor,
): Promise<string> {
  say(`playing ${person}: signing in at the identity provider, and approving`);
  const page = formIn(link, await signInAt(link, (await openPage(link)).html, person, visitor));
  return titleOf((await decide(page, 'approved', 'By the walkthrough.', cookieHeader(visitor))).body);
}

const identitySchema = z.object({ kind: z.string(), subject: z.string().optional() });

/** That the log has who approved, in order, as the identity provider named them. */
export async function provenInLog(
  { laptop }: Stage,
  incidentId: string,
  people: readonly SandboxPerson[],
): Promise<Step> {
  const entries = z.array(auditEntrySchema).parse(await laptop.connection.audit.readUnparsed(incidentId));
  const subjects = entries
    .filter(({ kind }) => kind === 'approval.voted' || kind === 'approval.decided')
    .map(({ data }) => identitySchema.parse(data['identity']).subject ?? 'not proven');
  return step(
    'the audit log names both by what the identity provider said',
    subjects.join() === people.map((person) => SANDBOX_PEOPLE[person]).join(),
    subjects.join(', '),
  );
}
