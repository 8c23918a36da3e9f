import { describe, expect, it } from 'vitest';
import type { AlertPoller, PollAsk, PollPage } from '../../connectors/cwpp/poller.ts';
import { RefusedError } from '../../connectors/http/request.ts';
import { alertReceivedSchema } from '../../domain/events.ts';
import { pollOutputSchema } from '../../domain/reconcile.ts';
import { busDown, memoryBus } from '../../test/fakes/bus.ts';
import { memoryPollStore } from '../../test/fakes/context-stores.ts';
import { memoryBlobStore } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { PagingError, poll } from './poll.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const minutes = (count: number) => new Date(NOW - count * 60_000).toISOString();
const source = 'prisma-cloud-compute';

/** A vendor whose alerts come on the given pages; a page may be an error. */
function vendor(pages: readonly (readonly string[] | Error)[]): AlertPoller & { readonly asked: PollAsk[] } {
  const asked: PollAsk[] = [];
  return {
    asked,
    async poll(ask): Promise<PollPage> {
      asked.push(ask);
      const at = Number(ask.next ?? 0);
      const page = pages[at] ?? [];
      if (page instanceof Error) throw page;
      return at + 1 < pages.length ? { bodies: page, next: String(at + 1) } : { bodies: page };
    },
  };
}

function setUp(pages: readonly (readonly string[] | Error)[], cursor?: string) {
  const clock = { at: NOW };
  const poller = vendor(pages);
  const fakes = { polls: memoryPollStore(), bus: memoryBus(), telemetry: recordingTelemetry() };
  const blobs = memoryBlobStore();
  const deliveries = ['one'];
  const deps = {
    ...fakes,
    pollerOf: (name: string) => (name === source ? poller : undefined),
    blobs: async () => blobs,
    now: () => new Date(clock.at),
    newDeliveryId: () => `delivery-${deliveries.push('next')}`,
  };
  const seed = async () => {
    if (cursor !== undefined)
      await fakes.polls.advance({ source, cursor, lastPollAt: cursor, lastAlerts: 0 }, undefined);
  };
  return {
    ...fakes,
    deps,
    clock,
    poller,
    seed,
    run: async (resume: unknown = null) => pollOutputSchema.parse(await poll(deps, { source, resume })),
    texts: () =>
      fakes.bus.published.map(({ detail }) => {
        const { body, ...alert } = alertReceivedSchema.parse(detail);
        return {
          channel: alert.channel,
          source: alert.source,
          text: body.in === 'event' ? body.text : body.pointer.key,
        };
      }),
  };
}

