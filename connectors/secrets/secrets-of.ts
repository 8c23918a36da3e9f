import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Configuration } from '../../domain/config/schema.ts';
import { realHttp } from '../http/request.ts';
import { SecretError, type Secrets, secretsFrom } from './secrets.ts';
import { vaultSecrets } from './vault/client.ts';

/**
 * The store of other systems' credentials that the configuration names. What Parapet issues itself (webhooks, approval
 * links) is read with `secretsFrom` from Secrets Manager.
 * @param use `write` for functions that change a target: in Vault they log in with another role (rule 8). In Secrets
 * Manager the function's own role makes the difference.
 */
export function secretsOf(configuration: Pick<Configuration, 'secretStore'>, use: 'read' | 'write' = 'read'): Secrets {
  const client = new SecretsManagerClient({});
  const { secretStore } = configuration;
  if (secretStore === undefined) return secretsFrom(client);
  const role = use === 'write' ? secretStore.writeRole : secretStore.role;
  if (role === undefined) return refusing('secretStore.writeRole is not configured, so nothing may be changed');
  return vaultSecrets({
    http: realHttp,
    settings: secretStore,
    role,
    // The function's own identity, as the SDK finds it.
    credentials: async () => await client.config.credentials(),
    region: async () => await client.config.region(),
    now: () => new Date(),
  });
}

function refusing(reason: string): Secrets {
  return { get: (name) => Promise.reject(new SecretError(`secret ${name} cannot be read: ${reason}`)) };
}
