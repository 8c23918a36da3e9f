import { SetupError } from '../../cli/setup-error.ts';
import { serviceUrl } from '../../domain/config/fields.ts';
import { type ModelsConfiguration, modelsSchema } from '../../domain/config/models.ts';

/** Which model a laptop run asks, instead of those of the file. */
export type LaptopModel =
  /** The sandbox's, behind the Bedrock adapter: it looks something up and retells the evidence. */
  | { readonly kind: 'scripted' }
  /** A server of the person's own, such as Ollama or vLLM. */
  | { readonly kind: 'server'; readonly url: string; readonly modelId: string };

/** Small enough for a laptop, and takes both structured output and tools. */
export const DEFAULT_MODEL_ID = 'qwen3:8b';

/**
 * `--model scripted`, or PARAPET_MODEL_URL with PARAPET_MODEL_ID; undefined: the configuration as it is, at the sandbox.
 * @throws SetupError
 */
export function laptopModel(
  flag: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): LaptopModel | undefined {
  const url = environment['PARAPET_MODEL_URL'] || undefined;
  if (flag !== undefined && flag !== 'scripted')
    throw new SetupError(
      `--model takes "scripted", but it is "${flag}"; a server of your own is named by PARAPET_MODEL_URL.`,
    );
  if (flag !== undefined && url !== undefined)
    throw new SetupError('Give either --model scripted or PARAPET_MODEL_URL, not both.');
  if (flag !== undefined) return { kind: 'scripted' };
  if (url === undefined) return undefined;
  if (!serviceUrl.safeParse(url).success)
    throw new SetupError(
      `PARAPET_MODEL_URL must be an address such as http://127.0.0.1:11434/v1 (https, or http on this machine), but it is "${url}".`,
    );
  return { kind: 'server', url, modelId: environment['PARAPET_MODEL_ID'] || DEFAULT_MODEL_ID };
}

/** The configuration of that one model. */
export function modelsOf(model: LaptopModel, sandbox: string): ModelsConfiguration {
  return modelsSchema.parse({
    profiles: { laptop: profileOf(model, sandbox) },
    routes: [{ profiles: ['laptop'] }],
    // A model on a laptop may need minutes; what it looks up is the sandbox's and costs nothing.
    budget: { tokensPerIncident: 1_000_000 },
  });
}

function profileOf(model: LaptopModel, sandbox: string): object {
  switch (model.kind) {
    case 'scripted':
      return {
        provider: 'bedrock',
        modelId: 'us.example.scripted-1:0',
        region: 'us-east-1',
        endpoint: `${sandbox}/bedrock`,
        cache: { prefix: true },
      };
    case 'server':
      return {
        provider: 'openai-compatible',
        modelId: model.modelId,
        endpoint: model.url,
        // Ollama documents only this one; vLLM takes both.
        tokenLimitField: 'max_tokens',
        timeoutSeconds: 120,
      };
  }
}
