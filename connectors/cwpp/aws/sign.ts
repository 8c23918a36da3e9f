import { type AwsCredentials, authorizationOf } from '../../secrets/vault/sign.ts';

export type { AwsCredentials };

/**
 * Headers of a call with Signature Version 4. Signed plain HTTP instead of two more clients of the SDK: for a handful of calls
 * they would cost every cold start of the function far more than this file.
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
  const { pathname: path, host } = new URL(url);
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
    path,
    // The host is signed and not set: `fetch` writes it itself, from the same address.
    headers: { ...sent, Host: host },
    body,
  });
  return { ...sent, Authorization: authorization };
}
