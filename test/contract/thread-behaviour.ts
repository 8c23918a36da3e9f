import { describe, expect, it } from 'vitest';
import { ThreadFullError } from '../../connectors/store/thread-port.ts';
import type { Turn } from '../../domain/ask/exchange.ts';
import { MOST_TURNS } from '../../domain/ask/thread.ts';
import { freshNamespace, type Stores } from './stores.ts';

function draft(threadId: string, change: Partial<Turn> = {}): Omit<Turn, 'turn'> {
  return {
    threadId,
    askedAt: '2025-10-14T09:30:00.000Z',
    askedBy: 'dana',
    kind: 'query',
    queries: ['spawned'],
    subject: { kind: 'process', id: 'E4', label: '4711 /tmp/.x/xmrig' },
    key: 'incidents/inc-1/threads/th-0/a.json',
    sha256: 'ab'.repeat(32),
    ...change,
  };
}

const FIRST = 'th-000000000001';
const SECOND = 'th-000000000002';

export function threadBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  describe(`${name}: threads of questions`, () => {
    it('number the turns of each thread, and give them back as they were, oldest first', async () => {
      const { threads } = await make();
      const incidentId = freshNamespace();
      const one = await threads.append(incidentId, draft(FIRST));
      const two = await threads.append(incidentId, draft(FIRST, { kind: 'cannot-tell', queries: [] }));
      const other = await threads.append(incidentId, draft(SECOND));
      expect([one.turn, two.turn, other.turn]).toEqual([1, 2, 1]);
      expect(await threads.turns(incidentId, FIRST, { last: 6 })).toEqual([one, two]);
      expect(await threads.turns(incidentId, FIRST, { last: 1 })).toEqual([two]);
      expect(await threads.all(incidentId, { limit: 10 })).toEqual([one, two, other]);
      expect(await threads.all(incidentId, { limit: 1 })).toEqual([one]);
    });

    it('are of one incident - a thread of another one is none', async () => {
      const { threads } = await make();
      const [mine, theirs] = [freshNamespace(), freshNamespace()];
      await threads.append(mine, draft(FIRST));
      expect(await threads.turns(theirs, FIRST, { last: 6 })).toEqual([]);
      expect(await threads.all(theirs, { limit: 10 })).toEqual([]);
    });

    it('lose nothing when people ask at once', async () => {
      const { threads } = await make();
      const incidentId = freshNamespace();
      const made = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          threads.append(incidentId, draft(FIRST, { askedBy: `person-${index}` })),
        ),
      );
      expect(made.map(({ turn }) => turn).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(await threads.turns(incidentId, FIRST, { last: 20 })).toEqual([...made].sort((a, b) => a.turn - b.turn));
    });

    it('end somewhere', async () => {
      const { threads } = await make();
      const incidentId = freshNamespace();
      for (let turn = 1; turn <= MOST_TURNS; turn += 1) await threads.append(incidentId, draft(FIRST));
      await expect(threads.append(incidentId, draft(FIRST))).rejects.toThrow(ThreadFullError);
    });
  });
}
