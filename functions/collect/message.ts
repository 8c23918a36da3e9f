import * as z from 'zod';
import type { QueueMessage } from '../../connectors/runtime/queue-batch.ts';
import type { EventFeed } from '../../domain/intake/feeds.ts';
import { measureJson } from '../../domain/intake/json-limits.ts';
import type { Channel, Source } from '../../domain/source.ts';

/** A message of which nobody can say whose alert it is. Only the dead-letter queue can keep it. */
export class PoisonMessageError extends Error {
  override readonly name = 'PoisonMessageError';
}

/** Where messages come from. Lambda's poller names the queue, so its ARN tells the channel; the text tells nothing by itself. */
export interface Feeds {
  readonly events: { readonly queueArn: string; readonly feeds: readonly EventFeed[] };
  readonly queues: readonly {
    readonly source: Source;
    readonly queueArn: string;
    readonly senderArns: readonly string[];
  }[];
}

/** One alert of a queue. `refused`: authentic enough to be kept and shown, but nobody may make findings of it. */
export interface CollectedAlert {
  readonly source: Source;
  readonly channel: Channel;
  readonly text: string;
  readonly refused?: string;
}

/** @throws PoisonMessageError */
export function readMessage(feeds: Feeds, { body, queueArn }: Pick<QueueMessage, 'body' | 'queueArn'>): CollectedAlert {
  if (queueArn === feeds.events.queueArn) return readEvent(feeds.events.feeds, body);
  const queue = feeds.queues.find((one) => one.queueArn === queueArn);
  if (queue === undefined) throw new PoisonMessageError('the message came from a queue that is not configured');
  return readQueued(queue, body);
}

const eventSchema = z.object({ source: z.string(), 'detail-type': z.string(), account: z.string() });

/** Checks again what the rule matched: whoever may write to the queue must not become another account by it. */
function readEvent(feeds: readonly EventFeed[], body: string): CollectedAlert {
  const event = eventSchema.safeParse(parseWithinLimits(body));
  if (!event.success)
    throw new PoisonMessageError('the message is not an event of EventBridge', { cause: event.error });
  const { source: eventSource, 'detail-type': detailType, account } = event.data;
  const ofSource = feeds.filter((feed) => feed.eventSource === eventSource && feed.detailType === detailType);
  const [first] = ofSource;
  if (first === undefined) throw new PoisonMessageError('the event is not of a configured source');
  const feed = ofSource.find(({ accounts }) => accounts.includes(account));
  if (feed !== undefined) return { source: feed.source, channel: 'event-bus', text: body };
  // Not `event-bus`: a replay must not make an event of AWS of it.
  const who = /^\d{12}$/.test(account) ? `account ${account}` : 'an account that is none';
  return {
    source: first.source,
    channel: 'queue',
    text: body,
    refused: `the event came from ${who}, which the configuration does not name`,
  };
}

const notificationSchema = z.object({ Type: z.literal('Notification'), TopicArn: z.string(), Message: z.string() });

/** What SNS wraps is unwrapped; with raw delivery, and from senders of their own, the message is the alert. */
function readQueued({ source, senderArns }: Feeds['queues'][number], body: string): CollectedAlert {
  const notification = notificationSchema.safeParse(parseWithinLimits(body));
  if (!notification.success) return { source, channel: 'queue', text: body };
  const { TopicArn, Message } = notification.data;
  if (senderArns.includes(TopicArn)) return { source, channel: 'queue', text: Message };
  return { source, channel: 'queue', text: body, refused: 'the notification names a topic that may not send here' };
}

/** undefined when it is no JSON, or JSON nobody should parse: what it then is, is told where the alert is read. */
function parseWithinLimits(text: string): unknown {
  if (!measureJson(text).ok) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
