import { type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { AnchorAuditDeps } from './anchor-audit.ts';

/** KMS answered without a signature: the key is not one for signing, or its permission is missing. */
export class SigningError extends Error {
  override readonly name = 'SigningError';
}

/** Signs with an asymmetric KMS key (ECC_NIST_P256, usage SIGN_VERIFY). Permission: kms:Sign on that key. */
export function kmsSigner(client: KMSClient, keyId: string): AnchorAuditDeps['sign'] {
  return async (digest) => {
    const answer = await client.send(
      new SignCommand({
        KeyId: keyId,
        Message: Buffer.from(digest, 'hex'),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    if (answer.Signature === undefined) throw new SigningError(`key ${keyId} gave no signature`);
    return { signature: Buffer.from(answer.Signature).toString('base64'), keyId: answer.KeyId ?? keyId };
  };
}
