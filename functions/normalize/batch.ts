import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import * as z from 'zod';
import type { NormalizeDeps } from './deps.ts';
import { normalize } from './normalize.ts';

const recordSchema = z.lazy(() =>
  z.looseObject({
    messageId: z.string(),
    body: z.string(),
    attributes: z.looseObject({ ApproximateReceiveCount: z.string().regex(/^\d+$/) }),
  }),
);
const eventSchema = z.object({ Records: z.array(recordSchema) });

/**
 * A batch of the queue, message by message: only what failed is delivered again.
 * @throws z.ZodError when the event is not one of SQS, which is a wrong wiring; then the whole batch stays in the queue
 */
export async function normalizeBatch(deps: NormalizeDeps, event: unknown): Promise<PartialItemFailureResponse> {
  const batch = eventSchema.parse(event);
  return await processPartialResponse(
    batch,
    (record: unknown) => normalizeRecord(deps, record),
    new BatchProcessor(EventType.SQS),
    { throwOnFullBatchFailure: false },
  );
}

async function normalizeRecord(deps: NormalizeDeps, record: unknown): Promise<void> {
  const { messageId, body, attributes } = recordSchema.parse(record);
  try {
    await normalize(deps, body, Number(attributes.ApproximateReceiveCount) > 1);
  } catch (error) {
    // The batch processor keeps errors to itself; without this line nobody would hear why a message comes again.
    deps.telemetry.error('message failed', { messageId, receiveCount: attributes.ApproximateReceiveCount }, error);
    deps.telemetry.count('MessageFailed');
    throw error;
  }
}
