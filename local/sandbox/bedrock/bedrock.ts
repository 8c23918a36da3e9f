import * as z from 'zod';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { type BedrockScenario, type ConverseRequest, converseRequestSchema } from './schema.ts';
import { summarise } from './summarise.ts';

export interface BedrockSandboxOptions {
  /** How a call is answered when the queue is empty. Default: retell the evidence. */
  readonly otherwise?: BedrockScenario;
  /** Models that refuse `outputConfig`, as several current ones do (maintainers' probes, reference section 3). */
  readonly withoutNativeOutput?: readonly string[];
  /** Models that refuse sampling parameters. Default: all. */
  readonly withTemperature?: readonly string[];
}

export interface BedrockSandbox extends SandboxSystem {
  /** The next calls are answered by these, in order. */
  enqueue(...scenarios: readonly BedrockScenario[]): void;
}

const SUMMARISE: BedrockScenario = { play: 'summarise', sentences: 5 };

/** Bedrock Runtime's Converse operation in memory: scripted answers, and the refusals of the real service. */
export function bedrockSandbox(options: BedrockSandboxOptions = {}): BedrockSandbox {
  const queue: BedrockScenario[] = [];
  const seen: { readonly modelId: string; readonly played: string; readonly metadata: Record<string, string> }[] = [];

  function handle(call: SandboxCall): SandboxReply {
    const modelId = modelOf(call.path);
    if (modelId === undefined) return refusal(404, 'UnknownOperationException', 'there is no such operation');
    if (call.method !== 'POST') return refusal(405, 'UnknownOperationException', 'Converse is a POST');
    if (!isSigned(call)) return refusal(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
    if (!call.headers['content-type']?.startsWith('application/json'))
      return refusal(415, 'UnsupportedMediaTypeException', 'the body must be application/json');
    const request = parse(call.body);
    if (typeof request === 'string') return refusal(400, 'ValidationException', request);
    const refused = refusedByModel(modelId, request);
    if (refused !== undefined) return refusal(400, 'ValidationException', refused);
    const scenario = queue.shift() ?? options.otherwise ?? SUMMARISE;
    seen.push({ modelId, played: scenario.play, metadata: request.requestMetadata ?? {} });
    return play(scenario, request);
  }

  function refusedByModel(modelId: string, request: ConverseRequest): string | undefined {
    if (request.messages[0]?.role !== 'user') return 'A conversation must start with a user message.';
    if (request.outputConfig !== undefined && options.withoutNativeOutput?.includes(modelId))
      return 'output_config.format: Extra inputs are not permitted';
    if (request.inferenceConfig?.temperature !== undefined && !options.withTemperature?.includes(modelId))
      return 'temperature: Extra inputs are not permitted';
    return undefined;
  }

  return {
    handle,
    enqueue: (...scenarios) => void queue.push(...scenarios),
    view: () => ({ calls: seen, waiting: queue.length }),
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

function play(scenario: BedrockScenario, request: ConverseRequest): SandboxReply {
  switch (scenario.play) {
    case 'summarise':
      return answer([{ text: JSON.stringify(summarise(lastTurn(request), scenario.sentences)) }], 'end_turn');
    case 'answer':
      return answer([{ text: JSON.stringify(scenario.json) }], 'end_turn');
    case 'text':
      return answer([{ text: scenario.text }], scenario.stopReason);
    case 'blocks':
      return answer(scenario.content, 'end_turn');
    case 'error':
      return refusal(scenario.status, scenario.name, scenario.message);
  }
}

function lastTurn(request: ConverseRequest): string {
  return (
    request.messages
      .at(-1)
      ?.content.map(({ text }) => text)
      .join('\n') ?? ''
  );
}

function answer(content: readonly unknown[], stopReason: string): SandboxReply {
  return json(
    200,
    {
      output: { message: { role: 'assistant', content } },
      stopReason,
      usage: { inputTokens: 1_200, outputTokens: 300, totalTokens: 1_500 },
      metrics: { latencyMs: 12 },
    },
    { 'x-amzn-requestid': '00000000-0000-4000-8000-000000000000' },
  );
}

/** As the real service marks its errors: the SDK takes the class from this header. */
function refusal(status: number, name: string, message: string): SandboxReply {
  return json(
    status,
    { message },
    { 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/` },
  );
}
