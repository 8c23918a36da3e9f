import type { ExecutableAction } from '../analysis/analysis.ts';
import type { Configuration } from '../config/schema.ts';
import type { SignInConfiguration } from '../config/sign-in.ts';
import type { Proof, Vote } from './approval.ts';
import { whyNotByLink } from './by-link.ts';

/** How far the clocks of the identity provider and of ours may be apart. */
export const CLOCK_TOLERANCE_SECONDS = 60;

type Approvals = Pick<Configuration, 'approvals'>;

/** The sign-in by which this action must be approved; undefined: a link suffices, or there is no sign-in. */
export function signInFor({ approvals }: Approvals, action: ExecutableAction): SignInConfiguration | undefined {
  return whyNotByLink({ approvals }, action) === undefined ? undefined : approvals.signIn;
}

/** Why nobody could prove to be who approves this action; undefined: a link suffices, or people can sign in. */
export function whyNobodyCouldProve(config: Approvals, action: ExecutableAction): string | undefined {
  const byLink = whyNotByLink(config, action);
  return byLink === undefined || config.approvals.signIn !== undefined
    ? undefined
    : `it cannot be approved by a link, because ${byLink}; approvals.signIn names no identity provider at which approvers could prove who they are`;
}

/** Whether this person could approve it as themselves: where it takes a sign-in, only a known subject is somebody. */
export function couldProve(
  config: Approvals,
  action: ExecutableAction,
  person: { readonly oidcSubject?: string | undefined },
): boolean {
  return signInFor(config, action) === undefined || person.oidcSubject !== undefined;
}

/** Why this approval does not count for an action that a link may not approve; undefined: it does, or a link suffices. */
export function whyNotProven(config: Configuration, action: ExecutableAction, vote: Vote): string | undefined {
  if (whyNotByLink(config, action) === undefined) return undefined;
  const { signIn } = config.approvals;
  if (vote.proof === undefined) return `${vote.person} approved it without signing in.`;
  if (signIn === undefined) return 'The configuration names no identity provider any more.';
  if (!isProofOf(config, vote.person, vote.proof)) return `${vote.person} is not who signed in.`;
  const age = (Date.parse(vote.at) - Date.parse(vote.proof.authenticatedAt)) / 1000;
  return age <= signIn.maxAgeSeconds && age >= -CLOCK_TOLERANCE_SECONDS
    ? undefined
    : `${vote.person} had not signed in within ${signIn.maxAgeSeconds} seconds before approving.`;
}

/** Whether a proof is about this person, as the configuration knows them now. */
export function isProofOf(
  { approvals, approvers }: Pick<Configuration, 'approvals' | 'approvers'>,
  person: string,
  proof: Pick<Proof, 'issuer' | 'subject'>,
): boolean {
  const known = approvers.find(({ id }) => id === person)?.oidcSubject;
  return known !== undefined && known === proof.subject && approvals.signIn?.issuer === proof.issuer;
}
