import type { StructuredMode } from '../../domain/config/models.ts';
import type { NamedProfile } from '../../domain/models/route.ts';
import type { HttpDeps } from '../http/request.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { ModelError, type ModelPort } from './port.ts';

export interface LoadDeps {
  /** Loaded only for a profile that has a key. */
  readonly secrets: () => Promise<Secrets>;
  readonly http: HttpDeps;
  /** Told once, when a model does not take the better of two ways to structured output. */
  readonly onStepDown: (from: StructuredMode, to: StructuredMode) => void;
}

/** The adapter of a profile; each provider is loaded when it is first asked, so that a function reads only what it uses. */
export async function loadModel(profile: NamedProfile, deps: LoadDeps): Promise<ModelPort> {
  switch (profile.provider) {
    case 'bedrock': {
      const { bedrockModel } = await import('./bedrock/client.ts');
      return bedrockModel(profile, { onStepDown: deps.onStepDown });
    }
    case 'openai-compatible':
    case 'anthropic':
      throw new ModelError('config', `there is no adapter for ${profile.provider}`);
  }
}
