import type {
  ContentBlockParam,
  MessageCreateParamsNonStreaming,
  MessageParam,
  ToolChoice,
} from '@anthropic-ai/sdk/resources/messages';
import * as z from 'zod';
import type { StructuredMode } from '../../../domain/config/models.ts';
import type { NamedProfile } from '../../../domain/models/route.ts';
import { ANSWER_TOOL, howToAnswer, toolChoiceFor, toolsFor } from '../answer.ts';
import type { ModelRequest, Turn } from '../port.ts';

export type AnthropicProfile = Extract<NamedProfile, { provider: 'anthropic' }>;

type Body = MessageCreateParamsNonStreaming;

export function toMessage(request: ModelRequest, profile: AnthropicProfile, mode: StructuredMode): Body {
  const { modelId, maxOutputTokens, temperature, effort, cache } = profile;
  const format = mode === 'native' ? { type: 'json_schema' as const, schema: { ...request.output.schema } } : undefined;
  const control = cache.prefix
    ? { cache_control: { type: 'ephemeral' as const, ...(cache.ttl === '1h' ? { ttl: cache.ttl } : {}) } }
    : {};
  return {
    model: modelId,
    max_tokens: maxOutputTokens,
    system: [
      { type: 'text', text: request.system },
      // What comes before the mark is cached with it: the tools, the system text and this.
      { type: 'text', text: howToAnswer(request, mode), ...control },
    ],
    messages: request.turns.map(toTurn),
    ...(temperature === undefined ? {} : { temperature }),
    ...(format === undefined && effort === undefined
      ? {}
      : {
          output_config: { ...(format === undefined ? {} : { format }), ...(effort === undefined ? {} : { effort }) },
        }),
    ...toolsOf(request, mode),
  };
}

function toolsOf(request: ModelRequest, mode: StructuredMode): Pick<Body, 'tools' | 'tool_choice'> {
  const tools = toolsFor(request, mode);
  const choice = toolChoiceFor(request, mode);
  if (tools.length === 0 || choice === undefined) return {};
  return {
    tools: tools.map(({ name, description, schema }) => ({
      name,
      description,
      input_schema: { ...schema, type: 'object' },
    })),
    tool_choice: CHOICES[choice],
  };
}

const CHOICES: Readonly<Record<NonNullable<ReturnType<typeof toolChoiceFor>>, ToolChoice>> = {
  answer: { type: 'tool', name: ANSWER_TOOL },
  any: { type: 'any' },
  auto: { type: 'auto' },
  none: { type: 'none' },
};

/** What a model said goes back as it came: thinking is signed, and a block nobody knows may matter to it. */
const continuationSchema = z.array(
  z.custom<ContentBlockParam>((value) => typeof value === 'object' && value !== null && 'type' in value),
);

function toTurn(turn: Turn): MessageParam {
  switch (turn.role) {
    case 'user':
    case 'assistant':
      return { role: turn.role, content: [{ type: 'text', text: turn.text }] };
    case 'calls':
      return { role: 'assistant', content: continuationSchema.parse(turn.continuation) };
    case 'results':
      return {
        role: 'user',
        content: turn.results.map(({ id, text, ok }) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: text,
          ...(ok ? {} : { is_error: true }),
        })),
      };
  }
}
