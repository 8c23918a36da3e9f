import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memorySecrets } from '../../../test/fakes/secrets.ts';
import { eksLogin, eksToken } from './eks.ts';

const EKS = {
  name: 'prod-eks',
  region: 'eu-central-1',
  readRole: 'arn:aws:iam::111122223333:role/parapet-eks-read',
  writeRole: 'arn:aws:iam::111122223333:role/parapet-eks-write',
};
const CREDENTIALS = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret-example', sessionToken: 'token/+= example' };
const NOW = new Date('2026-02-01T10:00:00.000Z');
const urlOf = (token: string): URL => new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());

describe('eksToken', () => {
  const token = eksToken(CREDENTIALS, EKS, NOW);

  it('is the prefix and an address in base64url without padding, below the 4 KB EKS takes', () => {
    expect(token).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
    expect(token.length).toBeLessThan(4096);
  });

  it('asks STS of the region who signed it, for a minute, with the cluster among the signed headers', () => {
    const url = urlOf(token);
    expect(url.origin + url.pathname).toBe('https://sts.eu-central-1.amazonaws.com/');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'ASIAEXAMPLE/20260201/eu-central-1/sts/aws4_request',
      'X-Amz-Date': '20260201T100000Z',
      'X-Amz-Expires': '60',
      'X-Amz-Security-Token': CREDENTIALS.sessionToken,
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('carries the signature AWS makes of it for this cluster, and another for any other', () => {
    const url = urlOf(token);
    expect(url.searchParams.get('X-Amz-Signature')).toBe(signatureFor(url, 'prod-eks'));
    expect(signatureFor(url, 'other-eks')).not.toBe(signatureFor(url, 'prod-eks'));
  });
});

/** Signature Version 4 of a presigned address, as AWS's documentation describes it, independent of the code that made it. */
function signatureFor(url: URL, cluster: string): string {
  const query = url.search
    .slice(1)
    .split('&')
    .filter((part) => !part.startsWith('X-Amz-Signature='))
    .sort()
    .join('&');
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
  const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const request = `GET\n/\n${query}\nhost:${url.host}\nx-k8s-aws-id:${cluster}\n\nhost;x-k8s-aws-id\n${sha('')}`;
  const scope = '20260201/eu-central-1/sts/aws4_request';
  const key = hmac(
    hmac(hmac(hmac(`AWS4${CREDENTIALS.secretAccessKey}`, '20260201'), 'eu-central-1'), 'sts'),
    'aws4_request',
  );
  return hmac(key, `AWS4-HMAC-SHA256\n20260201T100000Z\n${scope}\n${sha(request)}`).toString('hex');
}

describe('eksLogin', () => {
  function login() {
    const assumed: string[] = [];
    let now = NOW.getTime();
    const made = eksLogin({
      http: {
        fetch: async (_url, init) => {
          const form = new URLSearchParams(String(init?.body));
          assumed.push(form.get('RoleArn') ?? '');
          const of = `<AccessKeyId>ASIA${assumed.length}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`;
          return new Response(
            `<AssumeRoleResponse><AssumeRoleResult><Credentials>${of}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
          );
        },
        sleep: async () => undefined,
        random: () => 0,
      },
      secrets: memorySecrets({}),
      credentials: async () => CREDENTIALS,
      now: () => new Date(now),
    });
    return { made, assumed, pass: (minutes: number) => (now += minutes * 60_000) };
  }

  it('uses a token for ten minutes and makes another then, or at once when it was refused', async () => {
    const { made, pass } = login();
    const read = { eks: EKS, role: EKS.readRole };
    const first = await made.token(read, { fresh: false });
    pass(9);
    expect(await made.token(read, { fresh: false })).toBe(first);
    expect(await made.token(read, { fresh: true })).not.toBe(first);
    pass(11);
    const later = await made.token(read, { fresh: false });
    expect(urlOf(later).searchParams.get('X-Amz-Date')).toBe('20260201T102000Z');
  });

  it('is another identity for containing than for reading', async () => {
    const { made, assumed } = login();
    await made.token({ eks: EKS, role: EKS.readRole }, { fresh: false });
    await made.token({ eks: EKS, role: EKS.writeRole }, { fresh: false });
    expect(assumed).toEqual([EKS.readRole, EKS.writeRole]);
  });
});
