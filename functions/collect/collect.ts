import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import type { Bus } from '../../connectors/bus/bus.ts';
import { handOver } from '../../connectors/intake/hand-over.ts';
import { eachMessage, type QueueMessage } from '../../connectors/runtime/queue-batch.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import { type Feeds, readMessage } from './message.ts';

export interface CollectDeps {
  readonly feeds: Feeds;
  readonly bus: Bus;
  readonly blobs: () => Promise<Pick<BlobStore, 'put'>>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** A batch of the collection queues: each message becomes an `Alert Received`, or goes back alone. */
export async function collectBatch(deps: CollectDeps, event: unknown): Promise<PartialItemFailureResponse> {
  return await eachMessage(deps.telemetry, event, async (message) => await collect(deps, message));
}

/**
 * The same message gives the same delivery however often the queue repeats it: its id and the time the queue took it. So
 * `normalize` recognises a repeated try as one delivery.
 */
async function collect(deps: CollectDeps, message: QueueMessage): Promise<void> {
  const { source, channel, text, refused } = readMessage(deps.feeds, message);
  const receivedAt = (message.sentAt ?? deps.now()).toISOString();
  const delivery = { deliveryId: message.messageId, source, channel, receivedAt, ...(refused && { refused }) };
  const { sha256, bytes } = await handOver(deps, delivery, text);
  deps.telemetry.count('AlertCollected', { source });
  deps.telemetry.info('alert collected', { deliveryId: message.messageId, source, channel, sha256, bytes });
}
