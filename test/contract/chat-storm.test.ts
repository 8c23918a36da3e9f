import { afterEach, describe, expect, it } from 'vitest';
import { postDigest } from '../../functions/post-digest/post-digest.ts';
import { type PublishChatDeps, publishChat } from '../../functions/publish-chat/publish-chat.ts';
import { type BusyChannel, busyChannel } from '../stories/low-incidents.ts';

let channel: BusyChannel;
afterEach(() => channel.server.close());

const PER_MINUTE = 5;
const MINUTES = 3;
const A_MINUTE = 40;

/** Opens the incidents of one minute, one of them severe, and publishes each by some process; every third step comes twice. */
async function stormOf(minute: number, processes: readonly PublishChatDeps[]): Promise<string[]> {
  const opened: string[] = [];
  for (let index = 0; index < A_MINUTE; index += 1) {
    const incidentId = await channel.open(`team-${minute}-${index}`, index === 20 ? { severity: 'critical' } : {});
    opened.push(incidentId);
    const deliveries = index % 3 === 0 ? [index, index + 1] : [index];
    for (const one of deliveries) {
      await publishChat(processes[one % processes.length] ?? channel.publishing(), { incidentId, stage: 'opened' });
    }
    channel.clock.at += 1_000;
  }
  channel.clock.at += 60_000 - A_MINUTE * 1_000;
  return opened;
}

async function end(incidentIds: readonly string[]): Promise<void> {
  for (const incidentId of incidentIds) {
    await channel.conclude(incidentId, 'no-action-needed');
    await publishChat(channel.publishing(), { incidentId, stage: 'concluded' });
  }
}

describe('a storm of low incidents in the chat channel', () => {
  it('is a bounded number of messages in which nobody is lost, and severe ones stand alone in the middle of it', async () => {
    channel = await busyChannel({ perMinute: PER_MINUTE });
    const processes = [channel.publishing(), channel.publishing(), channel.publishing()];
    const first = await stormOf(0, processes);
    await postDigest(channel.posting);
    await end(first);
    const second = await stormOf(1, processes);
    channel.server.misbehave({ system: 'slack', reply: { status: 503 } });
    await expect(postDigest(channel.posting)).rejects.toThrow();
    await end(second);
    const third = await stormOf(2, processes);
    await postDigest(channel.posting);
    await end(third);

    const all = [...first, ...second, ...third];
    const messages = channel.messages();
    const alone = messages.filter(({ metadata }) => metadata.event_type === 'parapet_incident');
    const digests = messages.filter(({ metadata }) => metadata.event_type === 'parapet_digest');
    // The severe one of each minute beside what the rate lets through; the digest Slack refused was told with the next.
    expect(alone).toHaveLength((PER_MINUTE + 1) * MINUTES);
    expect(digests.map(({ text }) => text)).toEqual(['34 incidents: 34 low', '68 incidents: 68 low']);

    const chats = await Promise.all(
      all.map(async (incidentId) => ({ incidentId, chat: await channel.chatOf(incidentId) })),
    );
    const told = chats.filter(({ chat }) => chat?.state === 'in-digest');
    expect(told).toHaveLength(34 + 68);
    // Each incident is in exactly one message, its own or a digest, and knows which.
    const own = alone.map(({ metadata }) => metadata.event_payload['incident_id']);
    expect([...own, ...told.map(({ incidentId }) => incidentId)].sort()).toEqual([...all].sort());
    const posted = new Set(messages.map(({ ts }) => `C0PARAPET1:${ts}`));
    expect(chats.filter(({ chat }) => !posted.has(chat?.remoteId ?? ''))).toEqual([]);
    expect(own).toEqual(expect.arrayContaining([first[20], second[20], third[20]]));
    expect(await channel.line.next(1)).toEqual([]);
  });
});
