import { describe, expect, it } from 'vitest';
import { turns } from './turns.ts';

const soon = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('turns', () => {
  it('lets calls about one thing follow one another, in the order they came', async () => {
    const { take } = turns();
    const steps: string[] = [];
    const work = (name: string, ms: number) =>
      take('incident', async () => {
        steps.push(`${name} begins`);
        await soon(ms);
        steps.push(`${name} ends`);
        return name;
      });
    expect(await Promise.all([work('a', 5), work('b', 1), work('c', 0)])).toEqual(['a', 'b', 'c']);
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('does not hold up calls about another thing', async () => {
    const { take } = turns();
    let free: (() => void) | undefined;
    const held = take('a', () => new Promise<void>((resolve) => (free = resolve)));
    expect(await take('b', async () => 'done')).toBe('done');
    free?.();
    await held;
  });

  it('goes on after a failure, which only its own caller hears of', async () => {
    const { take } = turns();
    const failed = take('a', async () => {
      throw new Error('throttled');
    });
    const next = take('a', async () => 'done');
    await expect(failed).rejects.toThrow('throttled');
    expect(await next).toBe('done');
  });
});
