import { describe, expect, it } from 'vitest';
import { authorizationOf, SERVER_ID_HEADER, signedIdentityRequest } from './sign.ts';

describe('the signature of AWS', () => {
  it("is the one of AWS's published test case post-vanilla - a signature is right or it is nothing", () => {
    expect(
      authorizationOf({
        credentials: {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
        },
        region: 'us-east-1',
        service: 'service',
        method: 'POST',
        path: '/',
        headers: { Host: 'example.amazonaws.com', 'X-Amz-Date': '20150830T123600Z' },
        body: '',
      }),
    ).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    );
  });

  it('covers the server id and the session token - a captured request must be of no use elsewhere', () => {
    const { headers, url } = signedIdentityRequest({
      credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'invented', sessionToken: 'invented-session' },
      region: 'eu-central-1',
      serverId: 'vault.example.com',
      now: new Date('2026-11-22T10:00:00.123Z'),
    });
    expect(url).toBe('https://sts.eu-central-1.amazonaws.com/');
    expect(headers[SERVER_ID_HEADER]).toBe('vault.example.com');
    expect(headers['X-Amz-Date']).toBe('20261122T100000Z');
    expect(headers['Authorization']).toContain(
      'SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-vault-aws-iam-server-id,',
    );
  });
});
