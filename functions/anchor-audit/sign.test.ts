import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { kmsSigner, SigningError } from './sign.ts';

const mock = mockClient(KMSClient);
const digest = 'ab'.repeat(32);

describe('kmsSigner', () => {
  beforeEach(() => mock.reset());
  const sign = kmsSigner(new KMSClient({ region: 'us-east-1' }), 'alias/parapet-anchor');

  it('hands KMS the 32 bytes as a ready digest, so that KMS does not hash them again', async () => {
    mock.on(SignCommand).resolves({ Signature: Uint8Array.of(1, 2, 3), KeyId: 'arn:key' });
    expect(await sign(digest)).toEqual({ signature: 'AQID', keyId: 'arn:key' });
    expect(mock.commandCalls(SignCommand)[0]?.args[0].input).toEqual({
      KeyId: 'alias/parapet-anchor',
      Message: Buffer.from(digest, 'hex'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
  });

  it('writes no anchor without a signature', async () => {
    mock.on(SignCommand).resolves({});
    await expect(sign(digest)).rejects.toBeInstanceOf(SigningError);
  });
});
