import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bedrockModel } from '../../connectors/models/bedrock/client.ts';
import { ModelError, type ModelRequest } from '../../connectors/models/port.ts';
import {
  type BedrockSandbox,
  type BedrockSandboxOptions,
  bedrockSandbox,
} from '../../local/sandbox/bedrock/bedrock.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { sampleProfile } from '../fakes/model-profile.ts';

const MODEL = 'us.example.invented-model-1:0';
const REQUEST: ModelRequest = {
  system: 'You are an analyst.',
  turns: [{ role: 'user', text: 'What happened?' }],
  output: {
    name: 'incident-analysis',
    schema: { type: 'object', properties: {}, required: [], additionalProperties: false },
  },
  metadata: { incident: 'inc-1', prompt: 'incident-analysis/1.0.0' },
};

let sandbox: BedrockSandbox;
let server: SandboxServer;

async function start(options: BedrockSandboxOptions = {}): Promise<void> {
  sandbox = bedrockSandbox(options);
  server = await serve({ systems: { bedrock: sandbox }, mount: 'prefix' });
}

function model(change: Readonly<Record<string, unknown>> = {}, onStepDown?: (from: string, to: string) => void) {
  return bedrockModel(
    sampleProfile('bedrock', {
      modelId: MODEL,
      endpoint: `${server.url}/bedrock`,
      maxOutputTokens: 1024,
      timeoutSeconds: 20,
      structured: ['native', 'prompt'],
      ...change,
    }),
    { credentials: { accessKeyId: 'invented', secretAccessKey: 'invented' }, ...(onStepDown ? { onStepDown } : {}) },
  );
}

/** The request bodies the sandbox received, as JSON. */
function sent(): unknown[] {
  return server.calls.map(({ body }): unknown => JSON.parse(body));
}

async function failureOf(promise: Promise<unknown>): Promise<ModelError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ModelError) return error;
  throw new Error(`expected a ModelError, got ${String(error)}`);
}

beforeEach(() => start());
afterEach(() => server.close());

