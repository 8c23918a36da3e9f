import type { StructuredMode } from '../../../domain/config/models.ts';
import { answerFrom } from '../answer.ts';
import type { ModelReply, ModelRequest, ToolCall } from '../port.ts';
import { toContinuation } from './continuation.ts';
import { type ConverseResponse, textBlockSchema, toolUseBlockSchema } from './schema.ts';

export function fromConverse(
  response: ConverseResponse,
  request: ModelRequest,
  mode: StructuredMode,
  latencyMs: number,
): ModelReply {
  const { usage, $metadata, stopReason, trace } = response;
  return {
    ...outcomeOf(response, request, mode),
    stop: stopReason,
    mode,
    usage: {
      input: usage.inputTokens ?? 0,
      output: usage.outputTokens ?? 0,
      cacheRead: usage.cacheReadInputTokens ?? 0,
      cacheWrite: usage.cacheWriteInputTokens ?? 0,
    },
    provider: {
      ...($metadata.requestId === undefined ? {} : { requestId: $metadata.requestId }),
      ...(trace.promptRouter?.invokedModelId === undefined ? {} : { modelReported: trace.promptRouter.invokedModelId }),
      ...(trace.guardrail === undefined && stopReason !== 'guardrail_intervened' ? {} : { guardrailNoticed: true }),
      latencyMs,
      attempts: $metadata.attempts ?? 1,
    },
  };
}

function outcomeOf(response: ConverseResponse, request: ModelRequest, mode: StructuredMode) {
  const { content } = response.output.message;
  const text = content.flatMap((block) => textBlockSchema.safeParse(block).data?.text ?? []).join('');
  switch (response.stopReason) {
    case 'end_turn':
    case 'stop_sequence':
    case 'tool_use':
      return answerFrom({ text, calls: callsOf(content), continuation: toContinuation(content) }, request, mode);
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return { outcome: 'truncated' as const, rawText: text };
    case 'content_filtered':
      return { outcome: 'refused' as const, rawText: text };
    case 'guardrail_intervened':
      return { outcome: 'blocked' as const, rawText: text };
    default:
      // malformed_*, and every word that does not exist yet.
      return { outcome: 'unparseable' as const, rawText: text };
  }
}

function callsOf(content: readonly unknown[]): readonly ToolCall[] {
  return content.flatMap((block) => {
    const { data } = toolUseBlockSchema.safeParse(block);
    return data === undefined
      ? []
      : [{ id: data.toolUse.toolUseId, name: data.toolUse.name, input: data.toolUse.input }];
  });
}
