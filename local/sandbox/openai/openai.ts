import * as z from 'zod';
import { ANSWER_TOOL } from '../../../connectors/models/answer.ts';
import {
  type ModelSandbox,
  type ModelSandboxOptions,
  modelSandbox,
  schemaInWords,
  type Understood,
  type Wire,
} from '../models/sandbox.ts';
import type { Said } from '../models/scenario.ts';
import { json, type SandboxReply } from '../system.ts';
import { type CompletionMessage, type CompletionRequest, completionRequestSchema } from './schema.ts';

export interface OpenAiSandboxOptions extends ModelSandboxOptions {
  /** Keys that are taken; without any, none is asked for, as Ollama does. */
  readonly keys?: ReadonlySet<string>;
  /** Models that know only `max_tokens`; the others refuse it. */
  readonly withMaxTokens?: readonly string[];
}

/** `/chat/completions` in memory. */
export function openAiSandbox(options: OpenAiSandboxOptions = {}): ModelSandbox {
  return modelSandbox(completionWire(options), options);
}

function completionWire(traits: OpenAiSandboxOptions): Wire {
  return {
    understand({ method, path, headers, body }) {
      if (path !== '/v1/chat/completions') return refusal(404, 'not_found', `Invalid URL (${method} ${path})`);
      if (method !== 'POST') return refusal(405, 'method_not_allowed', 'Not allowed to GET on /v1/chat/completions.');
      const key = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
      if (traits.keys !== undefined && (key === undefined || !traits.keys.has(key)))
        return refusal(401, 'invalid_api_key', `Incorrect API key provided: ${key ?? ''}.`);
      if (!headers['content-type']?.startsWith('application/json'))
        return refusal(400, 'invalid_request_error', 'Expected a JSON body.');
      const request = parse(body);
      if (typeof request === 'string') return refusal(400, 'invalid_request_error', request);
      const wrong = wrongInHistory(request.messages) ?? refusedBy(request, traits);
      return wrong === undefined ? understood(request) : refusal(400, 'invalid_request_error', wrong);
    },
    reply: (said, { model }, turn) => replyOf(said, model, turn),
    forged: () => refusal(400, 'invalid_request_error', 'tool_calls are not what was said'),
  };
}

function parse(body: string): CompletionRequest | string {
  try {
    const parsed = completionRequestSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : z.prettifyError(parsed.error);
  } catch {
    return 'We could not parse the JSON body of your request.';
  }
}

function wrongInHistory(messages: readonly CompletionMessage[]): string | undefined {
  let open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id))
        return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      continue;
    }
    if (open.size > 0)
      return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id': ${[...open].join(', ')}`;
    if (message.role === 'assistant') open = new Set(message.tool_calls?.map(({ id }) => id));
  }
  return open.size > 0 ? "An assistant message with 'tool_calls' must be followed by tool messages." : undefined;
}

function refusedBy(request: CompletionRequest, traits: OpenAiSandboxOptions): string | undefined {
  const { model, tools, tool_choice: choice, response_format: format } = request;
  const old = traits.withMaxTokens?.includes(model) ?? false;
  if (request.max_tokens !== undefined && !old)
    return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  if (request.max_completion_tokens !== undefined && old)
    return "Unrecognized request argument: 'max_completion_tokens'";
  if (request.temperature !== undefined && !traits.withTemperature?.includes(model))
    return "Unsupported value: 'temperature' does not support 0 with this model.";
  if (format !== undefined && traits.withoutNativeOutput?.includes(model))
    return "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.";
  if (format !== undefined && !isClosed(format.json_schema.schema))
    return "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false.";
  if (choice !== undefined && tools === undefined) return "'tool_choice' is only allowed when 'tools' are specified.";
  const forced = choice !== undefined && choice !== 'auto' && choice !== 'none';
  if (forced && traits.withoutForcedTools?.includes(model)) return "'tool_choice' is not supported with this model.";
  if (typeof choice === 'object' && !tools?.some((tool) => tool.function.name === choice.function.name))
    return "'tool_choice' names a function that is not among the tools.";
  return undefined;
}

const objectSchema = z.looseObject({
  additionalProperties: z.unknown(),
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

function isClosed(schema: unknown): boolean {
  const parsed = objectSchema.safeParse(schema);
  if (!parsed.success) return false;
  const { additionalProperties, properties, required } = parsed.data;
  return additionalProperties === false && Object.keys(properties).every((name) => required.includes(name));
}

function understood(request: CompletionRequest): Understood {
  const { messages, tools = [], tool_choice: choice, response_format: format } = request;
  const answer = tools.find((tool) => tool.function.name === ANSWER_TOOL);
  const texts = (role: 'system' | 'user' | 'tool') =>
    messages.flatMap((message) => (message.role === role ? (message.content ?? '') : []));
  return {
    model: request.model,
    answerTool: answer?.function.name,
    metadata: request.prompt_cache_key === undefined ? {} : { prompt: request.prompt_cache_key },
    replayed: messages.flatMap((message) =>
      message.role === 'assistant' && message.tool_calls !== undefined ? [message.tool_calls] : [],
    ),
    heard: {
      user: texts('user').join('\n'),
      results: texts('tool'),
      tools:
        choice === 'none' || typeof choice === 'object'
          ? []
          : tools.map((tool) => tool.function.name).filter((name) => name !== ANSWER_TOOL),
      schema: format?.json_schema.schema ?? answer?.function.parameters ?? schemaInWords(texts('system').join('\n')),
    },
  };
}

const FINISHES: Readonly<Record<string, string>> = { end: 'stop', length: 'length', filter: 'content_filter' };

function replyOf(said: Said, model: string, turn: number): ReturnType<Wire['reply']> {
  switch (said.kind) {
    case 'text':
      return said.end === 'refusal'
        ? { reply: completion(model, { content: null, refusal: said.text }, 'stop') }
        : { reply: completion(model, { content: said.text, refusal: null }, FINISHES[said.end] ?? said.end) };
    case 'blocks':
      return { reply: completion(model, { content: said.content, refusal: null }, 'stop') };
    case 'body':
      return { reply: { status: 200, headers: { 'content-type': 'application/json' }, body: said.body } };
    case 'error':
      return { reply: refusal(said.status, said.name, said.message, said.retryAfter) };
    case 'calls': {
      const calls = said.calls.map(({ name, input }, index) => ({
        id: `call_${turn}_${index}`,
        type: 'function',
        function: { name, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
      }));
      const message = { content: said.text === '' ? null : said.text, refusal: null, tool_calls: calls };
      return { reply: completion(model, message, 'tool_calls'), issued: calls };
    }
  }
}

function completion(model: string, message: object, finish: string): SandboxReply {
  return json(
    200,
    {
      id: 'chatcmpl-sandbox',
      object: 'chat.completion',
      created: 1_760_000_000,
      model: `${model}-2026-01-01`,
      choices: [{ index: 0, message: { role: 'assistant', ...message }, logprobs: null, finish_reason: finish }],
      usage: {
        prompt_tokens: 1_260,
        completion_tokens: 300,
        total_tokens: 1_560,
        prompt_tokens_details: { cached_tokens: 60 },
      },
    },
    { 'x-request-id': 'req_sandbox' },
  );
}

function refusal(status: number, code: string, message: string, retryAfter?: string): SandboxReply {
  const error = { message, type: 'invalid_request_error', param: null, code };
  return json(status, { error }, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
}
