import type { Unreadable } from '../../domain/intake/unreadable.ts';

/** What API Gateway's proxy integration turns into an HTTP answer. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why a webhook is refused; each is a value of the metric's `reason`. */
export const REFUSALS = {
  'unknown-source': { status: 404, message: 'No webhook of this name is configured here.' },
  'forbidden-network': { status: 403, message: 'Alerts of this source are not taken from this network.' },
  'wrong-method': { status: 405, message: 'Send alerts with POST.' },
  'too-large': {
    status: 413,
    message: 'The alert is larger than this webhook takes; the limit is set by bodyLimitBytes.',
  },
  unauthenticated: {
    status: 401,
    message: 'The credential is missing or wrong, or not in the form that the webhook of this source takes.',
  },
  empty: { status: 400, message: 'The request has no body, so there was nothing to keep.' },
  'malformed-request': { status: 400, message: 'The request is not one this webhook understands.' },
  'credential-unavailable': {
    status: 503,
    message: 'The credential cannot be checked at the moment; send the alert again.',
  },
  'bus-unavailable': { status: 503, message: 'The alert could not be stored; send it again.' },
} as const;
export type RefusalReason = keyof typeof REFUSALS;

/**
 * Why the alert of an authentic sender is refused and kept all the same (rule 3): the sender has something to mend, and the
 * people here can read what it sent.
 */
const KEPT: Readonly<Record<Unreadable, { readonly status: number; readonly what: string }>> = {
  'not-json-type': { status: 415, what: 'was not sent as Content-Type application/json in UTF-8' },
  'not-utf8': { status: 400, what: 'is not text in UTF-8' },
  'too-deep': { status: 400, what: 'is nested deeper than this webhook takes' },
  'too-many-members': { status: 400, what: 'has more fields than this webhook takes' },
  'not-json': { status: 400, what: 'is not JSON' },
};

/** Seconds a sender should wait before it sends again what we could not take. */
const RETRY_AFTER_SECONDS = 30;

export function accepted(deliveryId: string): Answer {
  return answer(202, { message: 'The alert was accepted.', deliveryId });
}

export function refused(reason: RefusalReason): Answer {
  const { status, message } = REFUSALS[reason];
  return answer(status, { message }, headersOf(status));
}

/** Not taken, but not lost: `parapet quarantine list` shows it with this delivery id. */
export function keptAside(reason: Unreadable, deliveryId: string): Answer {
  const { status, what } = KEPT[reason];
  const message = `The alert ${what}, so nothing was made of it; it was kept (see: parapet quarantine list).`;
  return answer(status, { message, deliveryId });
}

function headersOf(status: number): Record<string, string> {
  switch (status) {
    case 401:
      // Both forms HTTP has a name for, whichever the source uses; API Gateway renames the header anyway.
      return { 'www-authenticate': 'Basic realm="parapet", charset="UTF-8", Bearer realm="parapet"' };
    case 405:
      return { allow: 'POST' };
    case 503:
      return { 'retry-after': String(RETRY_AFTER_SECONDS) };
    default:
      return {};
  }
}

function answer(statusCode: number, body: object, headers: Record<string, string> = {}): Answer {
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
