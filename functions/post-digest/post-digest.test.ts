import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DestinationRefusedError } from '../../connectors/publication/destination.ts';
import { type BusyChannel, busyChannel } from '../../test/stories/low-incidents.ts';
import { publishChat } from '../publish-chat/publish-chat.ts';
import { postDigest } from './post-digest.ts';

let channel: BusyChannel;
beforeEach(async () => {
  // Whoever is told of first has the one message of the minute.
  channel = await busyChannel({ perMinute: 1 });
  await stand('first');
});
afterEach(() => channel.server.close());

async function stand(name: string, judged: Parameters<BusyChannel['open']>[1] = {}): Promise<string> {
  const incidentId = await channel.open(name, judged);
  await publishChat(channel.publishing(), { incidentId, stage: 'opened' });
  channel.clock.at += 1;
  return incidentId;
}
const digests = () => channel.messages().filter(({ metadata }) => metadata.event_type === 'parapet_digest');
const shown = () => JSON.stringify(digests().map(({ blocks }) => blocks));
const inLine = async () => (await channel.line.next(100)).map(({ incidentId }) => incidentId);
const anError = new Error('throttled');

describe('posting a digest', () => {
  it('tells everybody in the line in one message, says so of each, and only then lets them leave', async () => {
    const [second, third] = [await stand('second', { severity: 'medium' }), await stand('third')];
    expect(await postDigest(channel.posting)).toEqual({ told: 2 });
    expect(digests()).toHaveLength(1);
    expect(digests()[0]?.text).toBe('2 incidents: 1 medium, 1 low');
    expect(shown()).toContain(`[medium] ${second}: Suspicious: interactive shell in second`);
    const remoteId = `C0PARAPET1:${digests()[0]?.ts}`;
    for (const incidentId of [second, third]) {
      expect(await channel.chatOf(incidentId)).toMatchObject({ state: 'in-digest', remoteId });
      expect(await channel.saidOf(incidentId)).toEqual([
        ['publish-chat', 'published', 'opened', 'in-digest'],
        ['post-digest', 'published', 'digest', 'told-in-digest'],
      ]);
    }
    expect((await channel.audit.read(second)).at(-1)?.data).toEqual({
      destination: 'chat',
      system: 'slack',
      stage: 'digest',
      state: 'told-in-digest',
      digestId: digests()[0]?.metadata.event_payload['digest_id'],
      remoteId,
      requestSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      status: 200,
    });
    expect(await inLine()).toEqual([]);
    expect(await channel.posts.current()).toBeUndefined();
    expect(await postDigest(channel.posting)).toEqual({ told: 0 });
    expect(digests()).toHaveLength(1);
  });

  it('shows each as it stands now: what became more severe, its ticket and its end', async () => {
    const second = await stand('second');
    await channel.incidents.recordPublication(second, {
      destination: 'ticket',
      system: 'jira',
      state: 'created',
      remoteId: 'SEC-12',
      url: 'https://example.atlassian.net/browse/SEC-12',
      claimedAt: channel.now().toISOString(),
      updatedAt: channel.now().toISOString(),
    });
    await channel.conclude(second, 'advice-only');
    await postDigest(channel.posting);
    expect(shown()).toContain(
      `[low] SEC-12 ${second}: Suspicious: interactive shell in second (advice only, nothing was executed)`,
    );
    expect(shown()).toContain('"url":"https://example.atlassian.net/browse/SEC-12"');
  });

  it('leaves out who has a message of its own by now, but not who only tried to', async () => {
    const [second, third] = [await stand('second'), await stand('third')];
    for (const incidentId of [second, third]) {
      await channel.analyse(incidentId, { severity: 'low', verdict: 'malicious' });
      await channel.conclude(incidentId, 'advice-only');
    }
    await publishChat(channel.publishing(), { incidentId: second, stage: 'concluded' });
    channel.server.misbehave({ system: 'slack', reply: { status: 200, body: '{"ok":false,"error":"rate_limited"}' } });
    await publishChat(channel.publishing(), { incidentId: third, stage: 'concluded' });
    expect(await postDigest(channel.posting)).toEqual({ told: 1 });
    expect(shown()).toContain(third);
    expect(shown()).not.toContain(second);
    expect(await channel.chatOf(second)).toMatchObject({ state: 'created' });
    expect(await inLine()).toEqual([]);
  });

  it('tells an incident once that ended before its digest, though it stands there twice', async () => {
    const second = await stand('second');
    await channel.conclude(second, 'failed');
    await publishChat(channel.publishing(), { incidentId: second, stage: 'concluded' });
    expect(await inLine()).toEqual([second, second]);
    expect(await postDigest(channel.posting)).toEqual({ told: 1 });
    expect(digests()[0]?.text).toBe('1 incident: 1 low');
    expect(shown()).toContain('the pipeline failed, a person must look at it');
    expect(await inLine()).toEqual([]);
    expect(await channel.chatOf(second)).toMatchObject({ remoteId: `C0PARAPET1:${digests()[0]?.ts}` });
  });

  it('keeps for the next digest who ended while this one was being posted', async () => {
    const second = await stand('second');
    const slow = {
      ...channel.posting,
      chat: {
        system: 'slack' as const,
        messagesPerMinute: 1,
        slack: {
          async postDigest(content: Parameters<NonNullable<typeof channel.posting.chat>['slack']['postDigest']>[0]) {
            const receipt = await channel.posting.chat?.slack.postDigest(content);
            if (receipt === undefined) throw new Error('there is a channel');
            await channel.conclude(second, 'expired');
            await publishChat(channel.publishing(), { incidentId: second, stage: 'concluded' });
            return receipt;
          },
        },
      },
    };
    await postDigest(slow);
    expect(await inLine()).toEqual([second]);
    await postDigest(channel.posting);
    expect(digests()).toHaveLength(2);
    expect(JSON.stringify(digests()[1])).toContain('nobody decided in time');
    expect(await inLine()).toEqual([]);
  });

  it('loses nobody when Slack refuses: the run fails, the alarm rings, the next one tells them', async () => {
    const second = await stand('second');
    channel.server.misbehave({ system: 'slack', reply: { status: 200, body: '{"ok":false,"error":"is_archived"}' } });
    await expect(postDigest(channel.posting)).rejects.toBeInstanceOf(DestinationRefusedError);
    expect(await inLine()).toEqual([second]);
    expect(await postDigest(channel.posting)).toEqual({ told: 1 });
    expect(digests()).toHaveLength(1);
  });

  it('does not post twice within one run after silence, and tells everybody in the next', async () => {
    await stand('second');
    channel.server.misbehave({ system: 'slack', reply: { cutAfterBytes: 4 } });
    const before = channel.server.calls.length;
    await expect(postDigest(channel.posting)).rejects.toMatchObject({ outcomeUnknown: true });
    expect(channel.server.calls).toHaveLength(before + 1);
    expect(await postDigest(channel.posting)).toEqual({ told: 1 });
    // The same members, so a person who sees both sees that they are one.
    expect(new Set(digests().map(({ metadata }) => metadata.event_payload['digest_id'])).size).toBe(1);
  });

  it.each(['publications', 'tell', 'leave', 'append', 'finish'] as const)(
    'is finished by the next run without a second message when %s fails after the post',
    async (method) => {
      const members = [await stand('second'), await stand('third'), await stand('fourth')];
      const posting = {
        ...channel.posting,
        posts: {
          current: () => channel.posts.current(),
          claim: channel.posts.claim,
          finish: channel.posts.finish,
          async posted(...args: Parameters<typeof channel.posts.posted>) {
            await channel.posts.posted(...args);
            if (method === 'publications') channel.incidents.failNext('publications', anError);
            if (method === 'tell') channel.line.failNext('tell', anError);
            if (method === 'leave') channel.line.failNext('leave', anError);
            if (method === 'append') channel.audit.failNext('append', anError);
            if (method === 'finish') channel.posts.failNext('finish', anError);
          },
        },
      };
      await expect(postDigest(posting)).rejects.toBe(anError);
      expect(await postDigest(channel.posting)).toEqual({ told: 0 });
      expect(digests()).toHaveLength(1);
      expect(await inLine()).toEqual([]);
      for (const incidentId of members) {
        expect(await channel.chatOf(incidentId)).toMatchObject({ remoteId: `C0PARAPET1:${digests()[0]?.ts}` });
        const told = (await channel.saidOf(incidentId)).filter(([actor]) => actor === 'post-digest');
        expect(told.length).toBeGreaterThanOrEqual(1);
      }
    },
  );

  it('waits for a run that may be alive, and does its work when it is certainly dead', async () => {
    const second = await stand('second');
    channel.posts.failNext('posted', anError);
    await expect(postDigest(channel.posting)).rejects.toBe(anError);
    expect(digests()).toHaveLength(1);
    channel.clock.at += 30_000;
    expect(await postDigest(channel.posting)).toEqual({ told: 0 });
    expect(await inLine()).toEqual([second]);
    channel.clock.at += 30_000;
    expect(await postDigest(channel.posting)).toEqual({ told: 1 });
    // Slack cannot be asked, so it is told twice rather than not at all.
    expect(digests()).toHaveLength(2);
    expect(await inLine()).toEqual([]);
  });

  it('is done by one of two runs at a time', async () => {
    await stand('second');
    const runs = await Promise.all([postDigest(channel.posting), postDigest(channel.posting)]);
    expect(runs.map(({ told }) => told).sort()).toEqual([0, 1]);
    expect(digests()).toHaveLength(1);
  });

  it('says nothing when nobody waits or no chat is configured', async () => {
    expect(await postDigest(channel.posting)).toEqual({ told: 0 });
    await stand('second');
    expect(await postDigest({ ...channel.posting, chat: undefined })).toEqual({ told: 0 });
    expect(digests()).toEqual([]);
  });
});
