import { describe, expect, it } from 'vitest';
import { SERVER_ID_HEADER, signedIdentityRequest } from './identity.ts';

describe('the identity shown to Vault', () => {
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
