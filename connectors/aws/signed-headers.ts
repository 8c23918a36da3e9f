import { type AwsCredentials, authorizationOf } from './signature.ts';

/**
 * Headers of a call with Signature Version 4. Signed plain HTTP instead of three more clients of the SDK: for a handful of calls
 * they would cost every asset or cold start far more than this file.
 */
export function signedHeaders(options: {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** JSON; empty for a GET. */
  readonly body: string;
  readonly service: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly at: Date;
}): Readonly<Record<string, string>> {
  const { method, url, body, service, region, credentials, at } = options;
  const { pathname, host } = new URL(url);
  const { sessionToken } = credentials;
  const sent = {
    'X-Amz-Date': at.toISOString().replace(/[-:]|\.\d{3}/g, ''),
    ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
  };
  const authorization = authorizationOf({
    credentials,
    region,
    service,
    method,
    // Signature Version 4 encodes every part of the path a second time (S3 alone does not).
    path: pathname.split('/').map(encodeURIComponent).join('/'),
    // The host is signed and not set: `fetch` writes it itself, from the same address.
    headers: { ...sent, Host: host },
    body,
  });
  return { ...sent, Authorization: authorization };
}
