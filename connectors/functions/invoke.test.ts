import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { FunctionFailedError, InvokeError } from './answer.ts';
import { invoke } from './invoke.ts';

function answering(answer: { readonly body?: string; readonly FunctionError?: string } | Error) {
  const client = new LambdaClient({ region: 'us-east-1' });
  const mock = mockClient(client);
  if (answer instanceof Error) mock.on(InvokeCommand).rejects(answer);
  else {
    const { body = '', ...rest } = answer;
    // The SDK's own Uint8Array has a helper beside it that we do not use.
    const Payload = Object.assign(new Uint8Array(Buffer.from(body)), { transformToString: () => body });
    mock.on(InvokeCommand).resolves({ StatusCode: 200, Payload, ...rest });
  }
  return { client, mock };
}

describe('invoke', () => {
  it('hands the payload over and gives the answer back as it came', async () => {
    const { client, mock } = answering({ body: '{"ok":true}' });
    expect(await invoke(client, 'parapet-look-up', { a: 'ü' })).toEqual({ ok: true });
    const sent = mock.commandCalls(InvokeCommand)[0]?.args[0].input;
    expect(sent?.FunctionName).toBe('parapet-look-up');
    expect(Buffer.from(String(sent?.Payload)).toString()).toBeTruthy();
    expect(
      JSON.parse(new TextDecoder().decode(sent?.Payload instanceof Uint8Array ? sent.Payload : undefined)),
    ).toEqual({
      a: 'ü',
    });
  });

  it('says what a function threw by its name alone - its message may hold evidence', async () => {
    const { client } = answering({
      FunctionError: 'Unhandled',
      body: JSON.stringify({ errorType: 'PackChangedError', errorMessage: 'the secret is hunter2' }),
    });
    const error = await invoke(client, 'parapet-look-up', {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FunctionFailedError);
    expect(error).toMatchObject({ errorType: 'PackChangedError', message: expect.not.stringContaining('hunter2') });
  });

  it('tells a function that failed from one that could not be called', async () => {
    await expect(invoke(answering(new Error('throttled')).client, 'f', {})).rejects.toBeInstanceOf(InvokeError);
    await expect(invoke(answering({ body: 'no json' }).client, 'f', {})).rejects.toBeInstanceOf(InvokeError);
  });
});
