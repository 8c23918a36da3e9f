import type { StructuredMode } from '../../../domain/config/models.ts';
import { answerFrom, isBearable } from '../answer.ts';
import type { ModelReply, ModelRequest, ToolCall } from '../port.ts';
import type { Continuation } from './continuation.ts';
import { type Completion, toolCallSchema } from './schema.ts';

type Message = Completion['choices'][number]['message'];

export function fromCompletion(completion: Completion, request: ModelRequest, mode: StructuredMode): ModelReply {
  const [choice] = completion.choices;
  const stop = choice?.finish_reason ?? 'unknown';
  const cacheRead = completion.usage?.prompt_tokens_details?.cached_tokens ?? 0;
  return {
    ...outcomeOf(choice?.message ?? { content: '' }, stop, request, mode),
    stop,
    mode,
    usage: {
      input: Math.max(0, (completion.usage?.prompt_tokens ?? 0) - cacheRead),
      output: completion.usage?.completion_tokens ?? 0,
      cacheRead,
      cacheWrite: 0,
    },
    provider: {
      ...(completion.model === undefined ? {} : { modelReported: completion.model }),
      latencyMs: 0,
      attempts: 1,
    },
  };
}

function outcomeOf(message: Message, stop: string, request: ModelRequest, mode: StructuredMode) {
  const text = message.content;
  if (message.refusal) return { outcome: 'refused' as const, rawText: message.refusal };
  switch (stop) {
    case 'stop':
    // Servers differ in which of the two they say beside calls; OpenAI says `stop` after a call it was forced to.
    case 'tool_calls': {
      const { calls, continuation } = callsOf(message);
      return answerFrom({ text, calls, continuation }, request, mode);
    }
    case 'length':
      return { outcome: 'truncated' as const, rawText: text };
    case 'content_filter':
      return { outcome: 'refused' as const, rawText: text };
    default:
      return { outcome: 'unparseable' as const, rawText: text };
  }
}

function callsOf(message: Message): { readonly calls: readonly ToolCall[]; readonly continuation: Continuation } {
  const raw = (message.tool_calls ?? []).flatMap((call) => toolCallSchema.safeParse(call).data ?? []);
  const known = raw.map((call, index) => ({
    ...call,
    id: call.id || `call-${index + 1}`,
    type: 'function' as const,
    function: { ...call.function, arguments: textOf(call.function.arguments) },
  }));
  return {
    calls: known.map(({ id, function: { name, arguments: text } }) => ({ id, name, input: inputOf(text) })),
    continuation: {
      content: message.content === '' ? null : message.content,
      tool_calls: known,
      ...(message.reasoning_content === undefined ? {} : { reasoning_content: message.reasoning_content }),
    },
  };
}

/** The wire says text; some servers send the object itself. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? {});
}

/** What cannot be parsed stays text, which no tool and no answer takes. */
function inputOf(text: string): unknown {
  if (!isBearable(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
