import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anthropicSandbox } from '../../local/sandbox/anthropic/anthropic.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { describeModel } from './model-behaviour.ts';
import { MODEL_REQUEST, ModelStage, type ModelWire, WITH_TOOLS } from './model-stage.ts';

const WIRE: ModelWire = {
  provider: 'anthropic',
  sandbox: anthropicSandbox,
  path: '',
  modelId: 'invented-model-1',
  secret: 'parapet/models/anthropic',
  attempts: 2,
  errors: {
    throttled: { name: 'rate_limit_error', status: 429, message: 'confidential' },
    unavailable: { name: 'overloaded_error', status: 529, message: 'confidential' },
    denied: { name: 'permission_error', status: 403, message: 'confidential' },
    invalid: { name: 'invalid_request_error', status: 400, message: 'confidential' },
    tooLong: {
      name: 'invalid_request_error',
      status: 400,
      message: 'prompt is too long: 250000 tokens > 200000 maximum; confidential',
    },
    missing: { name: 'not_found_error', status: 404, message: 'confidential' },
  },
  stops: { end: 'end_turn', calls: 'tool_use', length: 'max_tokens', refusal: 'refusal', filter: 'refusal' },
  unknownBlock: [
    { type: 'hologram', depth: 3 },
    { type: 'text', text: '{"a":1}' },
  ],
  usage: { input: 1200, output: 300, cacheRead: 60, cacheWrite: 40 },
};

describeModel("Anthropic's own service", WIRE);

describe('the wire of Anthropic', () => {
  let stage: ModelStage;
  beforeEach(async () => {
    stage = await ModelStage.open(WIRE);
  });
  afterEach(() => stage.server.close());

  it('is spoken with what the profile asks for and nothing else', async () => {
    await (await stage.model()).generate(MODEL_REQUEST);
    expect(
      stage.server.calls.map(({ method, path, headers }) => [
        method,
        path,
        headers['x-api-key'],
        headers['anthropic-version'],
      ]),
    ).toEqual([['POST', '/v1/messages', 'sesame-key-of-a-model', '2023-06-01']]);
    expect(stage.sent()).toEqual([
      {
        model: 'invented-model-1',
        max_tokens: 1024,
        system: [
          { type: 'text', text: 'You are an analyst.' },
          { type: 'text', text: 'Answer with the JSON object only.' },
        ],
        messages: [{ role: 'user', content: [{ type: 'text', text: 'What happened?' }] }],
        output_config: { format: { type: 'json_schema', schema: MODEL_REQUEST.output.schema } },
      },
    ]);
  });

  it.each([
    ['5m', { type: 'ephemeral' }],
    ['1h', { type: 'ephemeral', ttl: '1h' }],
  ])('marks the end of what is always the same for a cache of %s', async (ttl, cache_control) => {
    await (await stage.model({ cache: { prefix: true, ttl } })).generate(MODEL_REQUEST);
    expect(stage.sent()[0]?.['system']).toEqual([
      { type: 'text', text: 'You are an analyst.' },
      { type: 'text', text: 'Answer with the JSON object only.', cache_control },
    ]);
  });

  it('says which tools may be called', async () => {
    const port = await stage.model({ structured: ['forced_tool', 'prompt'] });
    await port.generate(WITH_TOOLS);
    await port.generate({ ...WITH_TOOLS, toolsClosed: true });
    const words = await stage.model({ structured: ['prompt'] });
    await words.generate(WITH_TOOLS);
    await words.generate({ ...WITH_TOOLS, toolsClosed: true });
    expect(stage.sent().map((body) => body['tool_choice'])).toEqual([
      { type: 'any' },
      { type: 'tool', name: 'give_answer' },
      { type: 'auto' },
      { type: 'none' },
    ]);
  });

  it('pauses only for tools that run at the provider, and none is offered', async () => {
    stage.sandbox.enqueue({ play: 'text', text: '{"a":1}', end: 'pause_turn' });
    expect(await (await stage.model()).generate(MODEL_REQUEST)).toMatchObject({ outcome: 'unparseable' });
  });
});

describe('the Anthropic sandbox refuses what the service refuses', () => {
  let server: SandboxServer;
  beforeEach(async () => {
    server = await serve({ systems: { anthropic: anthropicSandbox({ keys: new Set(['k']) }) }, mount: 'prefix' });
  });
  afterEach(() => server.close());

  const user = { role: 'user', content: [{ type: 'text', text: 'x' }] };
  const good = { model: 'm', max_tokens: 5, messages: [user] };
  const tool = { name: 'f', description: 'd', input_schema: { type: 'object' } };
  const called = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: {} }] };
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'x' }] };
  const signed = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' };

  it.each([
    ['another address', good, 404, { path: '/v1/complete' }],
    ['a call without a key', good, 401, { headers: { 'anthropic-version': '2023-06-01' } }],
    ['a wrong key', good, 401, { headers: { ...signed, 'x-api-key': 'other' } }],
    ['a call without a version', good, 400, { headers: { 'x-api-key': 'k' } }],
    ['a field it does not know', { ...good, tempreature: 1 }, 400, {}],
    ['no limit of tokens', { model: 'm', messages: [user] }, 400, {}],
    ['a temperature', { ...good, temperature: 0 }, 400, {}],
    ['a conversation the assistant starts', { ...good, messages: [called, result], tools: [tool] }, 400, {}],
    [
      'a prefilled answer',
      { ...good, messages: [user, { role: 'assistant', content: [{ type: 'text', text: '{' }] }] },
      400,
      {},
    ],
    ['a choice without tools', { ...good, tool_choice: { type: 'none' } }, 400, {}],
    ['a choice of no tool', { ...good, tools: [tool], tool_choice: { type: 'tool', name: 'g' } }, 400, {}],
    ['a history of calls without tools', { ...good, messages: [user, called, result] }, 400, {}],
    ['a call without its result', { ...good, tools: [tool], messages: [user, called, user] }, 400, {}],
    ['calls that were never made', { ...good, tools: [tool], messages: [user, called, result] }, 400, {}],
  ] as const)('%s', async (_, body, status, change: { readonly path?: string; readonly headers?: object }) => {
    const { path = '/v1/messages', headers = signed } = change;
    const response = await fetch(`${server.url}/anthropic${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: 'error', error: { message: expect.any(String) } });
  });
});
