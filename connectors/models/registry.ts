import type { StructuredMode } from '../../domain/config/models.ts';
import type { NamedProfile } from '../../domain/models/route.ts';
import type { HttpDeps } from '../http/request.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { ModelPort } from './port.ts';

export interface ModelDeps {
  readonly http: HttpDeps;
  /** Where keys lie; opened for providers that have one. */
  readonly secrets: () => Promise<Secrets>;
  /** Told once for each way to structured output that a model does not take. */
  readonly onStepDown?: (from: StructuredMode, to: StructuredMode) => void;
  /** Instead of the function's own identity; for Bedrock only. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * The adapter of a profile. Imported when it is first wanted, so that a function carries the SDK of no provider it does not
 * ask. Keep the result for the life of the process: it remembers what its model does not accept.
 */
export async function loadModel(profile: NamedProfile, deps: ModelDeps): Promise<ModelPort> {
  switch (profile.provider) {
    case 'bedrock': {
      const { bedrockModel } = await import('./bedrock/client.ts');
      return bedrockModel(profile, deps);
    }
    case 'openai-compatible': {
      const { openAiCompatibleModel } = await import('./openai-compatible/client.ts');
      return openAiCompatibleModel(profile, deps);
    }
    case 'anthropic': {
      const { anthropicModel } = await import('./anthropic/client.ts');
      return anthropicModel(profile, deps);
    }
  }
}
