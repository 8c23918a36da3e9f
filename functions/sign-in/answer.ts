import { type Message, messagePage } from '../../connectors/pages/message.tsx';
import { pageReply, type Reply } from '../../connectors/pages/reply.ts';

/** Why a sign-in does not go on; each has its own page and its own count. */
export const SIGN_IN_REFUSALS = [
  'malformed',
  'link',
  'expired',
  'no-subject',
  'other-browser',
  'other-issuer',
  'declined',
  'not-proven',
  'other-person',
  'unavailable',
] as const;
export type SignInRefusal = (typeof SIGN_IN_REFUSALS)[number];

/** @param again where to sign in once more, where that may help */
export function refusedReply(refusal: SignInRefusal, detail: { readonly again?: string; readonly name?: string } = {}) {
  const message = messageOf(refusal, detail.name);
  const next =
    detail.again === undefined
      ? {}
      : { next: { address: detail.again, text: refusal === 'other-person' ? 'Sign in as yourself' : 'Sign in again' } };
  return pageReply(statusOf(refusal), messagePage({ ...message, ...next })) satisfies Reply;
}

const NOTHING = 'Nothing was decided.';

function messageOf(refusal: SignInRefusal, name: string | undefined): Message {
  switch (refusal) {
    case 'malformed':
      return said('This cannot be read', 'The address is incomplete. Open the link in your mail and sign in there.');
    case 'link':
      return said(
        'This link is not genuine',
        'A sign-in starts from a mailed link of this very question. Open the link in your mail and sign in there.',
      );
    case 'expired':
      return said('The time to decide is over', 'Silence is a rejection: it was not approved in time.');
    case 'no-subject':
      return said(
        'You cannot sign in here',
        'The configuration names no subject of the identity provider for the person of this link. You can reject by the link; approving is for somebody else.',
      );
    case 'other-browser':
      return said(
        'This sign-in did not start here',
        'It was started in another browser, more than ten minutes ago, or was finished already. Open the link in your mail and sign in there, in one browser.',
      );
    case 'other-issuer':
      return said('This is not our identity provider', 'The answer names another issuer than the configured one.');
    case 'declined':
      return said(
        'You were not signed in',
        'The identity provider says that the sign-in was declined or not possible.',
      );
    case 'not-proven':
      return said(
        'The sign-in proves nothing',
        'What the identity provider answered is not valid, was used before, or is weaker than the configuration demands. Sign in again; if it happens again, tell the people who run Parapet.',
      );
    case 'other-person':
      return said(
        'You are signed in as somebody else',
        `This link is for ${name ?? 'another person'}. Nobody approves in the name of another person: sign in as yourself, or open the link that was mailed to you.`,
      );
    case 'unavailable':
      return said(
        'The identity provider does not answer',
        'Parapet cannot find out who you are. Try again in a minute. You can reject by the link meanwhile.',
      );
  }
}

function said(title: string, text: string): Message {
  return { title, paragraphs: [text, NOTHING] };
}

function statusOf(refusal: SignInRefusal): number {
  switch (refusal) {
    case 'malformed':
    case 'other-browser':
    case 'other-issuer':
      return 400;
    case 'link':
    case 'no-subject':
    case 'declined':
    case 'not-proven':
    case 'other-person':
      return 403;
    case 'expired':
      return 410;
    case 'unavailable':
      return 503;
  }
}
