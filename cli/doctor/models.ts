import { ModelError, type ModelErrorKind, type ModelReply, type ModelRequest } from '../../connectors/models/port.ts';
import type { StructuredMode } from '../../domain/config/models.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { NamedProfile } from '../../domain/models/route.ts';
import type { Connection } from '../context.ts';
import type { Check } from './check.ts';

/** What is asked: a question whose answer costs a few tokens and says nothing about anybody. */
const QUESTION: ModelRequest = {
  system: 'You test a connection.',
  turns: [{ role: 'user', text: 'Answer with "working" set to true.' }],
  output: {
    name: 'connection-test',
    schema: {
      type: 'object',
      properties: { working: { type: 'boolean' } },
      required: ['working'],
      additionalProperties: false,
    },
  },
  metadata: { purpose: 'doctor' },
};

/** Models that think first need room before they say anything. */
const MAX_OUTPUT_TOKENS = 1024;

/** One tiny call of every profile: whether it works, which way to structured output it takes, and what is wrong if not. */
export async function checkModels(config: Configuration, connection: Connection): Promise<readonly Check[]> {
  const profiles = Object.entries(config.models?.profiles ?? {});
  if (profiles.length === 0)
    return [{ name: 'models', ok: true, detail: 'none is configured: the rules analyst writes alone' }];
  return await Promise.all(
    profiles.map(([name, profile]) =>
      config.secretStore !== undefined && 'secret' in profile && profile.secret !== undefined
        ? notAsked(name)
        : checkModel({ ...profile, name }, connection),
    ),
  );
}

async function notAsked(name: string): Promise<Check> {
  return {
    name: `model ${name}`,
    ok: true,
    detail: 'not asked: its key lies in Vault, which only the functions may read',
  };
}

async function checkModel(profile: NamedProfile, { loadModel }: Connection): Promise<Check> {
  const name = `model ${profile.name}`;
  const refused: StructuredMode[] = [];
  try {
    const small = { ...profile, maxOutputTokens: Math.min(profile.maxOutputTokens, MAX_OUTPUT_TOKENS) };
    const port = await loadModel(small, (from, to) => refused.push(...between(profile.structured, from, to)));
    const reply = await port.generate(QUESTION);
    const facts = { kind: reply.outcome, rung: reply.mode, refused, latencyMs: reply.provider.latencyMs };
    return reply.outcome === 'json'
      ? { name, ok: true, detail: works(reply, refused), facts }
      : { name, ok: false, detail: `answers, but not usably (${reply.outcome})`, fix: UNUSABLE, facts };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const { kind, message } = error;
    return { name, ok: false, detail: `does not work (${kind}): ${message}`, fix: FIXES[kind], facts: { kind } };
  }
}

/** The ways that were tried in vain. */
function between(
  ladder: readonly StructuredMode[],
  from: StructuredMode,
  to: StructuredMode,
): readonly StructuredMode[] {
  return ladder.slice(ladder.indexOf(from), ladder.indexOf(to));
}

function works({ mode, usage, provider }: ModelReply, refused: readonly StructuredMode[]): string {
  const tokens = usage.input + usage.output + usage.cacheRead + usage.cacheWrite;
  const reported = provider.modelReported === undefined ? '' : `, says it is ${provider.modelReported}`;
  const ladder =
    refused.length === 0 ? '' : `; refuses ${refused.join(' and ')}: leave out of "structured" what it refuses`;
  return `works: ${mode} output, ${provider.latencyMs} ms, ${tokens} tokens${reported}${ladder}`;
}

const UNUSABLE = 'try another model, or let "structured" of the profile begin with forced_tool or prompt';

const FIXES: Readonly<Record<ModelErrorKind, string>> = {
  throttled: 'wait, or ask the provider for more quota; a fall-back profile in the route bridges it',
  unavailable: 'check the endpoint of the profile and the network from here; the functions may have another way',
  timeout: 'raise timeoutSeconds of the profile, or take a faster model',
  denied:
    'check the key or your own rights to the model (Bedrock: access to the model in that region; docs/connect/models.md)',
  invalid_request: 'check modelId and region, and leave out what the model does not take (temperature, effort)',
  too_long: 'take a model with a larger context',
  config: 'fill the secret of the profile, or sign in to AWS',
};
