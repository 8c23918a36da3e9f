import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAiSandbox } from '../../local/sandbox/openai/openai.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { describeModel } from './model-behaviour.ts';
import { MODEL_REQUEST, ModelStage, type ModelWire, WITH_TOOLS } from './model-stage.ts';

const WIRE: ModelWire = {
  provider: 'openai-compatible',
  sandbox: openAiSandbox,
  path: '/v1',
  modelId: 'invented-model-1',
  secret: 'parapet/models/openai',
  attempts: 2,
  errors: {
    throttled: { name: 'rate_limit_exceeded', status: 429, message: 'confidential' },
    unavailable: { name: 'server_error', status: 503, message: 'confidential' },
    denied: { name: 'unsupported_country', status: 403, message: 'confidential' },
    invalid: { name: 'invalid_request_error', status: 400, message: 'confidential' },
    tooLong: {
      name: 'context_length_exceeded',
      status: 400,
      message: "This model's maximum context length is 8192 tokens; confidential",
    },
    missing: { name: 'model_not_found', status: 404, message: 'confidential' },
  },
  stops: { end: 'stop', calls: 'tool_calls', length: 'length', refusal: 'stop', filter: 'content_filter' },
  unknownBlock: [
    { type: 'hologram', depth: 3 },
    { type: 'text', text: '{"a":1}' },
  ],
  usage: { input: 1200, output: 300, cacheRead: 60, cacheWrite: 0 },
};

describeModel('an OpenAI-compatible server', WIRE);

describe('the wire of OpenAI', () => {
  let stage: ModelStage;
  beforeEach(async () => {
    stage = await ModelStage.open(WIRE);
  });
  afterEach(() => stage.server.close());

  it('is spoken with what the profile asks for and nothing else', async () => {
    await (await stage.model()).generate(MODEL_REQUEST);
    expect(stage.server.calls.map(({ method, path, headers }) => [method, path, headers['authorization']])).toEqual([
      ['POST', '/v1/chat/completions', 'Bearer sesame-key-of-a-model'],
    ]);
    expect(stage.sent()).toEqual([
      {
        model: 'invented-model-1',
        messages: [
          { role: 'system', content: 'You are an analyst.\n\nAnswer with the JSON object only.' },
          { role: 'user', content: 'What happened?' },
        ],
        max_completion_tokens: 1024,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'incident-analysis', strict: true, schema: MODEL_REQUEST.output.schema },
        },
      },
    ]);
  });

  it('says `required` while more may be looked up, and names the answer when not', async () => {
    const port = await stage.model({ structured: ['forced_tool', 'prompt'] });
    await port.generate(WITH_TOOLS);
    await port.generate({ ...WITH_TOOLS, toolsClosed: true });
    expect(stage.sent().map((body) => body['tool_choice'])).toEqual([
      'required',
      { type: 'function', function: { name: 'give_answer' } },
    ]);
  });

  it('says `none` when tools are closed and the answer is none of them', async () => {
    await (await stage.model()).generate({ ...WITH_TOOLS, toolsClosed: true });
    expect(stage.sent()[0]?.['tool_choice']).toBe('none');
  });

  it('names the prompt as the key of the cache where caching is wanted', async () => {
    await (await stage.model({ cache: { prefix: true } })).generate(MODEL_REQUEST);
    expect(stage.sent()[0]?.['prompt_cache_key']).toBe('incident-analysis/1.0.0');
  });

  it('says max_tokens to a server that knows only that', async () => {
    await stage.server.close();
    const old = (options: Parameters<typeof openAiSandbox>[0]) =>
      openAiSandbox({ ...options, withMaxTokens: [WIRE.modelId] });
    stage = await ModelStage.open({ ...WIRE, sandbox: old });
    await (await stage.model({ tokenLimitField: 'max_tokens' })).generate(MODEL_REQUEST);
    expect(stage.sent()[0]).toMatchObject({ max_tokens: 1024 });
    expect(stage.sent()[0]).not.toHaveProperty('max_completion_tokens');
  });

  it('sends no key where none is configured, as to Ollama', async () => {
    await stage.server.close();
    stage = await ModelStage.open({ ...WIRE, secret: undefined, sandbox: () => openAiSandbox() });
    await (await stage.model()).generate(MODEL_REQUEST);
    expect(stage.server.calls[0]?.headers).not.toHaveProperty('authorization');
    expect(stage.keysRead).toEqual([]);
  });

  it('takes calls whose arguments are no JSON, and calls without an id, as they are', async () => {
    const calls = [
      { type: 'function', function: { name: 'process_tree', arguments: '{"entity": N1' } },
      { type: 'function', function: { name: 'process_tree', arguments: { entity: 'N2' } } },
    ];
    const message = { role: 'assistant', content: null, tool_calls: calls };
    const body = JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] });
    stage.sandbox.enqueue({ play: 'body', body });
    expect((await (await stage.model()).generate(WITH_TOOLS)).calls).toEqual([
      { id: 'call-1', name: 'process_tree', input: '{"entity": N1' },
      { id: 'call-2', name: 'process_tree', input: { entity: 'N2' } },
    ]);
  });
});

describe('the OpenAI sandbox refuses what the service refuses', () => {
  let server: SandboxServer;
  beforeEach(async () => {
    server = await serve({ systems: { openai: openAiSandbox({ keys: new Set(['k']) }) }, mount: 'prefix' });
  });
  afterEach(() => server.close());

  const user = { role: 'user', content: 'x' };
  const good = { model: 'm', messages: [user] };
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
  const tool = { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } };
  const open = { type: 'json_schema', json_schema: { name: 'n', strict: true, schema: { type: 'object' } } };

  it.each([
    ['another address', good, 404, { path: '/v1/completions' }],
    ['a call without a key', good, 401, { headers: {} }],
    ['a wrong key', good, 401, { headers: { authorization: 'Bearer other' } }],
    ['a field it does not know', { ...good, tempreature: 1 }, 400, {}],
    ['no messages', { model: 'm' }, 400, {}],
    ['a temperature', { ...good, temperature: 0 }, 400, {}],
    ['max_tokens', { ...good, max_tokens: 5 }, 400, {}],
    ['an open schema', { ...good, response_format: open }, 400, {}],
    ['a choice without tools', { ...good, tool_choice: 'none' }, 400, {}],
    [
      'a choice of no tool',
      { ...good, tools: [tool], tool_choice: { type: 'function', function: { name: 'g' } } },
      400,
      {},
    ],
    [
      'a result nobody asked for',
      { ...good, messages: [user, { role: 'tool', tool_call_id: 'c1', content: 'x' }] },
      400,
      {},
    ],
    [
      'a call without its result',
      { ...good, messages: [user, { role: 'assistant', content: null, tool_calls: [call] }, user] },
      400,
      {},
    ],
    [
      'calls that were never made',
      {
        ...good,
        tools: [tool],
        messages: [
          user,
          { role: 'assistant', content: null, tool_calls: [call] },
          { role: 'tool', tool_call_id: 'c1', content: 'x' },
        ],
      },
      400,
      {},
    ],
  ] as const)('%s', async (_, body, status, change: { readonly path?: string; readonly headers?: object }) => {
    const { path = '/v1/chat/completions', headers = { authorization: 'Bearer k' } } = change;
    const response = await fetch(`${server.url}/openai${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
  });
});
