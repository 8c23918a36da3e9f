import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../infra/config/load.ts';
import { laptopConfiguration } from './configuration.ts';
import { DEFAULT_MODEL_ID, laptopModel } from './model.ts';
import { PROJECT } from './settings.ts';

const URL_OF_OLLAMA = 'http://127.0.0.1:11434/v1';

describe('laptopModel', () => {
  it('is the sandbox’s on request, a server of one’s own by its address, else what the file says', () => {
    expect(laptopModel(undefined, {})).toBeUndefined();
    expect(laptopModel('scripted', {})).toEqual({ kind: 'scripted' });
    const server = { kind: 'server', url: URL_OF_OLLAMA, modelId: DEFAULT_MODEL_ID };
    expect(laptopModel(undefined, { PARAPET_MODEL_URL: URL_OF_OLLAMA })).toEqual(server);
    expect(laptopModel(undefined, { PARAPET_MODEL_URL: URL_OF_OLLAMA, PARAPET_MODEL_ID: 'llama' })).toEqual({
      ...server,
      modelId: 'llama',
    });
    expect(laptopModel(undefined, { PARAPET_MODEL_URL: '' })).toBeUndefined();
  });

  it.each([
    ['another model than the scripted one', 'gpt', {}, /--model takes "scripted"/],
    ['both at once', 'scripted', { PARAPET_MODEL_URL: URL_OF_OLLAMA }, /not both/],
    ['an address in the clear', undefined, { PARAPET_MODEL_URL: 'http://models.example.com/v1' }, /must be an address/],
    ['no address', undefined, { PARAPET_MODEL_URL: 'ollama' }, /must be an address/],
  ])('refuses %s with a sentence', (_, flag, environment, expected) => {
    expect(() => laptopModel(flag, environment)).toThrow(expected);
  });
});

describe('laptopConfiguration with a model', () => {
  const ports = { sandbox: 24580, kubernetes: 24581 };
  const sample = () => loadConfiguration({ root: PROJECT, environment: {} });

  it('asks the scripted model of the sandbox for every incident', () => {
    const { models } = laptopConfiguration(sample(), ports, { kind: 'scripted' });
    expect(models).toMatchObject({
      profiles: { laptop: { provider: 'bedrock', endpoint: 'http://127.0.0.1:24580/bedrock' } },
      routes: [{ scope: {}, profiles: ['laptop'] }],
      bindings: [],
    });
  });

  it('asks the server that was named, and no other of the file', () => {
    const { models } = laptopConfiguration(sample(), ports, { kind: 'server', url: URL_OF_OLLAMA, modelId: 'llama' });
    expect(models?.profiles).toMatchObject({
      laptop: {
        provider: 'openai-compatible',
        endpoint: URL_OF_OLLAMA,
        modelId: 'llama',
        tokenLimitField: 'max_tokens',
      },
    });
  });
});