describe('the Bedrock adapter over HTTP', () => {
  it('sends what Converse takes and nothing else, signed for bedrock, the model id as one path segment', async () => {
    sandbox.enqueue({ play: 'answer', json: { verdict: 'malicious' } });
    const reply = await model().generate(REQUEST);
    expect(reply).toEqual({
      outcome: 'json',
      json: { verdict: 'malicious' },
      rawText: '{"verdict":"malicious"}',
      stop: 'end_turn',
      mode: 'native',
      usage: { input: 1200, output: 300, cacheRead: 0, cacheWrite: 0 },
      provider: {
        requestId: '00000000-0000-4000-8000-000000000000',
        latencyMs: expect.any(Number),
        attempts: 1,
      },
    });
    expect(server.calls.map(({ method, path }) => ({ method, path }))).toEqual([
      { method: 'POST', path: '/model/us.example.invented-model-1%3A0/converse' },
    ]);
    expect(sent()).toEqual([
      {
        system: [{ text: 'You are an analyst.' }, { text: 'Answer with the JSON object only.' }],
        messages: [{ role: 'user', content: [{ text: 'What happened?' }] }],
        inferenceConfig: { maxTokens: 1024 },
        requestMetadata: { incident: 'inc-1', prompt: 'incident-analysis/1.0.0' },
        outputConfig: {
          textFormat: {
            type: 'json_schema',
            structure: { jsonSchema: { name: 'incident-analysis', schema: JSON.stringify(REQUEST.output.schema) } },
          },
        },
      },
    ]);
  });

  it('asks in words once a model refuses native structured output, remembers it and reports it once', async () => {
    await server.close();
    await start({ withoutNativeOutput: [MODEL] });
    const steps: string[] = [];
    const port = model({}, (from, to) => steps.push(`${from} -> ${to}`));
    const answers = { play: 'text' as const, stopReason: 'end_turn', text: 'Here it is:\n```json\n{"a": "}"}\n```' };
    sandbox.enqueue(answers, answers);
    const [first, second] = [await port.generate(REQUEST), await port.generate(REQUEST)];
    expect([first.mode, second.mode]).toEqual(['prompt', 'prompt']);
    expect([first.json, second.json]).toEqual([{ a: '}' }, { a: '}' }]);
    expect(steps).toEqual(['native -> prompt']);
    expect(sent()).toHaveLength(3);
    expect(JSON.stringify(sent()[1])).toContain('It must satisfy this JSON Schema');
    expect(JSON.stringify(sent()[1])).not.toContain('outputConfig');
  });

  it.each([
    ['a refusal', { stopReason: 'content_filtered', text: 'I cannot help with that.' }, 'refused'],
    ['a guardrail', { stopReason: 'guardrail_intervened', text: 'Blocked.' }, 'blocked'],
    ['an answer that was cut', { stopReason: 'max_tokens', text: '{"a": {"b": 1}' }, 'truncated'],
    ['malformed JSON', { stopReason: 'end_turn', text: '{"a": 1,, }' }, 'unparseable'],
    ['an object that never ends', { stopReason: 'end_turn', text: '{"a": {"b": 1}' }, 'unparseable'],
    ['prose', { stopReason: 'end_turn', text: 'This alert is benign.' }, 'unparseable'],
    ['a stop word nobody knows', { stopReason: 'paused_for_tea', text: '{"a": 1}' }, 'unparseable'],
  ])('names the outcome of %s and keeps the text for the record', async (_name, { stopReason, text }, outcome) => {
    sandbox.enqueue({ play: 'text', text, stopReason });
    expect(await model().generate(REQUEST)).toMatchObject({ outcome, rawText: text, stop: stopReason });
  });

  it('reads past a content block it does not know', async () => {
    sandbox.enqueue({ play: 'blocks', content: [{ holographicContent: { depth: 3 } }, { text: '{"a":1}' }] });
    expect(await model().generate(REQUEST)).toMatchObject({ outcome: 'json', json: { a: 1 } });
  });

  it('gets through throttling that passes', async () => {
    const throttled = { play: 'error' as const, name: 'ThrottlingException', status: 429, message: 'slow down' };
    sandbox.enqueue(throttled, throttled, { play: 'answer', json: { a: 1 } });
    expect((await model().generate(REQUEST)).provider.attempts).toBe(3);
  });

  it.each([
    ['ThrottlingException', 429, 'throttled', 3],
    ['ServiceUnavailableException', 503, 'unavailable', 3],
    ['ModelTimeoutException', 408, 'timeout', 1],
    ['ModelErrorException', 424, 'unavailable', 2],
    ['AccessDeniedException', 403, 'denied', 1],
    ['ResourceNotFoundException', 404, 'invalid_request', 1],
    ['BrandNewException', 418, 'unavailable', 1],
  ])('makes %s (%i) a %s after %i calls', async (name, status, kind, calls) => {
    const error = { play: 'error' as const, name, status, message: 'the secret prompt text' };
    sandbox.enqueue(error, error, error, error);
    const failure = await failureOf(model().generate(REQUEST));
    expect(failure.kind).toBe(kind);
    expect(failure.message).not.toContain('secret prompt');
    expect(server.calls).toHaveLength(calls);
  });

  it('tells a request that is too long from one that is wrong - only the first gets better with less evidence', async () => {
    const error = (message: string) => ({ play: 'error' as const, name: 'ValidationException', status: 400, message });
    sandbox.enqueue(error('Input is too long for requested model.'));
    expect((await failureOf(model().generate(REQUEST))).kind).toBe('too_long');
    sandbox.enqueue(
      error('The provided model identifier is invalid.'),
      error('The provided model identifier is invalid.'),
    );
    expect((await failureOf(model().generate(REQUEST))).kind).toBe('invalid_request');
  });

  it('gives up at its deadline and does not start again', async () => {
    server.misbehave({ system: 'bedrock', times: 5, reply: { hangMs: 10_000 } });
    const started = performance.now();
    const failure = await failureOf(model({ timeoutSeconds: 1 }).generate(REQUEST));
    expect(failure.kind).toBe('timeout');
    expect(performance.now() - started).toBeLessThan(4_000);
    expect(server.calls).toHaveLength(1);
  });

  it('makes an answer that breaks off a failure of the service', async () => {
    server.misbehave({ system: 'bedrock', times: 5, reply: { cutAfterBytes: 20 } });
    expect((await failureOf(model().generate(REQUEST))).kind).toBe('unavailable');
  });

  it('makes a service that is not there a failure, not a crash', async () => {
    const failure = await failureOf(model({ endpoint: 'http://127.0.0.1:9' }).generate(REQUEST));
    expect(failure.kind).toBe('unavailable');
  });
});

describe('the Bedrock sandbox refuses what the service refuses', () => {
  const signed = {
    authorization:
      'AWS4-HMAC-SHA256 Credential=invented/20251014/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=00',
    'content-type': 'application/json',
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = signed) =>
    fetch(`${server.url}/bedrock${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const good = { messages: [{ role: 'user', content: [{ text: 'x' }] }] };

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
