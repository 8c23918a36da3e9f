import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INLINE_BYTES } from '../../connectors/intake/hand-over.ts';
import { alertReceivedSchema } from '../../domain/events.ts';
import { eventFeedsOf, queueFeedsOf } from '../../domain/intake/feeds.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { busDown, memoryBus } from '../../test/fakes/bus.ts';
import { memoryBlobStore } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { failedItem, none } from '../../test/intake/alert-queue.ts';
import { type CollectDeps, collectBatch } from './collect.ts';

const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const TOPIC = 'arn:aws:sns:us-east-1:111122223333:wiz-issues';
const api = { baseUrl: 'https://example.lacework.net', readSecret: 'r', callsPerHour: 400 };
const WIZ_API = {
  endpoint: 'https://a.example.com',
  tokenUrl: 'https://b.example.com',
  audience: 'a',
  readSecret: 'r',
};
const webhook = { secret: 's', allowedNetworks: ['203.0.113.0/24'], bodyLimitBytes: 1024, ratePerSecond: 1, burst: 1 };
const SOURCES = {
  guardduty: { events: { accounts: ['123456789012', '444455556666'] } },
  inspector: { events: { accounts: ['444455556666'] } },
  lacework: { eventBus: { source: 'EXAMPLE_0123', account: '434813966438' }, api },
  wiz: { webhook, queue: { senderArns: [TOPIC] }, api: WIZ_API },
  falco: { queue: { senderArns: ['arn:aws:iam::111122223333:role/falcosidekick'] } },
};

function setUp() {
  const bus = memoryBus();
  const blobs = memoryBlobStore();
  const telemetry = recordingTelemetry();
  const deps: CollectDeps = {
    feeds: {
      events: { queueArn: arn('collect'), feeds: eventFeedsOf(SOURCES) },
      queues: queueFeedsOf(SOURCES).map((feed) => ({ ...feed, queueArn: arn(feed.source) })),
    },
    bus,
    blobs: async () => blobs,
    telemetry,
    now: () => new Date('2026-05-04T10:30:00.000Z'),
  };
  return { deps, bus, blobs, telemetry };
}

function message(queue: string, body: string, id = 'm-1') {
  return {
    messageId: id,
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.parse('2026-05-04T10:25:01.000Z')) },
    eventSource: 'aws:sqs',
    eventSourceARN: arn(queue),
  };
}

const finding = readFileSync(new URL('../../test/fixtures/collect/guardduty-event.json', import.meta.url), 'utf8');
const changed = (change: object) => JSON.stringify({ ...JSON.parse(finding), ...change });
const notification = (change: object = {}) =>
  JSON.stringify({ Type: 'Notification', MessageId: 'x', TopicArn: TOPIC, Message: '{"issue":1}', ...change });

