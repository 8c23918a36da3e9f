import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';

const text = z.string().min(1).max(500);
/** Malicious, and a resolution is in place: the one of the six reasons that fits what was acted upon. */
const MALICIOUS_AND_RESOLVED = 3;
const FORMS: Readonly<Record<string, z.ZodType<object>>> = {
  comment: z.strictObject({ comment: text }),
  close: z.strictObject({ reason: z.literal(MALICIOUS_AND_RESOLVED), comment: text }),
};

function onAlert(base: string, id: string, verb: string, body: object, purpose: string): PlannedRequest {
  return { method: 'POST', path: `${base}/Alerts/${id}/${verb}`, contentType: 'application/json', body, purpose };
}

export function comment(base: string, id: string, words: string): PlannedRequest {
  return onAlert(base, id, 'comment', { comment: words }, 'comment on the alert');
}

export function closing(base: string, id: string, words: string): PlannedRequest {
  return onAlert(base, id, 'close', { reason: MALICIOUS_AND_RESOLVED, comment: words }, 'close the alert for good');
}

/** What is sent, if the request is in the closed list of what is ever written to an account. */
export function callToSend(
  { method, path, body }: PlannedRequest,
  base: string,
): { readonly verb: string; readonly body: object } | undefined {
  const rest = path.startsWith(`${base}/`) ? path.slice(base.length + 1) : '';
  const verb = /^Alerts\/\d{1,19}\/(comment|close)$/.exec(rest)?.[1] ?? '';
  const given = method === 'POST' ? FORMS[verb]?.safeParse(body).data : undefined;
  return given && { verb, body: given };
}
