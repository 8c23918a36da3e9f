import { createHash } from 'node:crypto';
import { STYLE } from './style.ts';

/** What an HTTP API takes as an answer (payload format 2.0). */
export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `Set-Cookie` lines. */
  readonly cookies?: readonly string[];
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * The page needs its own style sheet and may post to its own host: everything else is off, so that no text on it, however
 * hostile, can load, run or send anything.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cache-control': 'no-store',
  // The address holds the link: it must not travel to wherever somebody goes next.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'strict-transport-security': 'max-age=31536000',
} as const;

export function pageReply(statusCode: number, page: string): Reply {
  return { statusCode, headers: { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }, body: page };
}

export const ALLOWED_METHODS = 'GET, HEAD, OPTIONS, POST';

export function emptyReply(statusCode: number, allow = ALLOWED_METHODS): Reply {
  return { statusCode, headers: { ...HEADERS, allow }, body: '' };
}

/** Elsewhere, by GET. */
export function redirectReply(location: string, cookies: readonly string[]): Reply {
  return { statusCode: 303, headers: { ...HEADERS, location }, body: '', cookies };
}

/** HEAD answers as GET does, without the page. */
export function withoutBody(reply: Reply): Reply {
  return { ...reply, body: '' };
}
