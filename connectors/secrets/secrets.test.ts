import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { SecretError, secretsFrom } from './secrets.ts';

const schema = z.object({ username: z.string(), password: z.string().min(1) });
const client = mockClient(SecretsManagerClient);
const secrets = () => secretsFrom(new SecretsManagerClient({ region: 'us-east-1' }));

beforeEach(() => client.reset());

describe('secrets', () => {
  it('asks the store once and answers from memory afterwards - an alert must not pay a call each time', async () => {
    client.on(GetSecretValueCommand).resolves({ SecretString: '{"username":"parapet","password":"example"}' });
    const store = secrets();
    expect(await store.get('parapet/one', schema)).toEqual({ username: 'parapet', password: 'example' });
    await store.get('parapet/one', schema);
    expect(client.commandCalls(GetSecretValueCommand)).toHaveLength(1);
  });

  it('fetches again when asked for a fresh value - a rotated secret is learned without a new deployment', async () => {
    client
      .on(GetSecretValueCommand)
      .resolvesOnce({ SecretString: '{"username":"parapet","password":"old"}' })
      .resolves({ SecretString: '{"username":"parapet","password":"new"}' });
    const store = secrets();
    await store.get('parapet/two', schema);
    expect(await store.get('parapet/two', schema, { fresh: true })).toEqual({ username: 'parapet', password: 'new' });
    expect(await store.get('parapet/two', schema)).toEqual({ username: 'parapet', password: 'new' });
  });

  it.each([
    ['not JSON', 'hunter2-not-json'],
    ['a field missing', '{"username":"hunter2-user"}'],
    ['a placeholder', '{"placeholder":"hunter2"}'],
  ])('names the secret and the field but never the value for %s', async (_, SecretString) => {
    client.on(GetSecretValueCommand).resolves({ SecretString });
    const error = await secrets()
      .get(`parapet/${_.replaceAll(' ', '-')}`, schema)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SecretError);
    expect(String(error)).toContain('parapet/');
    expect(`${String(error)}${String(error instanceof Error ? error.cause : '')}`).not.toContain('hunter2');
  });

  it('keeps the cause when the secret cannot be read - denied and missing are mended by different people', async () => {
    client.on(GetSecretValueCommand).rejects(Object.assign(new Error('no'), { name: 'ResourceNotFoundException' }));
    const error = await secrets()
      .get('parapet/gone', schema)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SecretError);
    expect(error).toHaveProperty('cause');
  });
});
