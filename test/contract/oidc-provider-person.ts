import type { OidcStage } from './oidc-provider-stage.ts';

/** The provider did not send the person back, but showed them why. */
export class ShownError extends Error {
  override readonly name = 'ShownError';
}

export interface PersonAtProvider {
  /** Who they sign in as, and whether they consent, the next time they are asked. */
  subject: string;
  consents: boolean;
  /** What they were asked, in order. */
  readonly asked: string[];
  /** From the authorization address to the address they are sent back to. @throws ShownError */
  visit(authorization: string): Promise<URL>;
}

/** Where another person was signed in, the provider has their session ended by a form that a script sends. */
async function pressed(shown: Response, go: (url: URL, body: URLSearchParams) => Promise<Response>): Promise<Response> {
  if (shown.status !== 200) return shown;
  const page = await shown.text();
  const action = /<form method="post" action="([^"]+)">/.exec(page)?.[1];
  if (action === undefined) throw new ShownError(page);
  const fields = new URLSearchParams();
  for (const [, name = '', value = ''] of page.matchAll(/name="([^"]+)" value="([^"]*)"/g)) fields.set(name, value);
  return await go(new URL(action), fields);
}

/** A person with a browser of their own: it keeps the provider's cookies, each for its path, and follows its redirects. */
export function personAt({ issuer }: Pick<OidcStage, 'issuer'>, subject: string): PersonAtProvider {
  const cookies = new Map<string, { readonly path: string; readonly line: string }>();
  async function go(url: URL, body?: URLSearchParams): Promise<Response> {
    const cookie = [...cookies.values()].filter(({ path }) => url.pathname.startsWith(path)).map(({ line }) => line);
    const headers = { cookie: cookie.join('; ') };
    const asks = body === undefined ? { headers } : { headers, body, method: 'POST' };
    const response = await fetch(url, { redirect: 'manual', ...asks });
    for (const header of response.headers.getSetCookie()) {
      const [line = ''] = header.split(';', 1);
      const path = /; path=([^;]*)/i.exec(header)?.[1] ?? '/';
      const key = `${line.slice(0, line.indexOf('='))} ${path}`;
      if (line.endsWith('=')) cookies.delete(key);
      else cookies.set(key, { path, line });
    }
    return response;
  }
  const person: PersonAtProvider = {
    subject,
    consents: true,
    asked: [],
    async visit(authorization) {
      let url = new URL(authorization);
      // Five steps are usual: a provider that leads in circles must not hold the test.
      for (let steps = 0; steps < 12 && url.origin === issuer; steps += 1) {
        let response = await go(url);
        if (response.status === 200 && url.pathname.startsWith('/interaction/')) {
          person.asked.push(await response.text());
          response = await go(
            url,
            new URLSearchParams({ subject: person.subject, consent: person.consents ? 'yes' : 'no' }),
          );
        }
        response = await pressed(response, go);
        const location = response.headers.get('location');
        if (location === null) throw new ShownError(`${response.status} ${await response.text()}`);
        url = new URL(location, url);
      }
      return url;
    },
  };
  return person;
}
