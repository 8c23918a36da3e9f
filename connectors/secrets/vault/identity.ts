import { type AwsCredentials, authorizationOf } from '../../aws/signature.ts';

export interface SignedRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly body: string;
  /** Every header that is part of the signature, and the signature. */
  readonly headers: Readonly<Record<string, string>>;
}

export const SERVER_ID_HEADER = 'X-Vault-AWS-IAM-Server-ID';
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
const CONTENT_TYPE = 'application/x-www-form-urlencoded; charset=utf-8';

/**
 * `sts:GetCallerIdentity`, signed but not sent: Vault sends it, and learns from AWS who signed it. The server id is part
 * of the signature, so that a request captured on its way to one Vault is of no use at another.
 */
export function signedIdentityRequest(of: {
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly serverId: string;
  readonly now: Date;
}): SignedRequest {
  const host = `sts.${of.region}.amazonaws.com`;
  const date = of.now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const { sessionToken } = of.credentials;
  const headers = {
    'Content-Type': CONTENT_TYPE,
    Host: host,
    'X-Amz-Date': date,
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
    [SERVER_ID_HEADER]: of.serverId,
  };
  const authorization = authorizationOf({ ...of, service: 'sts', method: 'POST', path: '/', headers, body: BODY });
  return { method: 'POST', url: `https://${host}/`, body: BODY, headers: { ...headers, Authorization: authorization } };
}
