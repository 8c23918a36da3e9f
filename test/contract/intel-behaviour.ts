import { beforeAll, describe, expect, it } from 'vitest';
import type { CacheStore } from '../../connectors/intel/cache.ts';
import { freshNamespace, type Stores } from './stores.ts';

const start = Date.parse('2026-11-22T10:00:00.000Z');
const atSecond = (seconds: number) => new Date(start + seconds * 1000);

export function intelBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  let open: () => CacheStore;
  beforeAll(async () => {
    const { process } = await make();
    open = () => process().intel;
  });
  const entry = (body: string, seconds: number) => ({
    body,
    checkedAt: atSecond(0).toISOString(),
    expiresAt: atSecond(seconds),
  });

  describe(`${name}: answers of intelligence`, () => {
    it('are there until their lifetime is over, and not a second longer', async () => {
      const key = freshNamespace();
      expect(await open().get(key, atSecond(0))).toBeUndefined();
      await open().put(key, entry('{"score":"größer"}', 60));
      const { body, checkedAt } = entry('{"score":"größer"}', 60);
      expect(await open().get(key, atSecond(59))).toEqual({ body, checkedAt });
      expect(await open().get(key, atSecond(60))).toBeUndefined();
    });

    it('are replaced by newer ones', async () => {
      const key = freshNamespace();
      await open().put(key, entry('"old"', 60));
      await open().put(key, entry('"new"', 600));
      expect(await open().get(key, atSecond(300))).toMatchObject({ body: '"new"' });
    });
  });

  describe(`${name}: allowances of intelligence`, () => {
    it('are given out exactly as often as allowed, however many ask at once', async () => {
      const key = freshNamespace();
      const taken = await Promise.all(
        Array.from({ length: 12 }, () => open().take(key, { calls: 4, seconds: 60 }, atSecond(1))),
      );
      expect(taken.filter(Boolean)).toHaveLength(4);
    });

    it('are whole again in the next window, and each key and window has its own', async () => {
      const key = freshNamespace();
      const take = (of: string, seconds: number, at: Date) => open().take(of, { calls: 1, seconds }, at);
      expect(await take(key, 60, atSecond(0))).toBe(true);
      expect(await take(key, 60, atSecond(59))).toBe(false);
      expect(await take(key, 60, atSecond(60))).toBe(true);
      expect(await take(key, 3600, atSecond(59))).toBe(true);
      expect(await take(freshNamespace(), 60, atSecond(59))).toBe(true);
    });

    it('that are used up do not hide an answer under the same name', async () => {
      const key = freshNamespace();
      await open().take(key, { calls: 1, seconds: 60 }, atSecond(0));
      expect(await open().get(key, atSecond(0))).toBeUndefined();
      await open().put(key, entry('"kept"', 60));
      expect(await open().take(key, { calls: 1, seconds: 60 }, atSecond(1))).toBe(false);
      expect(await open().get(key, atSecond(1))).toMatchObject({ body: '"kept"' });
    });
  });
}
