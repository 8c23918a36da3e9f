import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions';
import type { StructuredMode } from '../../../domain/config/models.ts';
import type { NamedProfile } from '../../../domain/models/route.ts';
import { ANSWER_TOOL, howToAnswer, TOOLS_ARE_CLOSED, toolChoiceFor, toolsFor } from '../answer.ts';
import type { ModelRequest, Turn } from '../port.ts';
import { continuationSchema } from './continuation.ts';

export type OpenAiProfile = Extract<NamedProfile, { provider: 'openai-compatible' }>;

type Body = ChatCompletionCreateParamsNonStreaming;

/** Nothing is sent that a profile does not ask for: servers that speak this wire refuse different things. */
export function toCompletion(request: ModelRequest, profile: OpenAiProfile, mode: StructuredMode): Body {
  const { modelId, maxOutputTokens, temperature, effort, cache, tokenLimitField } = profile;
  const key = request.metadata['prompt'];
  return {
    model: modelId,
    messages: [
      { role: 'system', content: `${request.system}\n\n${howToAnswer(request, mode)}` },
      ...request.turns.flatMap(toMessages),
      // Where a server does not know `tool_choice` none, words may do.
      ...(toolChoiceFor(request, mode) === 'none' ? [{ role: 'system' as const, content: TOOLS_ARE_CLOSED }] : []),
    ],
    [tokenLimitField]: maxOutputTokens,
    ...(temperature === undefined ? {} : { temperature }),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    // The cache is the provider's and needs no mark; calls with one key are brought to where the prefix lies.
    ...(cache.prefix && key !== undefined ? { prompt_cache_key: key } : {}),
    ...(mode === 'native' ? { response_format: formatOf(request) } : {}),
    ...toolsOf(request, mode),
  };
}

function formatOf({ output }: ModelRequest): NonNullable<Body['response_format']> {
  const name = output.name.replace(/[^\w-]/g, '-').slice(0, 64);
  return { type: 'json_schema', json_schema: { name, strict: true, schema: { ...output.schema } } };
}

function toolsOf(request: ModelRequest, mode: StructuredMode): Pick<Body, 'tools' | 'tool_choice'> {
  const tools = toolsFor(request, mode);
  const choice = toolChoiceFor(request, mode);
  if (tools.length === 0 || choice === undefined) return {};
  return {
    tools: tools.map(({ name, description, schema }) => ({
      type: 'function',
      function: { name, description, parameters: { ...schema } },
    })),
    tool_choice: CHOICES[choice],
  };
}

const CHOICES: Readonly<Record<NonNullable<ReturnType<typeof toolChoiceFor>>, ChatCompletionToolChoiceOption>> = {
  answer: { type: 'function', function: { name: ANSWER_TOOL } },
  any: 'required',
  auto: 'auto',
  none: 'none',
};

function toMessages(turn: Turn): readonly ChatCompletionMessageParam[] {
  switch (turn.role) {
    case 'user':
    case 'assistant':
      return [{ role: turn.role, content: turn.text }];
    case 'calls':
      return [{ role: 'assistant', ...continuationSchema.parse(turn.continuation) }];
    case 'results':
      return turn.results.map(({ id, text, ok }) => ({
        role: 'tool',
        tool_call_id: id,
        content: ok ? text : `Error. ${text}`,
      }));
  }
}
