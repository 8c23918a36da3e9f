import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { freshNamespace, type Stores } from './stores.ts';

const HOUR_MS = 3600 * 1000;

/** What every store of the slots of playbooks must do. */
export function slotBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  describe(`slots of playbooks in ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    // Hours and names nobody else counts in.
    const own = freshNamespace();
    const first = Date.UTC(2030, 0, 1) + randomInt(1_000_000) * 10 * HOUR_MS;
    const take = (
      execution: string,
      hour: number,
      most = { ofPlaybook: 3, inAll: 5 },
      playbook: 'dormant-key' | 'quarantine-miner' = 'dormant-key',
    ) => stores.slots.take({ playbook, execution: `${own}-${execution}`, now: new Date(first + hour * HOUR_MS), most });

    it('gives as many as there may be, however many ask at once', async () => {
      const asked = Array.from({ length: 12 }, (_, index) => take(`storm-${index}`, 1));
      const given = (await Promise.all(asked)).filter((taken) => taken);
      expect(given).toHaveLength(3);
      expect(await take('storm-late', 1)).toBe(false);
      expect(await take('storm-late', 2)).toBe(true);
    });

    it('gives the same execution its own again, and takes none for what it refused', async () => {
      for (const execution of ['a', 'a', 'b', 'a', 'c', 'b']) expect(await take(execution, 3)).toBe(true);
      expect(await take('d', 3)).toBe(false);
      // Had the refusal counted for all, there would be no room left.
      expect(await take('e', 3, { ofPlaybook: 1, inAll: 4 }, 'quarantine-miner')).toBe(true);
      expect(await take('f', 3, { ofPlaybook: 9, inAll: 4 }, 'quarantine-miner')).toBe(false);
    });
  });
}
