import type { StructuredMode } from '../../../domain/config/models.ts';
import { answerFrom } from '../answer.ts';
import type { ModelReply, ModelRequest } from '../port.ts';
import { type AnthropicMessage, textBlockSchema, toolUseBlockSchema } from './schema.ts';

export function fromMessage(message: AnthropicMessage, request: ModelRequest, mode: StructuredMode): ModelReply {
  const { usage, model, stop_reason: stop } = message;
  return {
    ...outcomeOf(message, request, mode),
    stop,
    mode,
    // This provider counts what its cache read and wrote beside the input, as we do.
    usage: {
      input: usage.input_tokens ?? 0,
      output: usage.output_tokens ?? 0,
      cacheRead: usage.cache_read_input_tokens ?? 0,
      cacheWrite: usage.cache_creation_input_tokens ?? 0,
    },
    provider: { ...(model === undefined ? {} : { modelReported: model }), latencyMs: 0, attempts: 1 },
  };
}

function outcomeOf({ content, stop_reason: stop }: AnthropicMessage, request: ModelRequest, mode: StructuredMode) {
  const text = content.flatMap((block) => textBlockSchema.safeParse(block).data?.text ?? []).join('');
  switch (stop) {
    case 'end_turn':
    case 'stop_sequence':
    case 'tool_use': {
      const calls = content.flatMap((block) => {
        const { data } = toolUseBlockSchema.safeParse(block);
        return data === undefined ? [] : [{ id: data.id, name: data.name, input: data.input }];
      });
      return answerFrom({ text, calls, continuation: content }, request, mode);
    }
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return { outcome: 'truncated' as const, rawText: text };
    case 'refusal':
      return { outcome: 'refused' as const, rawText: text };
    default:
      // pause_turn (only tools that run at the provider pause, and none is offered), and every word that does not exist yet.
      return { outcome: 'unparseable' as const, rawText: text };
  }
}
