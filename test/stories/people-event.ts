import { storyApproval } from './asked-action.ts';

export const HOST = 'people.example.com';

export interface PeopleCall {
  readonly id?: string;
  readonly t?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What an HTTP API hands to `decide` (payload format 2.0); bodies of forms arrive in base64. */
export function peopleEvent(method: string, call: PeopleCall = {}): unknown {
  const id = call.id ?? storyApproval().approvalId;
  return {
    version: '2.0',
    rawPath: `/approvals/${id}`,
    headers: { host: HOST, ...call.headers },
    pathParameters: { id },
    ...(call.t === undefined ? {} : { queryStringParameters: { t: call.t } }),
    requestContext: { http: { method } },
    ...(call.body === undefined ? {} : { body: Buffer.from(call.body).toString('base64'), isBase64Encoded: true }),
  };
}

/** A form as a browser sends it. */
export function postEvent(body: string, call: PeopleCall = {}): unknown {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...call.headers };
  return peopleEvent('POST', { ...call, headers, body });
}

/** Fills in the form of an approval page. */
export function formOf(page: string, decision: 'approved' | 'rejected', comment = ''): string {
  const fields = new URLSearchParams({ comment, decision, reason: decision === 'rejected' ? 'other' : '' });
  for (const [, name = '', value = ''] of page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]+)"/g)) {
    fields.set(name, value);
  }
  return fields.toString();
}
