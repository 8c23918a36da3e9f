import { describe, expect, it } from 'vitest';
import { modelSecretsOf, modelsSchema } from './models.ts';

const BEDROCK = { provider: 'bedrock', modelId: 'm', region: 'eu-central-1' };
const OPENAI = { provider: 'openai-compatible', modelId: 'm', endpoint: 'https://vllm.example.com/v1' };
const ANTHROPIC = { provider: 'anthropic', modelId: 'm', secret: 'parapet/models/anthropic' };
const PRICE = { input: 3, output: 15, asOf: '2026-07-02' };
const written = (change: object = {}) => ({
  profiles: { usual: BEDROCK },
  routes: [{ profiles: ['usual'] }],
  ...change,
});

function problemsOf(value: unknown): string[] {
  const { error } = modelsSchema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}
const profile = (change: object) => problemsOf(written({ profiles: { usual: { ...BEDROCK, ...change } } }));

describe('models in the configuration', () => {
  it('need a profile and a route; the rest has a default', () => {
    expect(modelsSchema.parse(written())).toEqual({
      profiles: {
        usual: {
          ...BEDROCK,
          structured: ['native', 'forced_tool', 'prompt'],
          tools: true,
          maxOutputTokens: 4096,
          cache: { prefix: false, ttl: '5m' },
          timeoutSeconds: 60,
        },
      },
      routes: [{ scope: {}, profiles: ['usual'] }],
      bindings: [],
      budget: { tokensPerIncident: 150_000 },
      tellings: [],
      tools: { rounds: 4, calls: 8, seconds: 60 },
    });
  });

  it('name every profile that a route or a binding names and nobody wrote', () => {
    const routes = [{ profiles: ['usual', 'constructor'] }];
    const bindings = [
      { scope: {}, profiles: ['usual'] },
      { scope: {}, profiles: ['gone'] },
    ];
    expect(problemsOf(written({ routes, bindings }))).toEqual([
      'routes.0.profiles: there is no profile constructor',
      'bindings.1.profiles: there is no profile gone',
    ]);
  });

  it('need a price for each profile where money is limited - an unknown cost cannot be kept', () => {
    const profiles = { usual: BEDROCK, priced: { ...BEDROCK, pricePerMTok: PRICE } };
    expect(problemsOf(written({ profiles, budget: { usdPerDay: 5 } }))).toEqual([
      'profiles.usual.pricePerMTok: must be given, because budget.usdPerDay cannot be kept for a model whose price is unknown',
    ]);
    expect(problemsOf(written({ profiles, budget: {} }))).toEqual([]);
  });

  it('have ladders that end in the way every model can go', () => {
    expect(profile({ structured: ['prompt'] })).toEqual([]);
    expect(profile({ structured: ['native'] })).toEqual([
      'profiles.usual.structured: must end with prompt, the one way every model can go',
    ]);
    expect(profile({ structured: ['prompt', 'prompt'] })).toEqual([
      'profiles.usual.structured: must name each way once',
    ]);
  });

  it.each([
    ['a guardrail that may change', { guardrail: { id: 'abc', version: 'DRAFT' } }],
    ['a guardrail that is no id', { guardrail: { id: 'abc/*', version: '1' } }],
    ['a region that is none', { region: 'Frankfurt' }],
    ['a key in the clear', { apiKey: 'sesame' }],
    ['an endpoint in the clear', { endpoint: 'http://models.example.com' }],
    ['another provider', { provider: 'elsewhere' }],
    ['a field of another provider', { secret: 'parapet/x' }],
  ])('refuse %s', (_, change) => {
    expect(profile(change)).toHaveLength(1);
  });

  it('name the secrets of their profiles, each once', () => {
    const models = modelsSchema.parse(
      written({
        profiles: {
          usual: BEDROCK,
          one: ANTHROPIC,
          two: ANTHROPIC,
          keyless: OPENAI,
          keyed: { ...OPENAI, secret: 'parapet/models/openai' },
        },
      }),
    );
    expect(modelSecretsOf(models)).toEqual(['parapet/models/anthropic', 'parapet/models/openai']);
    expect(modelSecretsOf(undefined)).toEqual([]);
  });
});
