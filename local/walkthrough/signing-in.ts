import { type Answer, visit } from '../laptop/visit.ts';
import { SANDBOX_PEOPLE } from '../sandbox/oidc/oidc.ts';
import { type ApprovalPage, NoFormError, readPage, titleOf } from './approver.ts';

export type SandboxPerson = keyof typeof SANDBOX_PEOPLE;

/** A browser of one person at the people's edge. */
export interface Visitor {
  readonly cookies: Map<string, string>;
}

/**
 * Goes from the approval page to the identity provider, signs in there as somebody, and comes back: each address is one
 * that a page or an answer named. @returns where it ended
 */
export async function signInAt(link: string, page: string, person: SandboxPerson, visitor: Visitor): Promise<Answer> {
  const href = /<a class="next" href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
  if (href === undefined) throw new NoFormError(`the page offers no sign-in: ${titleOf(page)}`);
  const start = await keeping(visitor, new URL(href, link).href);
  const provider = locationOf(start, link);
  const form = await visit(provider);
  const inputs = [...form.body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  const fields = inputs.map(([, name = '', value = '']) => [name, value.replaceAll('&#38;', '&')] as const);
  const answer = await visit(new URL('authorize', provider).href, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...Object.fromEntries(fields), subject: SANDBOX_PEOPLE[person] }).toString(),
  });
  const callback = locationOf(answer, provider);
  const back = await keeping(visitor, callback);
  return back.status === 303 ? await keeping(visitor, locationOf(back, callback)) : back;
}

/** The form of a page, to be posted with the visitor's cookies. @throws NoFormError */
export function formIn(link: string, { status, body }: Answer): ApprovalPage {
  const page = readPage(link, body);
  if (status === 200 && page) return page;
  throw new NoFormError(`the approval page answered ${status}: ${titleOf(body)}`);
}

export function cookieHeader({ cookies }: Visitor): Readonly<Record<string, string>> {
  return cookies.size === 0 ? {} : { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
}

async function keeping(visitor: Visitor, address: string): Promise<Answer> {
  const answer = await visit(address, { headers: { accept: 'text/html', ...cookieHeader(visitor) } });
  // Our cookies have Max-Age and no date, so no comma but the one between two of them.
  for (const line of (answer.headers['set-cookie'] ?? '').split(', ')) {
    const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
    if (name === undefined) continue;
    if (value) visitor.cookies.set(name, value);
    else visitor.cookies.delete(name);
  }
  return answer;
}

function locationOf({ status, headers, body }: Answer, from: string): string {
  const { location } = headers;
  if (location === undefined) throw new NoFormError(`${from} leads nowhere: ${status} ${titleOf(body)}`);
  return new URL(location, from).href;
}
