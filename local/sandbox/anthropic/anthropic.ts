import * as z from 'zod';
import { ANSWER_TOOL } from '../../../connectors/models/answer.ts';
import {
  type ModelSandbox,
  type ModelSandboxOptions,
  type ModelTraits,
  modelSandbox,
  schemaInWords,
  type Understood,
  type Wire,
} from '../models/sandbox.ts';
import type { Said } from '../models/scenario.ts';
import { json, type SandboxCall, type SandboxReply } from '../system.ts';
import { type MessagesBlock, type MessagesRequest, messagesRequestSchema } from './schema.ts';

export interface AnthropicSandboxOptions extends ModelSandboxOptions {
  /** Keys that are taken. */
  readonly keys: ReadonlySet<string>;
}

/** Anthropic's `/v1/messages` in memory. */
export function anthropicSandbox(options: AnthropicSandboxOptions): ModelSandbox {
  return modelSandbox(messagesWire(options), options);
}

function messagesWire(traits: AnthropicSandboxOptions): Wire {
  return {
    understand(call) {
      const stopped = stoppedAtDoor(call, traits.keys);
      if (stopped !== undefined) return stopped;
      const request = parse(call.body);
      if (typeof request === 'string') return refusal(400, 'invalid_request_error', request);
      const wrong = wrongInHistory(request) ?? refusedBy(request, traits);
      return wrong === undefined ? understood(request) : refusal(400, 'invalid_request_error', wrong);
    },
    reply: (said, { model }, turn) => replyOf(said, model, turn),
    forged: () =>
      refusal(400, 'invalid_request_error', 'messages: `thinking` blocks in an assistant message cannot be modified'),
  };
}

function stoppedAtDoor({ method, path, headers }: SandboxCall, keys: ReadonlySet<string>): SandboxReply | undefined {
  if (path !== '/v1/messages') return refusal(404, 'not_found_error', 'Not found');
  if (method !== 'POST') return refusal(405, 'invalid_request_error', 'Method not allowed');
  const key = headers['x-api-key'];
  if (key === undefined || !keys.has(key))
    return refusal(401, 'authentication_error', key === undefined ? 'x-api-key header is required' : `invalid ${key}`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(headers['anthropic-version'] ?? ''))
    return refusal(400, 'invalid_request_error', 'anthropic-version: header is required');
  if (!headers['content-type']?.startsWith('application/json'))
    return refusal(400, 'invalid_request_error', 'content-type must be application/json');
  return undefined;
}

function parse(body: string): MessagesRequest | string {
  try {
    const parsed = messagesRequestSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : z.prettifyError(parsed.error);
  } catch {
    return 'The request body is not valid JSON';
  }
}

function wrongInHistory({ messages, tools }: MessagesRequest): string | undefined {
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  if (messages.at(-1)?.role !== 'user') return 'This model does not support assistant message prefill.';
  for (const [at, { role, content }] of messages.entries()) {
    const before = messages[at - 1];
    const calls = idsOf(before?.content ?? [], 'tool_use');
    const results = idsOf(content, 'tool_result');
    if (calls.length + results.length > 0 && tools === undefined)
      return 'Requests which include `tool_use` or `tool_result` blocks must define tools';
    if (role === 'user' && calls.join() !== results.join())
      return `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${calls.join(', ')}`;
  }
  return undefined;
}

function idsOf(content: readonly MessagesBlock[], type: 'tool_use' | 'tool_result'): readonly string[] {
  return content
    .flatMap((block) => {
      if (block.type !== type) return [];
      return block.type === 'tool_use' ? block.id : block.type === 'tool_result' ? block.tool_use_id : [];
    })
    .sort();
}

function refusedBy(
  { model, output_config: output, temperature, tools = [], tool_choice: choice }: MessagesRequest,
  traits: ModelTraits,
) {
  if (output?.format !== undefined && traits.withoutNativeOutput?.includes(model))
    return 'output_config.format: Extra inputs are not permitted';
  if (temperature !== undefined && !traits.withTemperature?.includes(model))
    return 'temperature: Extra inputs are not permitted';
  if (choice !== undefined && tools.length === 0) return 'tool_choice: may only be specified while providing tools';
  const forced = choice?.type === 'any' || choice?.type === 'tool';
  if (forced && traits.withoutForcedTools?.includes(model)) return 'tool_choice: forcing tool use is not supported';
  if (choice?.type === 'tool' && !tools.some(({ name }) => name === choice.name))
    return `tool_choice: tool ${choice.name} not found in tools`;
  return undefined;
}

function understood(request: MessagesRequest): Understood {
  const { messages, tools = [], tool_choice: choice, output_config: output } = request;
  const answer = tools.find(({ name }) => name === ANSWER_TOOL);
  const said = messages.flatMap(({ role, content }) => (role === 'user' ? content : []));
  return {
    model: request.model,
    answerTool: answer?.name,
    metadata: {},
    replayed: messages
      .filter(({ role, content }) => role === 'assistant' && content.some(({ type }) => type === 'tool_use'))
      .map(({ content }) => content),
    heard: {
      user: said.flatMap((block) => (block.type === 'text' ? block.text : [])).join('\n'),
      results: said.flatMap((block) => (block.type === 'tool_result' ? block.content : [])),
      tools:
        choice?.type === 'none' || choice?.type === 'tool'
          ? []
          : tools.map(({ name }) => name).filter((name) => name !== ANSWER_TOOL),
      schema:
        output?.format?.schema ??
        answer?.input_schema ??
        schemaInWords((request.system ?? []).map(({ text }) => text).join('\n')),
    },
  };
}

const STOPS: Readonly<Record<string, string>> = {
  end: 'end_turn',
  length: 'max_tokens',
  refusal: 'refusal',
  filter: 'refusal',
};

function replyOf(said: Said, model: string, turn: number): ReturnType<Wire['reply']> {
  switch (said.kind) {
    case 'text':
      return { reply: message(model, [{ type: 'text', text: said.text }], STOPS[said.end] ?? said.end) };
    case 'blocks':
      return { reply: message(model, said.content, 'end_turn') };
    case 'body':
      return { reply: { status: 200, headers: { 'content-type': 'application/json' }, body: said.body } };
    case 'error':
      return { reply: refusal(said.status, said.name, said.message, said.retryAfter) };
    case 'calls': {
      const content = [
        { type: 'thinking', thinking: 'I should look closer.', signature: `sandbox-signature-${turn}` },
        ...(said.text === '' ? [] : [{ type: 'text', text: said.text }]),
        ...said.calls.map(({ name, input }, index) => ({
          type: 'tool_use',
          id: `toolu_${turn}_${index}`,
          name,
          input,
        })),
      ];
      return { reply: message(model, content, 'tool_use'), issued: content };
    }
  }
}

function message(model: string, content: readonly unknown[], stop: string): SandboxReply {
  return json(
    200,
    {
      id: 'msg_sandbox',
      type: 'message',
      role: 'assistant',
      model: `${model}-20260101`,
      content,
      stop_reason: stop,
      stop_sequence: null,
      usage: {
        input_tokens: 1_200,
        output_tokens: 300,
        cache_read_input_tokens: 60,
        cache_creation_input_tokens: 40,
      },
    },
    { 'request-id': 'req_sandbox' },
  );
}

function refusal(status: number, type: string, text: string, retryAfter?: string): SandboxReply {
  const body = { type: 'error', error: { type, message: text }, request_id: 'req_sandbox' };
  return json(status, body, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
}
