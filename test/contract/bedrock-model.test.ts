import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bedrockSandbox } from '../../local/sandbox/bedrock/bedrock.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { describeModel } from './model-behaviour.ts';
import { failureOf, MODEL_REQUEST, ModelStage, type ModelWire, WITH_TOOLS } from './model-stage.ts';

const WIRE: ModelWire = {
  provider: 'bedrock',
  sandbox: bedrockSandbox,
  path: '',
  modelId: 'us.example.invented-model-1:0',
  secret: undefined,
  attempts: 3,
  errors: {
    throttled: { name: 'ThrottlingException', status: 429, message: 'confidential' },
    unavailable: { name: 'ServiceUnavailableException', status: 503, message: 'confidential' },
    denied: { name: 'AccessDeniedException', status: 403, message: 'confidential' },
    invalid: { name: 'ValidationException', status: 400, message: 'confidential' },
    tooLong: {
      name: 'ValidationException',
      status: 400,
      message: 'Input is too long for requested model; confidential',
    },
    missing: { name: 'ResourceNotFoundException', status: 404, message: 'confidential' },
  },
  stops: {
    end: 'end_turn',
    calls: 'tool_use',
    length: 'max_tokens',
    refusal: 'content_filtered',
    filter: 'content_filtered',
  },
  unknownBlock: [{ holographicContent: { depth: 3 } }, { text: '{"a":1}' }],
  usage: { input: 1200, output: 300, cacheRead: 60, cacheWrite: 40 },
};

describeModel('Bedrock', WIRE);

describe('the wire of Bedrock', () => {
  let stage: ModelStage;
  beforeEach(async () => {
    stage = await ModelStage.open(WIRE);
  });
  afterEach(() => stage.server.close());

  it('is spoken with what the profile asks for and nothing else, signed for bedrock, the model id as one path segment', async () => {
    await (await stage.model()).generate(MODEL_REQUEST);
    expect(stage.server.calls.map(({ method, path }) => ({ method, path }))).toEqual([
      { method: 'POST', path: '/model/us.example.invented-model-1%3A0/converse' },
    ]);
    expect(stage.sent()).toEqual([
      {
        system: [{ text: 'You are an analyst.' }, { text: 'Answer with the JSON object only.' }],
        messages: [{ role: 'user', content: [{ text: 'What happened?' }] }],
        inferenceConfig: { maxTokens: 1024 },
        requestMetadata: { incident: 'inc-1', prompt: 'incident-analysis/1.0.0' },
        outputConfig: {
          textFormat: {
            type: 'json_schema',
            structure: {
              jsonSchema: { name: 'incident-analysis', schema: JSON.stringify(MODEL_REQUEST.output.schema) },
            },
          },
        },
      },
    ]);
  });

  it.each([
    ['5m', { type: 'default' }],
    ['1h', { type: 'default', ttl: '1h' }],
  ])('puts the cache point of %s behind what is always the same and before what is not', async (ttl, cachePoint) => {
    await (await stage.model({ cache: { prefix: true, ttl } })).generate({ ...WITH_TOOLS, toolsClosed: true });
    expect(stage.sent()[0]?.['system']).toEqual([
      { text: 'You are an analyst.' },
      { text: 'Answer with the JSON object only.' },
      { cachePoint },
      { text: 'No more evidence can be looked up. Answer now from the evidence you have.' },
    ]);
  });

  it('asks the guardrail without a trace, which would repeat what it matched', async () => {
    const port = await stage.model({ guardrail: { id: 'abc123', version: '3' } });
    await port.generate(MODEL_REQUEST);
    expect(stage.sent()[0]?.['guardrailConfig']).toEqual({
      guardrailIdentifier: 'abc123',
      guardrailVersion: '3',
      trace: 'disabled',
    });
  });

  it('reports that a guardrail said something, and nothing of what', async () => {
    const message = { role: 'assistant', content: [{ text: '{"a":1}' }] };
    const trace = { guardrail: { actionReason: 'Guardrail detected: confidential' } };
    const body = JSON.stringify({ output: { message }, stopReason: 'end_turn', trace });
    stage.sandbox.enqueue({ play: 'body', body });
    const reply = await (await stage.model()).generate(MODEL_REQUEST);
    expect(reply).toMatchObject({ outcome: 'json', provider: { guardrailNoticed: true } });
    expect(JSON.stringify(reply)).not.toContain('confidential');
  });

  it('knows a guardrail that blocks from a model that refuses', async () => {
    stage.sandbox.enqueue({ play: 'text', text: 'Blocked.', end: 'guardrail_intervened' });
    expect(await (await stage.model()).generate(MODEL_REQUEST)).toMatchObject({
      outcome: 'blocked',
      provider: { guardrailNoticed: true },
    });
  });

  it('forces a tool only on the rung that is made of it', async () => {
    const port = await stage.model({ structured: ['forced_tool', 'prompt'] });
    await port.generate(WITH_TOOLS);
    await port.generate({ ...WITH_TOOLS, toolsClosed: true });
    await (await stage.model()).generate(WITH_TOOLS);
    expect(stage.sent().map(({ toolConfig }) => toolConfig)).toMatchObject([
      { toolChoice: { any: {} } },
      { toolChoice: { tool: { name: 'give_answer' } } },
      { tools: [{ toolSpec: { name: 'process_tree' } }] },
    ]);
    expect(stage.sent()[2]?.['toolConfig']).not.toHaveProperty('toolChoice');
  });

  it.each([
    ['ModelTimeoutException', 408, 'timeout', 1],
    ['ModelErrorException', 424, 'unavailable', 2],
    ['BrandNewException', 418, 'unavailable', 1],
  ])('makes %s (%i) a %s after %i calls', async (name, status, kind, calls) => {
    stage.fail({ name, status, message: 'confidential' }, 5);
    const failure = await failureOf((await stage.model()).generate(MODEL_REQUEST));
    expect(failure.kind).toBe(kind);
    expect(stage.server.calls).toHaveLength(calls);
  });
});

