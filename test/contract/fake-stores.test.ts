import { describe, expect, it } from 'vitest';
import { memoryAnswerStore } from '../fakes/answer-store.ts';
import { memoryBaselineStore, memoryLinkStore, memoryPollStore } from '../fakes/context-stores.ts';
import { memoryDigestLine, memoryDigestPosts } from '../fakes/digest-stores.ts';
import { memoryPushStore, memoryWaitingLine } from '../fakes/intake-stores.ts';
import { memoryIntelCache } from '../fakes/intel-cache.ts';
import { memoryPlaybookSlots } from '../fakes/playbook-slots.ts';
import { memoryShownStore } from '../fakes/shown-store.ts';
import { memorySpendingStore } from '../fakes/spending-store.ts';
import {
  memoryApprovalStore,
  memoryAuditLog,
  memoryBlobStore,
  memoryIncidentStore,
  memoryQuarantineStore,
} from '../fakes/stores.ts';
import { memoryThreadStore } from '../fakes/thread-store.ts';
import { memoryWatchStore } from '../fakes/watch-store.ts';
import { storeSuite } from './store-suite.ts';

storeSuite(
  'stores in memory',
  () => {
    const audit = memoryAuditLog();
    const approvals = memoryApprovalStore({ audit });
    const incidents = memoryIncidentStore();
    const remembering = {
      baselines: memoryBaselineStore(),
      links: memoryLinkStore(),
      polls: memoryPollStore(),
      intel: memoryIntelCache(),
    };
    return {
      incidents,
      quarantine: memoryQuarantineStore(),
      audit,
      approvals,
      deliveries: approvals,
      chasing: approvals,
      shown: memoryShownStore(),
      blobs: memoryBlobStore(),
      pushes: memoryPushStore(),
      line: memoryWaitingLine(incidents),
      threads: memoryThreadStore(),
      watches: memoryWatchStore(),
      spending: memorySpendingStore(),
      slots: memoryPlaybookSlots(),
      answers: memoryAnswerStore(),
      digests: { line: memoryDigestLine(incidents), posts: memoryDigestPosts() },
      process: () => remembering,
    };
  },
  { storm: 1000 },
);

describe('stores in memory', () => {
  it('fail when told to, as often as told, and then work again', async () => {
    const blobs = memoryBlobStore();
    blobs.failNext('get', new Error('throttled'), 2);
    await blobs.put('k', 'v');
    await expect(blobs.get('k')).rejects.toThrow('throttled');
    await expect(blobs.get('k')).rejects.toThrow('throttled');
    expect(await blobs.get('k')).toBe('v');
  });
});
