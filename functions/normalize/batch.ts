import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import { eachMessage } from '../../connectors/runtime/queue-batch.ts';
import type { NormalizeDeps } from './deps.ts';
import { normalize } from './normalize.ts';

/** A batch of the intake queue. @throws z.ZodError when the event is not one of SQS */
export async function normalizeBatch(deps: NormalizeDeps, event: unknown): Promise<PartialItemFailureResponse> {
  return await eachMessage(
    deps.telemetry,
    event,
    async ({ body, receiveCount }) => await normalize(deps, body, receiveCount > 1),
  );
}
