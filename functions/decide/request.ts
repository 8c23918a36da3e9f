import * as z from 'zod';
import { cookiesIn } from '../../connectors/sign-in/cookies.ts';
import { rejectionReasonSchema } from '../../domain/approval/approval.ts';
import { APPROVAL_ID } from '../../domain/approval/id.ts';

/** API Gateway HTTP API, payload format 2.0, as far as it is used. Header names arrive in lower case. */
const eventSchema = z.lazy(() =>
  z.object({
    rawPath: z.string(),
    headers: z.record(z.string(), z.string().optional()).default({}),
    /** Payload format 2.0 takes them out of the headers. */
    cookies: z.array(z.string()).default([]),
    queryStringParameters: z.record(z.string(), z.string().optional()).optional(),
    pathParameters: z.record(z.string(), z.string().optional()).optional(),
    requestContext: z.object({ http: z.object({ method: z.string() }) }),
    body: z.string().optional(),
    isBase64Encoded: z.boolean().default(false),
  }),
);

export interface PeopleRequest {
  readonly method: string;
  /** undefined: what stands in its place cannot be an approval id. */
  readonly approvalId: string | undefined;
  readonly link: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: readonly string[];
  readonly path: string;
  readonly body: string;
}

/** @throws z.ZodError: not called by an HTTP API, a fault of the deployment */
export function readRequest(event: unknown): PeopleRequest {
  const parsed = eventSchema.parse(event);
  const id = parsed.pathParameters?.['id'] ?? /\/approvals\/([^/]+)\/?$/.exec(parsed.rawPath)?.[1];
  const body = parsed.body ?? '';
  return {
    method: parsed.requestContext.http.method.toUpperCase(),
    approvalId: id !== undefined && APPROVAL_ID.test(id) ? id : undefined,
    link: parsed.queryStringParameters?.['t'],
    headers: Object.fromEntries(Object.entries(parsed.headers).map(([name, value]) => [name.toLowerCase(), value])),
    cookies: cookiesIn(parsed),
    path: parsed.rawPath,
    body: parsed.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
  };
}

/** A comment is part of the proof, so a longer one is refused instead of being cut. */
export const MAX_COMMENT = 500;
/** Link (2,000), form token, decision and a comment in percent-encoding (three bytes each of up to four bytes a character). */
const MAX_BODY_BYTES = 12_000;

const formSchema = z.lazy(() =>
  z.object({
    t: z.string().min(1).optional(),
    csrf: z.string().min(1),
    decision: z.enum(['approved', 'rejected']),
    comment: z.string().max(MAX_COMMENT).optional(),
    reason: rejectionReasonSchema.optional(),
  }),
);
export type DecisionForm = z.infer<typeof formSchema>;

export type FormReading =
  | { readonly ok: true; readonly form: DecisionForm }
  /** One sentence for the person. */
  | { readonly ok: false; readonly reason: string };

/**
 * The posted form, if it came from our page. The page is served with `Referrer-Policy: no-referrer`, which makes browsers
 * send `Origin: null`; then `Sec-Fetch-Site` and the form token speak.
 */
export function readForm(request: PeopleRequest): FormReading {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded') {
    return { ok: false, reason: 'Use the buttons on the approval page; nothing else is read.' };
  }
  if (Buffer.byteLength(request.body) > MAX_BODY_BYTES) {
    return { ok: false, reason: `The form is too large; keep the comment below ${MAX_COMMENT} characters.` };
  }
  if (!isSameSite(request.headers)) {
    return { ok: false, reason: 'The form was sent from another site. Open the link in your mail and decide there.' };
  }
  const fields = new URLSearchParams(request.body);
  if ([...new Set(fields.keys())].length !== [...fields.keys()].length) {
    return { ok: false, reason: 'The form names a field twice. Open the link in your mail and decide there.' };
  }
  const comment = cleanComment(fields.get('comment') ?? '');
  const rejected = fields.get('decision') === 'rejected';
  const parsed = formSchema.safeParse({
    ...Object.fromEntries(fields),
    comment: comment === '' ? undefined : comment,
    // The choice stands beside both buttons; who approves has none.
    reason: rejected ? fields.get('reason') || undefined : undefined,
  });
  if (parsed.success && rejected && parsed.data.reason === undefined) {
    return { ok: false, reason: 'Choose why you reject it, and decide again. Nothing was decided.' };
  }
  if (parsed.success) return { ok: true, form: parsed.data };
  const tooLong = parsed.error.issues.some(({ path }) => path[0] === 'comment');
  return {
    ok: false,
    reason: tooLong
      ? `The comment is longer than ${MAX_COMMENT} characters; shorten it and decide again.`
      : 'The form is incomplete. Open the link in your mail and decide there.',
  };
}

/** What the browser says about where the form comes from. No browser lets a page of another site choose these three. */
function isSameSite(headers: PeopleRequest['headers']): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const origin = headers['origin'];
  if (origin === undefined || origin === 'null') return true;
  return URL.canParse(origin) && new URL(origin).host === headers['host']?.toLowerCase();
}

/** Line breaks stay; control and direction-changing characters go, because the comment is shown to others. */
function cleanComment(comment: string): string {
  return comment
    .replaceAll('\r\n', '\n')
    .replace(/[^\P{C}\n]/gu, '')
    .trim();
}
