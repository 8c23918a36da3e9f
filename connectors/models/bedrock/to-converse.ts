import type {
  CachePointBlock,
  ContentBlock,
  ConverseCommandInput,
  Message,
  ToolConfiguration,
  ToolInputSchema,
} from '@aws-sdk/client-bedrock-runtime';
import type { StructuredMode } from '../../../domain/config/models.ts';
import type { NamedProfile } from '../../../domain/models/route.ts';
import { ANSWER_TOOL, howToAnswer, TOOLS_ARE_CLOSED, toolChoiceFor, toolsFor } from '../answer.ts';
import type { ModelRequest, Turn } from '../port.ts';
import { contentOf } from './continuation.ts';

export type BedrockProfile = Extract<NamedProfile, { provider: 'bedrock' }>;

/**
 * `maxTokens` is always sent, because the service reserves quota by it; temperature only where the profile says so, because
 * newer models refuse it.
 */
export function toConverse(request: ModelRequest, profile: BedrockProfile, mode: StructuredMode): ConverseCommandInput {
  const { maxOutputTokens, temperature, guardrail, cache } = profile;
  const toolConfig = toolConfigFor(request, mode);
  const outputConfig = outputConfigFor(request, profile, mode);
  // Converse cannot forbid the tools it needs to hear of, so words do.
  const closed = toolChoiceFor(request, mode) === 'none';
  return {
    modelId: profile.modelId,
    system: [
      { text: request.system },
      { text: howToAnswer(request, mode) },
      ...(cache.prefix ? [{ cachePoint: cachePoint(cache.ttl) }] : []),
      ...(closed ? [{ text: TOOLS_ARE_CLOSED }] : []),
    ],
    messages: request.turns.map(toMessage),
    inferenceConfig: { maxTokens: maxOutputTokens, ...(temperature === undefined ? {} : { temperature }) },
    requestMetadata: { ...request.metadata },
    ...(toolConfig === undefined ? {} : { toolConfig }),
    ...(outputConfig === undefined ? {} : { outputConfig }),
    ...(guardrail === undefined
      ? {}
      : {
          guardrailConfig: {
            guardrailIdentifier: guardrail.id,
            guardrailVersion: guardrail.version,
            // A trace repeats the matched text into the answer, and from there into what is kept.
            trace: 'disabled' as const,
          },
        }),
  };
}

/** Five minutes are what a point without a word means; older models know no other. */
function cachePoint(ttl: '5m' | '1h'): CachePointBlock {
  return { type: 'default', ...(ttl === '1h' ? { ttl } : {}) };
}

function outputConfigFor(request: ModelRequest, { effort }: BedrockProfile, mode: StructuredMode) {
  const { name, schema } = request.output;
  if (mode !== 'native') return effort === undefined ? undefined : { effort };
  const jsonSchema = { name, schema: JSON.stringify(schema) };
  return {
    textFormat: { type: 'json_schema' as const, structure: { jsonSchema } },
    ...(effort === undefined ? {} : { effort }),
  };
}

function toolConfigFor(request: ModelRequest, mode: StructuredMode): ToolConfiguration | undefined {
  const tools = toolsFor(request, mode);
  if (tools.length === 0) return undefined;
  const choice = toolChoiceFor(request, mode);
  return {
    tools: tools.map(({ name, description, schema }) => ({
      toolSpec: { name, description, inputSchema: inputSchema(schema) },
    })),
    ...(choice === 'answer' ? { toolChoice: { tool: { name: ANSWER_TOOL } } } : {}),
    ...(choice === 'any' ? { toolChoice: { any: {} } } : {}),
  };
}

/** The SDK's document type wants plain JSON, which a schema that is read-only to us is. */
function inputSchema(schema: Readonly<Record<string, unknown>>): ToolInputSchema {
  return { json: JSON.parse(JSON.stringify(schema)) };
}

function toMessage(turn: Turn): Message {
  switch (turn.role) {
    case 'user':
    case 'assistant':
      return { role: turn.role, content: [{ text: turn.text }] };
    case 'calls':
      return { role: 'assistant', content: contentOf(turn.continuation) };
    case 'results':
      return {
        role: 'user',
        content: turn.results.map(
          ({ id, text, ok }): ContentBlock => ({
            toolResult: { toolUseId: id, content: [{ text }], status: ok ? 'success' : 'error' },
          }),
        ),
      };
  }
}
