import { modelProfileSchema } from '../../domain/config/models.ts';
import type { NamedProfile } from '../../domain/models/route.ts';

export type ProfileOf<P extends NamedProfile['provider']> = Extract<NamedProfile, { provider: P }>;

const FIELDS = {
  bedrock: { modelId: 'us.example.invented-model-1:0', region: 'us-east-1' },
  'openai-compatible': { modelId: 'invented-model-1', endpoint: 'http://127.0.0.1:9/v1' },
  anthropic: { modelId: 'invented-model-1', secret: 'parapet/models/anthropic', endpoint: 'http://127.0.0.1:9' },
} as const;

/** A profile as the configuration gives it, with all that has a default. */
export function sampleProfile<P extends NamedProfile['provider']>(
  provider: P,
  change: Readonly<Record<string, unknown>> = {},
): ProfileOf<P> {
  // Not among what is parsed: a test need not wait as long as a configuration must at least allow.
  const { timeoutSeconds = 20, ...written } = change;
  const profile = {
    ...modelProfileSchema.parse({ provider, ...FIELDS[provider], ...written }),
    timeoutSeconds: Number(timeoutSeconds),
    name: 'analysis-default',
  };
  if (!isOf(profile, provider)) throw new Error(`the profile is one of ${profile.provider}`);
  return profile;
}

function isOf<P extends NamedProfile['provider']>(profile: NamedProfile, provider: P): profile is ProfileOf<P> {
  return profile.provider === provider;
}
