import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PublicationBusyError } from '../../connectors/publication/publish.ts';
import { ConflictError } from '../../connectors/store/ports.ts';
import { publishOutputSchema } from '../../domain/orchestration.ts';
import { type BusyChannel, busyChannel } from '../../test/stories/low-incidents.ts';
import { publishChat } from './publish-chat.ts';

let channel: BusyChannel;
beforeEach(async () => {
  channel = await busyChannel({ perMinute: 2 });
});
afterEach(() => channel.server.close());

const tell = async (
  incidentId: string,
  stage: 'opened' | 'concluded' | 'drifted' = 'opened',
  deps = channel.publishing(),
) => publishOutputSchema.parse(await publishChat(deps, { incidentId, stage }));
/** Uses up the rate of this minute. */
async function fillMinute(): Promise<void> {
  await tell(await channel.open('first'));
  await tell(await channel.open('second'));
}
const inDigest = { destination: 'chat', state: 'in-digest' };

describe('incidents beyond the rate of the channel', () => {
  it('stand in the line of the digest instead of the channel, and the log says so', async () => {
    await fillMinute();
    const third = await channel.open('third', { severity: 'medium' });
    expect(await tell(third)).toEqual(inDigest);
    expect(channel.messages()).toHaveLength(2);
    expect(await channel.line.next(10)).toEqual([
      {
        incidentId: third,
        stoodAt: '2025-10-14T09:20:00.000Z',
        severity: 'medium',
        what: 'Crypto miner process',
        headline: 'Suspicious: interactive shell in third',
        workload: 'third/checkout in prod-eks',
      },
    ]);
    expect(await channel.saidOf(third)).toEqual([['publish-chat', 'published', 'opened', 'in-digest']]);
    expect(channel.telemetry.counted('IncidentInDigest')).toBe(1);
  });

  it('are counted over all processes, and anew in the next minute', async () => {
    const processes = [channel.publishing(), channel.publishing(), channel.publishing()];
    const states: string[] = [];
    for (const [index, deps] of processes.entries()) {
      states.push((await tell(await channel.open(`one-${index}`), 'opened', deps)).state);
    }
    channel.clock.at += 60_000;
    for (const [index, deps] of processes.entries()) {
      states.push((await tell(await channel.open(`two-${index}`), 'opened', deps)).state);
    }
    expect(states).toEqual(['created', 'created', 'in-digest', 'created', 'created', 'in-digest']);
  });

  it.each([
    ['high severity', { severity: 'high' }],
    ['critical severity', { severity: 'critical' }],
    ['a malicious verdict', { severity: 'low', verdict: 'malicious' }],
  ] as const)('never are those of %s - but they take the room of others', async (_, change) => {
    await tell(await channel.open('severe-1', change));
    await tell(await channel.open('severe-2', change));
    expect((await tell(await channel.open('severe-3', change))).state).toBe('created');
    expect((await tell(await channel.open('low'))).state).toBe('in-digest');
    expect(channel.messages()).toHaveLength(3);
  });

  it('are as severe as their analysis says, when that is worse than the alert', async () => {
    await fillMinute();
    const incidentId = await channel.open('worse');
    await channel.analyse(incidentId, { severity: 'high', verdict: 'suspicious' });
    expect((await tell(incidentId)).state).toBe('created');
  });

  it('are told at once, each alone, when what was contained no longer is - it was said to be', async () => {
    await fillMinute();
    const incidentId = await channel.open('low');
    expect((await tell(incidentId)).state).toBe('in-digest');
    expect((await tell(incidentId, 'drifted')).state).toBe('created');
  });

  it('are put there once, however often the step is delivered, and take no room again', async () => {
    await fillMinute();
    const third = await channel.open('third');
    expect(await tell(third)).toEqual(inDigest);
    channel.clock.at += 60_000;
    expect(await tell(third)).toEqual(inDigest);
    expect(await channel.line.next(10)).toHaveLength(1);
    expect(await channel.saidOf(third)).toHaveLength(1);
    // Had the repetition been counted, only one of these would find room.
    expect((await tell(await channel.open('fourth'))).state).toBe('created');
    expect((await tell(await channel.open('fifth'))).state).toBe('created');
  });

  it('keep the message they have - it is brought up to date in a full minute too', async () => {
    const first = await channel.open('first');
    await tell(first);
    await tell(await channel.open('second'));
    await channel.conclude(first, 'no-action-needed');
    expect((await tell(first, 'concluded')).state).toBe('updated');
    expect((await tell(first)).state).toBe('updated');
    expect(channel.messages()).toHaveLength(2);
  });

  it('are not told again when they end as most do - the ticket has the end', async () => {
    await fillMinute();
    const third = await channel.open('third');
    await tell(third);
    await channel.conclude(third, 'advice-only');
    expect(await tell(third, 'concluded')).toEqual(inDigest);
    expect(channel.messages()).toHaveLength(2);
    expect(await channel.line.next(10)).toHaveLength(1);
  });

  it('go into the next digest when they end so that somebody must look, once', async () => {
    await fillMinute();
    const third = await channel.open('third');
    await tell(third);
    const [place] = await channel.line.next(10);
    if (place === undefined) throw new Error('it stands in the line');
    await channel.line.tell(place, { remoteId: 'C0PARAPET1:1.000001', at: channel.now() });
    await channel.line.leave(place);
    channel.clock.at += 10_000;
    await channel.conclude(third, 'action-failed');
    expect(await tell(third, 'concluded')).toEqual(inDigest);
    channel.clock.at += 10_000;
    expect(await tell(third, 'concluded')).toEqual(inDigest);
    expect(await channel.line.next(10)).toMatchObject([{ incidentId: third, stoodAt: '2025-10-14T09:20:10.000Z' }]);
    expect(await channel.chatOf(third)).not.toHaveProperty('remoteId');
  });

  it('get a message of their own when they turn out severe, wherever they stand', async () => {
    await fillMinute();
    const third = await channel.open('third');
    await tell(third);
    await channel.analyse(third, { severity: 'low', verdict: 'malicious' });
    await channel.conclude(third, 'no-action-needed');
    expect(await tell(third, 'concluded')).toMatchObject({ state: 'created', remoteId: expect.any(String) });
    expect(channel.messages()).toHaveLength(3);
    expect(channel.messages().at(-1)?.metadata.event_payload).toEqual({ incident_id: third });
    expect(await channel.chatOf(third)).toMatchObject({ state: 'created' });
  });

  it('have their place when Slack refused them before and the minute is full at the end', async () => {
    const third = await channel.open('third');
    channel.server.misbehave({ system: 'slack', reply: { status: 200, body: '{"ok":false,"error":"rate_limited"}' } });
    expect((await tell(third)).state).toBe('failed');
    await tell(await channel.open('other'));
    await channel.conclude(third, 'advice-only');
    expect(await tell(third, 'concluded')).toEqual(inDigest);
    expect(await channel.line.next(10)).toHaveLength(1);
  });

  it('are tried again when somebody else changed their message meanwhile', async () => {
    await fillMinute();
    const third = await channel.open('third');
    channel.line.failNext('stand', new ConflictError('changed'));
    await expect(tell(third)).rejects.toBeInstanceOf(ConflictError);
    expect(await channel.saidOf(third)).toEqual([]);
    expect(await tell(third)).toEqual(inDigest);
  });

  it('never overwrite the digest they were told in with words about themselves alone', async () => {
    await fillMinute();
    const third = await channel.open('third', { severity: 'high' });
    const digest = { remoteId: channel.messages().at(0)?.ts ?? '', at: channel.now() };
    const lost = {
      ...channel.publishing(),
      incidents: {
        ...channel.incidents,
        // Between reading and claiming, the digest that told it was recorded.
        claimPublication: async () => ({
          mine: false,
          stale: false,
          publication: {
            destination: 'chat' as const,
            system: 'slack',
            state: 'in-digest' as const,
            remoteId: `C0PARAPET1:${digest.remoteId}`,
            claimedAt: digest.at.toISOString(),
            updatedAt: digest.at.toISOString(),
          },
        }),
        get: (id: string) => channel.incidents.get(id),
        publications: (id: string) => channel.incidents.publications(id),
      },
    };
    await expect(tell(third, 'concluded', lost)).rejects.toBeInstanceOf(PublicationBusyError);
    expect(channel.messages().map(({ updates }) => updates)).toEqual([0, 0]);
  });
});
