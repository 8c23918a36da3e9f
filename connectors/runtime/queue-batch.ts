import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import * as z from 'zod';
import type { Telemetry } from './telemetry.ts';

const recordSchema = z.lazy(() =>
  z.looseObject({
    messageId: z.string(),
    body: z.string(),
    attributes: z.looseObject({
      ApproximateReceiveCount: z.string().regex(/^\d+$/),
      SentTimestamp: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
    }),
    eventSourceARN: z.string().optional(),
  }),
);
const eventSchema = z.object({ Records: z.array(recordSchema) });

/** One message of a queue. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  readonly receiveCount: number;
  /** When the queue took it; undefined when the queue does not say. */
  readonly sentAt: Date | undefined;
  /** ARN of the queue, as Lambda's poller names it. */
  readonly queueArn: string | undefined;
}

/**
 * A batch of a queue, message by message: only what failed is delivered again.
 * @throws z.ZodError when the event is not one of SQS, which is a wrong wiring; then the whole batch stays in the queue
 */
export async function eachMessage(
  telemetry: Telemetry,
  event: unknown,
  handle: (message: QueueMessage) => Promise<void>,
): Promise<PartialItemFailureResponse> {
  const batch = eventSchema.parse(event);
  return await processPartialResponse(
    batch,
    async (record: unknown) => await handleRecord(telemetry, record, handle),
    new BatchProcessor(EventType.SQS),
    { throwOnFullBatchFailure: false },
  );
}

async function handleRecord(
  telemetry: Telemetry,
  record: unknown,
  handle: (message: QueueMessage) => Promise<void>,
): Promise<void> {
  const { messageId, body, attributes, eventSourceARN } = recordSchema.parse(record);
  const { ApproximateReceiveCount, SentTimestamp } = attributes;
  try {
    await handle({
      messageId,
      body,
      receiveCount: Number(ApproximateReceiveCount),
      sentAt: SentTimestamp === undefined ? undefined : new Date(Number(SentTimestamp)),
      queueArn: eventSourceARN,
    });
  } catch (error) {
    // The batch processor keeps errors to itself; without this line nobody would hear why a message comes again.
    telemetry.error('message failed', { messageId, receiveCount: ApproximateReceiveCount }, error);
    telemetry.count('MessageFailed');
    throw error;
  }
}
