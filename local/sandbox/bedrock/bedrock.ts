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
import { wrongInHistory } from './history.ts';
import { type ConverseRequest, converseRequestSchema } from './schema.ts';

export type BedrockSandbox = ModelSandbox;
export type BedrockSandboxOptions = ModelSandboxOptions;

/** Bedrock Runtime's Converse operation in memory. */
export function bedrockSandbox(options: BedrockSandboxOptions = {}): BedrockSandbox {
  return modelSandbox(converseWire(options), options);
}

function converseWire(traits: ModelTraits): Wire {
  return {
    understand(call) {
      const model = modelOf(call.path);
      if (model === undefined) return refusal(404, 'UnknownOperationException', 'there is no such operation');
      if (call.method !== 'POST') return refusal(405, 'UnknownOperationException', 'Converse is a POST');
      if (!isSigned(call)) return refusal(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
      if (!call.headers['content-type']?.startsWith('application/json'))
        return refusal(415, 'UnsupportedMediaTypeException', 'the body must be application/json');
      const request = parse(call.body);
      const wrong =
        typeof request === 'string' ? request : (wrongInHistory(request) ?? refusedBy(model, request, traits));
      if (typeof request === 'string' || wrong !== undefined) return refusal(400, 'ValidationException', wrong ?? '');
      return understood(model, request);
    },
    reply: (said, _, turn) => replyOf(said, turn),
    forged: () => refusal(400, 'ValidationException', 'messages: Invalid `signature` in `thinking` block'),
  };
}

/** `/model/{id}/converse`; the id is one path segment, percent-encoded, also when it is an ARN. */
function modelOf(path: string): string | undefined {
  const [, encoded] = /^\/model\/([^/]+)\/converse$/.exec(path) ?? [];
  return encoded === undefined ? undefined : decodeURIComponent(encoded);
}

function isSigned({ headers }: SandboxCall): boolean {
  const authorization = headers['authorization'] ?? '';
  return /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/bedrock\/aws4_request/.test(authorization);
}

function parse(body: string): ConverseRequest | string {
  try {
    const parsed = converseRequestSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : `Malformed input request: ${z.prettifyError(parsed.error)}`;
  } catch (error) {
    return `Malformed input request: ${String(error)}`;
  }
}

function refusedBy(model: string, request: ConverseRequest, traits: ModelTraits): string | undefined {
  const { inferenceConfig, outputConfig, toolConfig } = request;
  if (outputConfig?.textFormat !== undefined && traits.withoutNativeOutput?.includes(model))
    return 'output_config.format: Extra inputs are not permitted';
  if (inferenceConfig?.temperature !== undefined && !traits.withTemperature?.includes(model))
    return 'temperature: Extra inputs are not permitted';
  const choice = toolConfig?.toolChoice ?? { auto: {} };
  if (!('auto' in choice) && traits.withoutForcedTools?.includes(model))
    return 'tool_choice: forcing tool use is not supported for this model';
  const tools = toolConfig?.tools.map(({ toolSpec }) => toolSpec.name) ?? [];
  if ('tool' in choice && !tools.includes(choice.tool.name))
    return 'toolChoice names a tool that is not among the tools';
  return undefined;
}

function understood(model: string, request: ConverseRequest): Understood {
  const blocks = request.messages.flatMap(({ role, content }) => (role === 'user' ? content : []));
  const tools = request.toolConfig?.tools.map(({ toolSpec }) => toolSpec) ?? [];
  const answer = tools.find(({ name }) => name === ANSWER_TOOL);
  const system = (request.system ?? []).map((block) => ('text' in block ? block.text : '')).join('\n');
  const native = request.outputConfig?.textFormat?.structure.jsonSchema.schema;
  return {
    model,
    answerTool: answer?.name,
    metadata: request.requestMetadata ?? {},
    replayed: request.messages
      .filter(({ role, content }) => role === 'assistant' && content.some((block) => 'toolUse' in block))
      .map(({ content }) => content),
    heard: {
      user: blocks.flatMap((block) => ('text' in block ? block.text : [])).join('\n'),
      results: blocks.flatMap((block) =>
        'toolResult' in block ? block.toolResult.content.map(({ text }) => text).join('\n') : [],
      ),
      tools:
        'tool' in (request.toolConfig?.toolChoice ?? {})
          ? []
          : tools.map(({ name }) => name).filter((name) => name !== ANSWER_TOOL),
      schema: native === undefined ? (answer?.inputSchema.json ?? schemaInWords(system)) : JSON.parse(native),
    },
  };
}

const STOPS: Readonly<Record<string, string>> = {
  end: 'end_turn',
  length: 'max_tokens',
  refusal: 'content_filtered',
  filter: 'content_filtered',
};

function replyOf(said: Said, turn: number): ReturnType<Wire['reply']> {
  switch (said.kind) {
    case 'text':
      return { reply: answer([{ text: said.text }], STOPS[said.end] ?? said.end) };
    case 'blocks':
      return { reply: answer(said.content, 'end_turn') };
    case 'body':
      return { reply: { status: 200, headers: { 'content-type': 'application/json' }, body: said.body } };
    case 'error':
      return { reply: refusal(said.status, said.name, said.message, said.retryAfter) };
    case 'calls': {
      const content = [
        {
          reasoningContent: {
            reasoningText: { text: 'I should look closer.', signature: `sandbox-signature-${turn}` },
          },
        },
        { reasoningContent: { redactedContent: Buffer.from(`sealed ${turn}`).toString('base64') } },
        ...(said.text === '' ? [] : [{ text: said.text }]),
        ...said.calls.map(({ name, input }, index) => ({
          toolUse: { toolUseId: `tooluse_${turn}_${index}`, name, input },
        })),
      ];
      return { reply: answer(content, 'tool_use'), issued: content };
    }
  }
}

function answer(content: readonly unknown[], stopReason: string): SandboxReply {
  return json(
    200,
    {
      output: { message: { role: 'assistant', content } },
      stopReason,
      usage: {
        inputTokens: 1_200,
        outputTokens: 300,
        totalTokens: 1_600,
        cacheReadInputTokens: 60,
        cacheWriteInputTokens: 40,
      },
      metrics: { latencyMs: 12 },
    },
    { 'x-amzn-requestid': '00000000-0000-4000-8000-000000000000' },
  );
}

/** As the real service marks its errors: the SDK takes the class from this header. */
function refusal(status: number, name: string, message: string, retryAfter?: string): SandboxReply {
  return json(
    status,
    { message },
    {
      'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    },
  );
}
