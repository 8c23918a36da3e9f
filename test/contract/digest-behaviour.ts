import { beforeAll, describe, expect, it } from 'vitest';
import type { DigestPost } from '../../connectors/store/digest-port.ts';
import { ConflictError } from '../../connectors/store/ports.ts';
import type { Publication } from '../../domain/incident/incident.ts';
import type { DigestEntry } from '../../domain/publish/digest-entry.ts';
import { sampleFinding, sampleWorkload } from '../fakes/findings.ts';
import { freshNamespace, type Stores } from './stores.ts';

const start = Date.parse('2025-10-14T09:16:05.000Z');
const at = (seconds: number): Date => new Date(start + seconds * 1000);

export function digestBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  let stores: Stores;
  beforeAll(async () => {
    stores = await make();
  });

  describe(`${name}: the digest line`, () => {
    /** An incident of its own, as it would stand in the line. */
    const entry = async (seconds: number): Promise<DigestEntry> => {
      const namespace = freshNamespace();
      const workload = sampleWorkload(namespace);
      const finding = sampleFinding({ event: namespace, severity: 'low', workload });
      const context = { receivedAt: at(0).toISOString(), now: at(0), windowMinutes: 60, rawKey: 'alerts/sample.json' };
      const { incident } = await stores.incidents.attach(finding, context);
      return {
        incidentId: incident.incidentId,
        stoodAt: at(seconds).toISOString(),
        severity: 'low',
        what: 'Suspicious DNS query',
        headline: `Suspicious DNS query in ${namespace}/checkout`,
        workload: `${namespace}/checkout in prod-eks`,
      };
    };
    const chatOf = async (incidentId: string) =>
      (await stores.incidents.publications(incidentId)).find(({ destination }) => destination === 'chat');
    const standing = ({ stoodAt }: DigestEntry): Publication => ({
      destination: 'chat',
      system: 'slack',
      state: 'in-digest',
      claimedAt: stoodAt,
      updatedAt: stoodAt,
    });
    const stand = (one: DigestEntry, before?: Publication) =>
      stores.digests.line.stand(one, { system: 'slack', before });

    it('counts the messages of a minute over all who ask', async () => {
      const { line } = stores.digests;
      const counts = await Promise.all([0, 1, 54].map((second) => line.countInMinute(at(second))));
      expect([...counts].sort()).toEqual([1, 2, 3]);
      expect(await line.countInMinute(at(60))).toBe(1);
    });

    it('keeps the order in which they came, and lets each leave once', async () => {
      const entries = [await entry(3), await entry(1), await entry(2)];
      for (const one of entries) await stand(one);
      const [third, first, second] = entries;
      expect(await stores.digests.line.next(10)).toEqual([first, second, third]);
      expect(await stores.digests.line.next(2)).toEqual([first, second]);
      for (const one of [...entries, ...entries]) await stores.digests.line.leave(one);
      expect(await stores.digests.line.next(10)).toEqual([]);
    });

    it('takes an incident and says so beside it, both or neither', async () => {
      const one = await entry(1);
      await stand(one);
      expect(await chatOf(one.incidentId)).toEqual(standing(one));
      // Whoever looked before that must look again.
      await expect(stand({ ...one, stoodAt: at(9).toISOString() })).rejects.toBeInstanceOf(ConflictError);
      expect(await stores.digests.line.next(10)).toEqual([one]);
      await stores.digests.line.leave(one);
    });

    it('gives one of many who put the same incident there its place', async () => {
      const one = await entry(1);
      const tries = Array.from({ length: 5 }, (_, second) => stand({ ...one, stoodAt: at(second).toISOString() }));
      const done = await Promise.allSettled(tries);
      expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const line = await stores.digests.line.next(10);
      expect(line).toHaveLength(1);
      for (const place of line) await stores.digests.line.leave(place);
    });

    it('remembers the message an incident was told in', async () => {
      const one = await entry(1);
      await stand(one);
      const told = { remoteId: 'C0PARAPET1:1760433500.000009', at: at(60) };
      expect(await stores.digests.line.tell(one, told)).toBe(true);
      expect(await stores.digests.line.tell(one, told)).toBe(true);
      const { remoteId } = told;
      expect(await chatOf(one.incidentId)).toEqual({ ...standing(one), remoteId, updatedAt: at(60).toISOString() });
      await stores.digests.line.leave(one);
    });

    it('lets it stand there anew after that, and an old place says nothing of the new one', async () => {
      const one = await entry(1);
      await stand(one);
      await stores.digests.line.tell(one, { remoteId: 'C0PARAPET1:1.000001', at: at(60) });
      await stores.digests.line.leave(one);
      const anew = { ...one, stoodAt: at(120).toISOString() };
      await stand(anew, await chatOf(one.incidentId));
      expect(await stores.digests.line.tell(one, { remoteId: 'C0PARAPET1:1.000002', at: at(130) })).toBe(false);
      await stores.digests.line.leave(one);
      expect(await stores.digests.line.next(10)).toEqual([anew]);
      expect(await chatOf(one.incidentId)).toEqual(standing(anew));
      await stores.digests.line.leave(anew);
    });

    it('gives way to a message of its own, which the digest no longer touches', async () => {
      const one = await entry(1);
      await stand(one);
      const claim = { destination: 'chat', system: 'slack', now: at(30), leaseSeconds: 60 } as const;
      expect(await stores.incidents.claimPublication(one.incidentId, claim)).toMatchObject({
        mine: true,
        publication: { state: 'claimed' },
      });
      expect(await stores.digests.line.tell(one, { remoteId: 'C0PARAPET1:1.000003', at: at(60) })).toBe(false);
      expect(await chatOf(one.incidentId)).toMatchObject({ state: 'claimed' });
      await stores.digests.line.leave(one);
    });
  });

  describe(`${name}: the digest that is being posted`, () => {
    const post = (seconds: number, members: DigestPost['members'] = []): DigestPost => ({
      digestId: `dig-${seconds}`,
      claimedAt: at(seconds).toISOString(),
      members,
    });
    const receipt = { remoteId: 'C0PARAPET1:1.000001', requestSha256: 'ab'.repeat(32), status: 200 };

    it('is one at a time, remembered from the claim to the end', async () => {
      const { posts } = stores.digests;
      expect(await posts.current()).toBeUndefined();
      const first = post(1, [{ incidentId: 'inc-1', stoodAt: at(0).toISOString() }]);
      const claims = await Promise.all([posts.claim(first, undefined), posts.claim(post(2), undefined)]);
      expect(claims.filter(Boolean)).toHaveLength(1);
      const [held] = claims[0] ? [first] : [post(2)];
      expect(await posts.current()).toEqual(held);
      await posts.posted(held, receipt);
      expect(await posts.current()).toEqual({ ...held, receipt });
      await posts.finish(held);
      expect(await posts.current()).toBeUndefined();
    });

    it('is taken over by exactly one of those who saw it left behind', async () => {
      const { posts } = stores.digests;
      const left = post(10);
      await posts.claim(left, undefined);
      const claims = await Promise.all([posts.claim(post(80), left), posts.claim(post(81), left)]);
      expect(claims.filter(Boolean)).toHaveLength(1);
      // Who was thought dead and comes back changes nothing.
      await expect(posts.posted(left, receipt)).rejects.toBeInstanceOf(ConflictError);
      await posts.finish(left);
      const now = await posts.current();
      expect(now?.digestId).toMatch(/^dig-8[01]$/);
      await posts.finish(claims[0] ? post(80) : post(81));
      expect(await posts.current()).toBeUndefined();
    });
  });
}
