import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { ClientSettings } from './client-settings.ts';
import { readBytes } from './parse.ts';
import { SetupError } from './setup-error.ts';

/** The public half of the key that signs anchors, as PEM. Permission: kms:GetPublicKey on that key. */
export function publicKeyOf(settings: ClientSettings, keyId: string): () => Promise<string> {
  return async () => {
    const { PublicKey } = await new KMSClient(settings).send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (PublicKey === undefined) throw new SetupError(`KMS key ${keyId} has no public half.`);
    return pem(Buffer.from(PublicKey));
  };
}

/** A public key from a file, in PEM. @throws SetupError in one sentence */
export function readPublicKey(file: string): string {
  try {
    return createPublicKey(readBytes(file)).export({ type: 'spki', format: 'pem' }).toString();
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    throw new SetupError(`${file} is not a public key in PEM.`, { cause });
  }
}

function pem(der: Buffer): string {
  return createPublicKey({ key: der, format: 'der', type: 'spki' }).export({ type: 'spki', format: 'pem' }).toString();
}
