import { realHttp } from '../connectors/http/request.ts';
import type { ModelPort } from '../connectors/models/port.ts';
import { loadModel } from '../connectors/models/registry.ts';
import { SecretError, type Secrets } from '../connectors/secrets/secrets.ts';
import type { StructuredMode } from '../domain/config/models.ts';
import type { NamedProfile } from '../domain/models/route.ts';
import type { ClientSettings } from './client-settings.ts';
import type { Health } from './health.ts';

/** A model as the person at the command line reaches it: with their own AWS identity, keys read from Secrets Manager. */
export type LoadModel = (
  profile: NamedProfile,
  onStepDown?: (from: StructuredMode, to: StructuredMode) => void,
) => Promise<ModelPort>;

export function modelLoader({ credentials }: ClientSettings, health: Pick<Health, 'secret'>): LoadModel {
  return async (profile, onStepDown) =>
    await loadModel(profile, {
      http: realHttp,
      secrets: async () => secretsOf(health),
      ...(onStepDown === undefined ? {} : { onStepDown }),
      ...(credentials === undefined ? {} : { credentials }),
    });
}

function secretsOf(health: Pick<Health, 'secret'>): Secrets {
  return {
    async get(name, schema) {
      const text = await health.secret(name).catch((cause: unknown) => {
        throw new SecretError(`secret ${name} cannot be read`, { cause });
      });
      const parsed = schema.safeParse(jsonOf(text));
      // What the secret holds is in neither message nor cause.
      if (!parsed.success) throw new SecretError(`secret ${name} has not the fields its user needs`);
      return parsed.data;
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A JSON error quotes the text it failed on; the schema says no to this.
    return undefined;
  }
}
