import { json, type SandboxReply } from '../system.ts';

/** A refusal as AWS makes it; each protocol writes it in its own form. */
export class AwsFault extends Error {
  override readonly name = 'AwsFault';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export type Form = Readonly<Record<string, string>>;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A value as XML; a list is written by its member's name. */
export type Xml = string | number | boolean | undefined | readonly Xml[] | { readonly [name: string]: Xml };

export function xml(name: string, value: Xml, member: 'item' | 'member'): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return `<${name}>${value.map((one: Xml) => xml(member, one, member)).join('')}</${name}>`;
  if (typeof value === 'object')
    return `<${name}>${Object.entries(value)
      .map(([key, one]) => xml(key, one, member))
      .join('')}</${name}>`;
  return `<${name}>${escaped(String(value))}</${name}>`;
}

const XML = { 'content-type': 'text/xml;charset=UTF-8' };

/** EC2 puts the answer right into its response; IAM and STS wrap it once more. */
export function queryReply(
  service: 'ec2' | 'autoscaling' | 'iam' | 'sts',
  action: string,
  value: { readonly [name: string]: Xml },
): SandboxReply {
  const body =
    service === 'ec2'
      ? xml(`${action}Response`, { requestId: 'sandbox', ...value }, 'item')
      : xml(`${action}Response`, { [`${action}Result`]: value, ResponseMetadata: { RequestId: 'sandbox' } }, 'member');
  return { status: 200, headers: XML, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}

export function faultReply(service: string, fault: AwsFault): SandboxReply {
  const { code, message, status } = fault;
  if (service === 'eks') return json(status, { message }, { 'x-amzn-errortype': code });
  if (service === 'tagging') return json(status, { __type: code, message });
  const error = { Code: code, Message: message };
  const body =
    service === 'ec2'
      ? xml('Response', { Errors: { Error: error }, RequestID: 'sandbox' }, 'item')
      : xml('ErrorResponse', { Error: { Type: 'Sender', ...error }, RequestId: 'sandbox' }, 'member');
  return { status, headers: XML, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}

/** `Name.1`, `Name.2`, … in order. */
export function numberedIn(form: Form, prefix: string): string[] {
  return Object.keys(form)
    .filter((key) => key.startsWith(`${prefix}.`) && /^\d+$/.test(key.slice(prefix.length + 1)))
    .sort((a, b) => Number(a.slice(prefix.length + 1)) - Number(b.slice(prefix.length + 1)))
    .map((key) => form[key] ?? '');
}

export function required(form: Form, name: string, code = 'ValidationError'): string {
  const value = form[name];
  if (!value) throw new AwsFault(code, `The request must contain the parameter ${name}`);
  return value;
}

/** A page of a list, two at a time, so that whoever reads one page only is found out. */
export function page<T>(
  all: readonly T[],
  token: string | undefined,
): { readonly items: readonly T[]; readonly next?: string } {
  const start = token === undefined ? 0 : Number(token);
  const end = start + 2;
  return { items: all.slice(start, end), ...(end < all.length ? { next: String(end) } : {}) };
}
