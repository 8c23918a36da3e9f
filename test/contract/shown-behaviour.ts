import { beforeAll, describe, expect, it } from 'vitest';
import { freshNamespace, type Stores } from './stores.ts';

export function shownBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  let stores: Stores;
  beforeAll(async () => {
    stores = await make();
  });

  describe(`${name}: what channels show of a question`, () => {
    const at = '2025-10-14T09:21:00.000Z';

    it('is nothing before anything was shown', async () => {
      expect(await stores.shown.get(freshNamespace(), 'slack')).toBeUndefined();
    });

    it('is the last that was, each place for itself', async () => {
      const id = freshNamespace();
      await stores.shown.put(id, 'slack', { digest: 'a', remoteId: 'C0123456789:1.2', at });
      await stores.shown.put(id, 'slack', { digest: 'b', remoteId: 'C0123456789:1.2', at });
      await stores.shown.put(id, 'teams-question', { digest: 'c', at });
      expect(await stores.shown.get(id, 'slack')).toEqual({ digest: 'b', remoteId: 'C0123456789:1.2', at });
      expect(await stores.shown.get(id, 'teams-question')).toEqual({ digest: 'c', at });
      expect(await stores.shown.get(id, 'teams-end')).toBeUndefined();
    });

    it('stands beside the questions and is none of them', async () => {
      const id = freshNamespace();
      await stores.shown.put(id, 'slack', { digest: 'a', at });
      expect(await stores.approvals.get(id)).toBeUndefined();
      expect((await stores.approvals.list({ limit: 100 })).filter(({ approvalId }) => approvalId === id)).toEqual([]);
    });
  });
}
