import { beforeAll, describe, expect, it } from 'vitest';
import type { KeptAnswer } from '../../connectors/store/answers-port.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { freshNamespace, type Stores } from './stores.ts';

const NOW = new Date('2026-11-25T12:00:00.000Z');
const DAY_MS = 24 * 3_600_000;
const later = (milliseconds: number): Date => new Date(NOW.getTime() + milliseconds);

const answer = (change: Partial<KeptAnswer> = {}): KeptAnswer => ({
  incidentId: 'inc-1',
  answerKey: 'incidents/inc-1/model/answer.json',
  answerSha256: 'ab'.repeat(32),
  packKey: 'incidents/inc-1/pack.json',
  packSha256: 'cd'.repeat(32),
  at: NOW.toISOString(),
  ...change,
});

export function answerBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  let answers: Stores['answers'];
  beforeAll(async () => {
    ({ answers } = await make());
  });
  const likeness = (): string => sha256Hex(freshNamespace());

  describe(`${name}: answers that may serve again`, () => {
    it('are found by the likeness of the evidence, as they were kept, and by no other', async () => {
      const [mine, other] = [likeness(), likeness()];
      await answers.keep(mine, answer(), NOW);
      expect(await answers.get(mine, NOW)).toEqual(answer());
      expect(await answers.get(other, NOW)).toBeUndefined();
    });

    it('give way to a newer one whole: no pointer of the old one stays beside those of the new', async () => {
      const key = likeness();
      const newer = answer({
        incidentId: 'inc-2',
        answerKey: 'incidents/inc-2/model/answer.json',
        answerSha256: 'ef'.repeat(32),
        packKey: 'incidents/inc-2/packs/1.json',
        packSha256: '01'.repeat(32),
        at: later(DAY_MS).toISOString(),
      });
      await answers.keep(key, answer(), NOW);
      await answers.keep(key, newer, later(DAY_MS));
      expect(await answers.get(key, later(DAY_MS))).toEqual(newer);
    });

    it('are forgotten after thirty days to the second, although the table deletes them days later', async () => {
      const key = likeness();
      await answers.keep(key, answer(), NOW);
      expect(await answers.get(key, later(30 * DAY_MS - 1_000))).toEqual(answer());
      expect(await answers.get(key, later(30 * DAY_MS))).toBeUndefined();
    });

    it('serve again when they were written again after they were forgotten', async () => {
      const key = likeness();
      const again = answer({ at: later(31 * DAY_MS).toISOString() });
      await answers.keep(key, answer(), NOW);
      await answers.keep(key, again, later(31 * DAY_MS));
      expect(await answers.get(key, later(60 * DAY_MS))).toEqual(again);
      expect(await answers.get(key, later(61 * DAY_MS))).toBeUndefined();
    });

    it('are one whole answer when two incidents keep theirs at once', async () => {
      const key = likeness();
      const kept = Array.from({ length: 6 }, (_, index) =>
        answer({ incidentId: `inc-${index}`, answerKey: `incidents/inc-${index}/model/answer.json` }),
      );
      await Promise.all(kept.map((one) => answers.keep(key, one, NOW)));
      expect(kept).toContainEqual(await answers.get(key, NOW));
    });
  });
}
