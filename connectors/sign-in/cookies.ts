/** What a browser holds for us. `__Host-`: from exactly this host, by https alone, whatever a neighbour of the domain sets. */
export type CookieName = 'sign-in' | 'session';

/** Where the people's API is reached, from what the request says of itself. */
export interface Edge {
  /** Without a slash at its end. */
  readonly base: string;
  readonly secure: boolean;
}

/**
 * API Gateway routes by the host, so a wrong one never arrives; and the provider knows which addresses it may send
 * somebody back to. Without https only on the laptop, where a browser keeps no `__Host-` cookie.
 */
export function edgeOf(request: { readonly host: string | undefined; readonly path: string }): Edge | undefined {
  const host = request.host?.toLowerCase();
  if (host === undefined || !/^[a-z0-9.-]+(:\d{1,5})?$/.test(host)) return undefined;
  const name = host.replace(/:\d+$/, '');
  const secure = !(name === 'localhost' || name === '127.0.0.1' || name.endsWith('.localhost'));
  // Below a path where a custom domain maps one.
  const below = request.path.replace(/\/(?:sign-in|approvals)\/.*$/s, '');
  return { base: `${secure ? 'https' : 'http'}://${host}${below}`, secure };
}

/** Payload format 2.0 takes them out of the headers; what stands in the headers all the same is read too. */
export function cookiesIn(event: {
  readonly cookies: readonly string[];
  readonly headers: Readonly<Record<string, string | undefined>>;
}): readonly string[] {
  const header = Object.entries(event.headers).find(([name]) => name.toLowerCase() === 'cookie')?.[1];
  return header === undefined ? event.cookies : [...event.cookies, header];
}

export function cookieOf(cookies: readonly string[], name: CookieName, edge: Edge): string | undefined {
  const wanted = `${nameOf(name, edge)}=`;
  const found = cookies.flatMap((line) => line.split(';')).map((part) => part.trim());
  return found.find((part) => part.startsWith(wanted))?.slice(wanted.length) || undefined;
}

/** `Lax`, because the provider sends the person back from another site; a form of another site carries none. */
export function setCookie(name: CookieName, value: string, edge: Edge, seconds: number): string {
  const secure = edge.secure ? '; Secure' : '';
  return `${nameOf(name, edge)}=${value}; Path=/; Max-Age=${Math.max(0, Math.floor(seconds))}; HttpOnly; SameSite=Lax${secure}`;
}

function nameOf(name: CookieName, { secure }: Edge): string {
  return `${secure ? '__Host-' : ''}parapet-${name}`;
}