describe('the Bedrock sandbox refuses what the service refuses', () => {
  let server: SandboxServer;
  beforeEach(async () => {
    server = await serve({ systems: { bedrock: bedrockSandbox() }, mount: 'prefix' });
  });
  afterEach(() => server.close());

  const signed = {
    authorization:
      'AWS4-HMAC-SHA256 Credential=invented/20251014/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=00',
    'content-type': 'application/json',
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = signed) =>
    fetch(`${server.url}/bedrock${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const good = { messages: [{ role: 'user', content: [{ text: 'x' }] }] };
  const called = { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'f', input: {} } }] };
  const result = { role: 'user', content: [{ toolResult: { toolUseId: 't1', content: [{ text: 'x' }] } }] };
  const toolConfig = {
    tools: [{ toolSpec: { name: 'f', description: 'd', inputSchema: { json: { type: 'object' } } } }],
  };

  it.each([
    ['another operation', () => post('/model/m/invoke', good), 404, 'UnknownOperationException'],
    [
      'a call without a signature',
      () => post('/model/m/converse', good, { 'content-type': 'application/json' }),
      403,
      'MissingAuthenticationTokenException',
    ],
    [
      'a signature for another service',
      () =>
        post('/model/m/converse', good, {
          ...signed,
          authorization: signed.authorization.replace('/bedrock/', '/s3/'),
        }),
      403,
      'MissingAuthenticationTokenException',
    ],
    [
      'another content type',
      () => post('/model/m/converse', good, { ...signed, 'content-type': 'text/plain' }),
      415,
      'UnsupportedMediaTypeException',
    ],
    [
      'a field it does not know',
      () => post('/model/m/converse', { ...good, tempreature: 1 }),
      400,
      'ValidationException',
    ],
    ['no messages', () => post('/model/m/converse', {}), 400, 'ValidationException'],
    [
      'a conversation the assistant starts',
      () => post('/model/m/converse', { messages: [{ role: 'assistant', content: [{ text: 'x' }] }] }),
      400,
      'ValidationException',
    ],
    [
      'a history of calls without tools',
      () => post('/model/m/converse', { messages: [...good.messages, called, result] }),
      400,
      'ValidationException',
    ],
    [
      'a call without its result',
      () => post('/model/m/converse', { toolConfig, messages: [...good.messages, called, ...good.messages] }),
      400,
      'ValidationException',
    ],
    [
      'calls that were never made',
      () => post('/model/m/converse', { toolConfig, messages: [...good.messages, called, result] }),
      400,
      'ValidationException',
    ],
    [
      'a blank text',
      () => post('/model/m/converse', { messages: [{ role: 'user', content: [{ text: ' ' }] }] }),
      400,
      'ValidationException',
    ],
    [
      'a temperature',
      () => post('/model/m/converse', { ...good, inferenceConfig: { temperature: 0 } }),
      400,
      'ValidationException',
    ],
  ])('%s', async (_name, call, status, error) => {
    const response = await call();
    expect(response.status).toBe(status);
    expect(response.headers.get('x-amzn-errortype')).toMatch(new RegExp(`^${error}:`));
  });
});
