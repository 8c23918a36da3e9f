import { createHash, createHmac } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** AWS Signature Version 4 over all given headers. The SDK signs only its own calls. */
export function authorizationOf(of: {
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly service: string;
  readonly method: string;
  /** As the signature wants it: every part encoded once more than it is sent. */
  readonly path: string;
  /** Canonical, i.e. encoded and in order. */
  readonly query?: string | undefined;
  readonly headers: Readonly<Record<string, string>> & { readonly 'X-Amz-Date': string };
  readonly body: string;
}): string {
  const headers = Object.entries(of.headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\s+/g, ' ')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = headers.map(([name]) => name).join(';');
  const canonical = [
    of.method,
    of.path,
    of.query ?? '',
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(of.body),
  ].join('\n');
  const time = of.headers['X-Amz-Date'];
  const scope = scopeOf(time, of.region, of.service);
  const signature = signatureOf(of.credentials, time, scope, canonical);
  return `AWS4-HMAC-SHA256 Credential=${of.credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

function scopeOf(time: string, region: string, service: string): string {
  return `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
}

function signatureOf({ secretAccessKey }: AwsCredentials, time: string, scope: string, canonical: string): string {
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  const key = scope.split('/').reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  return hmac(key, toSign).toString('hex');
}

/** A GET whose signature stands in its own query, for somebody else to send. The given headers are part of what is signed. */
export function presignedUrl(of: {
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly service: string;
  readonly host: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names, `host` aside. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresSeconds: number;
  readonly now: Date;
}): string {
  const time = of.now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = scopeOf(time, of.region, of.service);
  const headers = Object.entries({ ...of.headers, host: of.host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = headers.map(([name]) => name).join(';');
  const { accessKeyId, sessionToken } = of.credentials;
  const query = Object.entries({
    ...of.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(of.expiresSeconds),
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
    'X-Amz-SignedHeaders': names,
  })
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = [
    'GET',
    '/',
    query,
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(''),
  ].join('\n');
  return `https://${of.host}/?${query}&X-Amz-Signature=${signatureOf(of.credentials, time, scope, canonical)}`;
}

/** As Signature Version 4 wants it: everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