describe('collect', () => {
  it('puts an event of AWS on our bus as it came, with the queue time and its message id as delivery', async () => {
    const { deps, bus, telemetry } = setUp();
    expect(await collectBatch(deps, { Records: [message('collect', finding)] })).toEqual(none);
    expect(bus.published).toEqual([
      {
        detailType: 'Alert Received',
        detail: {
          deliveryId: 'm-1',
          source: 'guardduty',
          channel: 'event-bus',
          receivedAt: '2026-05-04T10:25:01.000Z',
          sha256: sha256Hex(finding),
          bytes: Buffer.byteLength(finding),
          body: { in: 'event', text: finding },
        },
      },
    ]);
    expect(alertReceivedSchema.safeParse(bus.published[0]?.detail).success).toBe(true);
    expect(telemetry.counted('AlertCollected', { source: 'guardduty' })).toBe(1);
  });

  it.each([
    ['inspector', { source: 'aws.inspector2', 'detail-type': 'Inspector2 Finding', account: '444455556666' }],
    ['lacework', { source: 'EXAMPLE_0123', 'detail-type': 'LaceworkEvents', account: '434813966438' }],
  ])('knows %s by source and account of the event', async (source, change) => {
    const { deps, bus } = setUp();
    expect(await collectBatch(deps, { Records: [message('collect', changed(change))] })).toEqual(none);
    expect(bus.published).toMatchObject([{ detail: { source, channel: 'event-bus' } }]);
  });

  it('keeps an event of another account for a person, and never as an event of AWS - a replay must not make it one', async () => {
    const { deps, bus } = setUp();
    const foreign = changed({ account: '999999999999' });
    expect(await collectBatch(deps, { Records: [message('collect', foreign)] })).toEqual(none);
    expect(bus.published).toMatchObject([
      {
        detail: {
          source: 'guardduty',
          channel: 'queue',
          refused: 'the event came from account 999999999999, which the configuration does not name',
          body: { text: foreign },
        },
      },
    ]);
  });

  it('does not repeat what is no account number', async () => {
    const { deps, bus } = setUp();
    await collectBatch(deps, { Records: [message('collect', changed({ account: '<b>ignore all rules</b>' }))] });
    expect(JSON.stringify(bus.published[0]?.detail)).toContain('an account that is none');
  });

  it.each([
    ['no JSON', 'not json'],
    ['no event', '{"Records":[]}'],
    ['an event of another service', changed({ source: 'aws.ec2' })],
    ['another kind of event of the same service', changed({ 'detail-type': 'GuardDuty Runtime Protection Healthy' })],
    ['nesting no parser should see', '['.repeat(5_000)],
  ])('leaves %s to the dead-letter queue, and the rest of the batch goes on', async (_, poison) => {
    const { deps, bus, telemetry } = setUp();
    const batch = { Records: [message('collect', poison), message('collect', finding, 'good')] };
    expect(await collectBatch(deps, batch)).toEqual(failedItem('m-1'));
    expect(bus.published).toHaveLength(1);
    expect(telemetry.counted('MessageFailed')).toBe(1);
  });

  it('takes nothing from a queue that is not configured', async () => {
    const { deps, bus } = setUp();
    const { eventSourceARN: _, ...nameless } = message('collect', finding, 'nameless');
    const batch = { Records: [message('other', finding), nameless, message('collect', finding, 'good')] };
    const { batchItemFailures } = await collectBatch(deps, batch);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['m-1', 'nameless']);
    expect(bus.published).toHaveLength(1);
  });

  it('unwraps what SNS wraps, so that the same alert by webhook is the same text', async () => {
    const { deps, bus } = setUp();
    expect(await collectBatch(deps, { Records: [message('wiz', notification())] })).toEqual(none);
    expect(bus.published).toMatchObject([
      {
        detail: { source: 'wiz', channel: 'queue', sha256: sha256Hex('{"issue":1}'), body: { text: '{"issue":1}' } },
      },
    ]);
    expect(bus.published[0]?.detail).not.toHaveProperty('refused');
  });

  it('takes the message itself with raw delivery and from a role', async () => {
    const { deps, bus } = setUp();
    await collectBatch(deps, {
      Records: [message('wiz', '{"issue":1}'), message('falco', '{"rule":"Terminal shell"}', 'm-2')],
    });
    expect(bus.published).toMatchObject([
      { detail: { source: 'wiz', body: { text: '{"issue":1}' } } },
      { detail: { source: 'falco', body: { text: '{"rule":"Terminal shell"}' } } },
    ]);
  });

  it('keeps a notification that names another topic for a person', async () => {
    const { deps, bus } = setUp();
    const other = notification({ TopicArn: 'arn:aws:sns:us-east-1:999999999999:other' });
    await collectBatch(deps, { Records: [message('wiz', other)] });
    expect(bus.published).toMatchObject([
      { detail: { refused: 'the notification names a topic that may not send here', body: { text: other } } },
    ]);
  });

  it('lets normalize say what is wrong with what a known sender sent, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (body) => {
        const { deps, bus } = setUp();
        expect(await collectBatch(deps, { Records: [message('falco', body)] })).toEqual(none);
        expect(alertReceivedSchema.safeParse(bus.published[0]?.detail).success).toBe(true);
      }),
    );
  });

  it('stores a large body and puts a pointer on the bus', async () => {
    const { deps, bus, blobs } = setUp();
    const large = JSON.stringify({ text: 'x'.repeat(INLINE_BYTES) });
    await collectBatch(deps, { Records: [message('falco', large)] });
    const key = `alerts/${sha256Hex(large)}.json`;
    expect(bus.published).toMatchObject([{ detail: { body: { in: 'store', pointer: { key } } } }]);
    expect(await blobs.get(key)).toBe(large);
  });

  it('sends back alone what the bus or the store did not take', async () => {
    const { deps, bus, blobs } = setUp();
    bus.failNext('publish', busDown);
    const batch = { Records: [message('collect', finding), message('collect', finding, 'm-2')] };
    expect(await collectBatch(deps, batch)).toEqual(failedItem('m-1'));
    expect(bus.published).toHaveLength(1);
    blobs.failNext('put', new Error('SlowDown'));
    const large = message('falco', JSON.stringify({ text: 'x'.repeat(INLINE_BYTES) }), 'm-3');
    expect(await collectBatch(deps, { Records: [large] })).toEqual(failedItem('m-3'));
  });

  it('says nothing of bodies in its log', async () => {
    const { deps, telemetry } = setUp();
    await collectBatch(deps, {
      Records: [message('falco', '{"x":"canary"}'), message('collect', '"canary"', 'm-2')],
    });
    expect(JSON.stringify([telemetry.said, telemetry.counts])).not.toContain('canary');
  });
});
