import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditLog, AuditRecency } from '../../connectors/store/ports.ts';
import { type AuditRecord, GENESIS, verifyChain } from '../../domain/audit/entry.ts';
import { freshNamespace, type Stores } from './stores.ts';

export function auditBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  describe(`${name}: audit`, () => {
    let audit: AuditLog & AuditRecency;
    beforeAll(async () => {
      audit = (await make()).audit;
    });
    const record = (chain: string, data: Record<string, unknown>): AuditRecord => ({
      chain,
      at: '2025-10-14T09:16:05.000Z',
      actor: { type: 'function', id: 'normalize' },
      kind: 'finding.attached',
      data,
    });

    it('has no head before the first entry', async () => {
      const chain = `inc-${freshNamespace()}`;
      expect(await audit.head(chain)).toBeUndefined();
      expect(await audit.read(chain)).toEqual([]);
    });

    it('names the chains that were written to in the hours that are asked about, and no others', async () => {
      const chain = `inc-${freshNamespace()}`;
      const before = new Date();
      for (const finding of ['a', 'b']) await audit.append(record(chain, { finding }));
      const after = new Date();
      // An index may be a moment behind.
      const found = await vi.waitFor(
        async () => {
          const chains = await audit.chainsSince(before, after);
          expect(chains.has(chain)).toBe(true);
          return chains;
        },
        { timeout: 20_000, interval: 200 },
      );
      expect(found.has(`${chain}-other`)).toBe(false);
      const hours = (count: number) => new Date(before.getTime() + count * 3_600_000);
      expect((await audit.chainsSince(hours(-48), after)).has(chain)).toBe(true);
      expect((await audit.chainsSince(hours(-5), hours(-2))).has(chain)).toBe(false);
      expect((await audit.chainsSince(hours(2), hours(5))).has(chain)).toBe(false);
      expect(verifyChain(chain, await audit.read(chain))).toMatchObject({ ok: true, entries: 2 });
    });

    it('chains each entry to the one before', async () => {
      const chain = `inc-${freshNamespace()}`;
      const first = await audit.append(record(chain, { finding: 'a' }));
      const second = await audit.append(record(chain, { finding: 'b' }));
      expect(first).toMatchObject({ sequence: 0, previous: GENESIS });
      expect(second).toMatchObject({ sequence: 1, previous: first.hash });
      expect(await audit.head(chain)).toEqual(second);
      expect(await audit.read(chain)).toEqual([first, second]);
    });

    it('keeps a chain whole when many write to it at once', async () => {
      const chain = `inc-${freshNamespace()}`;
      await Promise.all(Array.from({ length: 50 }, (_, index) => audit.append(record(chain, { index }))));
      const entries = await audit.read(chain);
      expect(verifyChain(chain, entries)).toMatchObject({ ok: true, entries: 50 });
      expect(new Set(entries.map(({ data }) => data['index'])).size).toBe(50);
    });

    it('gives back data that a database map would change, so that an honest entry keeps its hash', async () => {
      const chain = `inc-${freshNamespace()}`;
      let nested: Record<string, unknown> = { end: true };
      for (let depth = 0; depth < 40; depth += 1) nested = { nested };
      const data = {
        surrogate: '\udc00',
        tiny: 5e-324,
        huge: 1.7976931348623157e308,
        empty: '',
        nested,
        gone: undefined,
      };
      await audit.append(record(chain, data));
      expect(verifyChain(chain, await audit.read(chain))).toMatchObject({ ok: true, entries: 1 });
      const { gone: _, ...kept } = data;
      expect((await audit.head(chain))?.data).toEqual(kept);
    });
  });
}