describe('poll', () => {
  it('asks from the cursor with an overlap, hands every alert on as polled, and moves the cursor', async () => {
    const { run, seed, poller, polls, texts } = setUp([['{"a":1}', '{"a":2}'], ['{"a":3}']], minutes(20));
    await seed();
    expect(await run()).toEqual({ source, more: false, resume: null, alerts: 3, reason: 'all is handed on' });
    expect(poller.asked).toMatchObject([
      { since: new Date(minutes(30)), until: new Date(minutes(2)), next: undefined },
      { since: new Date(minutes(30)), until: new Date(minutes(2)), next: '1' },
    ]);
    expect(texts()).toEqual(['{"a":1}', '{"a":2}', '{"a":3}'].map((text) => ({ channel: 'poll', source, text })));
    expect(await polls.get(source)).toEqual({
      source,
      cursor: minutes(2),
      lastPollAt: minutes(0),
      lastAlerts: 3,
    });
  });

  it('looks back an hour the first time - a new installation does not open the past of a tenant', async () => {
    const { run, poller, polls } = setUp([[]]);
    await run();
    expect(poller.asked[0]?.since.toISOString()).toBe(minutes(72));
    expect((await polls.get(source))?.cursor).toBe(minutes(2));
  });

  it('never moves the cursor past a page that failed, and says what was in the way', async () => {
    const refusal = new RefusedError('GET console answered 500', { status: 500, excerpt: '' });
    const { run, seed, polls, texts } = setUp([['{"a":1}'], refusal, ['{"a":3}']], minutes(20));
    await seed();
    await expect(run()).rejects.toBe(refusal);
    expect(texts()).toHaveLength(1);
    expect(await polls.get(source)).toMatchObject({
      cursor: minutes(20),
      lastPollAt: minutes(0),
      trouble: 'RefusedError: GET console answered 500',
    });
  });

  it('never moves the cursor past an alert that is not on the bus', async () => {
    const { run, seed, polls, bus } = setUp([['{"a":1}']], minutes(20));
    await seed();
    bus.failNext('publish', busDown);
    await expect(run()).rejects.toBe(busDown);
    expect((await polls.get(source))?.cursor).toBe(minutes(20));
    expect(await run()).toMatchObject({ alerts: 1, more: false });
    expect(await polls.get(source)).not.toHaveProperty('trouble');
  });

  it('stops when its pages are used up and goes on where it was, in the same period', async () => {
    const pages = Array.from({ length: 23 }, (_, index) => [`{"page":${index}}`]);
    const { run, seed, polls, texts, poller, clock } = setUp(pages, minutes(20));
    await seed();
    const first = await run();
    expect(first).toMatchObject({ more: true, alerts: 20, resume: { next: '20', until: minutes(2) } });
    expect((await polls.get(source))?.cursor).toBe(minutes(20));
    clock.at += 5 * 60_000;
    expect(await run(first.resume)).toMatchObject({ more: false, alerts: 23 });
    expect(texts()).toHaveLength(23);
    expect(poller.asked.at(-1)?.until.toISOString()).toBe(minutes(2));
    expect(await polls.get(source)).toMatchObject({ cursor: minutes(2), lastAlerts: 23 });
  });

  it('closes a long gap piece by piece', async () => {
    const { run, seed, polls } = setUp([['{"a":1}']], minutes(13 * 60));
    await seed();
    expect(await run()).toMatchObject({ more: true, resume: null });
    expect((await polls.get(source))?.cursor).toBe(minutes(7 * 60));
    expect(await run()).toMatchObject({ more: true });
    expect(await run()).toMatchObject({ more: false });
    expect((await polls.get(source))?.cursor).toBe(minutes(2));
  });

  it('gives way to another poll that moved the cursor meanwhile - two may run, one may count', async () => {
    const { run, seed, polls, poller } = setUp([['{"a":1}']], minutes(20));
    await seed();
    const { resume } = {
      resume: { since: minutes(60), until: minutes(40), cursor: minutes(50), next: null, alerts: 0 },
    };
    expect(await run(resume)).toMatchObject({ more: false, reason: 'another poll has moved the cursor' });
    expect(poller.asked).toEqual([]);
    expect((await polls.get(source))?.cursor).toBe(minutes(20));
  });

  it('refuses to be sent in circles', async () => {
    const { deps, seed, polls } = setUp([[]], minutes(20));
    await seed();
    const circling = { ...deps, pollerOf: () => ({ poll: async () => ({ bodies: [], next: 'again' }) }) };
    await expect(poll(circling, { source, resume: null })).rejects.toThrow(PagingError);
    expect((await polls.get(source))?.cursor).toBe(minutes(20));
  });

  it('has nothing to do for a source that cannot be asked, or when nothing has settled', async () => {
    const { deps, run, seed } = setUp([[]], minutes(1));
    await seed();
    expect(await poll(deps, { source: 'falco', resume: null })).toMatchObject({ more: false, alerts: 0 });
    expect(await run()).toMatchObject({ more: false, reason: 'nothing has settled since the last poll' });
  });

  it('puts a large record in the evidence bucket, as receive does', async () => {
    const { run, seed, texts } = setUp([[`{"a":"${'x'.repeat(300_000)}"}`]], minutes(20));
    await seed();
    await run();
    expect(texts()).toMatchObject([{ text: expect.stringMatching(/^alerts\//) }]);
  });
});
