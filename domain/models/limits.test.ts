import { describe, expect, it } from 'vitest';
import { modelsSchema } from '../config/models.ts';
import { analysisSeconds, conversationSeconds } from './limits.ts';

const profile = (timeoutSeconds: number) => ({
  provider: 'bedrock',
  region: 'us-east-1',
  modelId: 'm',
  timeoutSeconds,
});
const models = (routes: readonly string[][]) =>
  modelsSchema.parse({
    profiles: { slow: profile(120), quick: profile(10) },
    routes: routes.map((profiles) => ({ profiles })),
    tools: { seconds: 60 },
  });

describe('conversationSeconds', () => {
  it('is long enough for every profile of the longest route to answer and to correct itself', () => {
    expect(conversationSeconds(models([['quick'], ['slow', 'quick'], []]))).toBe(60 + 2 * 120 + 2 * 10);
  });

  it('ends before a Lambda does, so that the rules analyst can still write', () => {
    expect(conversationSeconds(models([['slow', 'slow', 'slow', 'slow', 'slow']]))).toBe(780);
  });

  it('is the time for look-ups where no model is asked', () => {
    expect(conversationSeconds(models([[]]))).toBe(60);
  });
});

describe('analysisSeconds', () => {
  it('has time for everything that is told beside the account, as far as a Lambda runs', () => {
    const told = { ...models([['quick']]), tellings: ['ticket-summary', 'chat-summary'] as const };
    expect(analysisSeconds({ ...told, tellings: [...told.tellings] })).toBe(60 + 2 * 10 + 2 * 2 * 120);
    expect(analysisSeconds(models([['quick']]))).toBe(conversationSeconds(models([['quick']])));
  });
});
