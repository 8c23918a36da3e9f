import * as z from 'zod';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import { TargetError } from '../errors.ts';
import type { AwsAccountFacts, AwsWriter } from './api.ts';
import { readerOver } from './reader.ts';
import { callOf } from './requests.ts';
import type { AwsClient } from './wire/client.ts';
import { targetErrorOf } from './wire/fault.ts';

/** A client that may contain, over the session of one action. */
export function writerOver(client: AwsClient, account: AwsAccountFacts, now: () => Date): AwsWriter {
  return {
    ...readerOver(client, account, now),
    async send(request, { dryRun, record }) {
      const call = callOf(request, account, dryRun);
      const { text, dryRunPassed } = await client.send(call, {
        use: 'write',
        onAnswer: (status) =>
          record({
            method: request.method,
            path: request.path,
            ...(call.body === '' ? {} : { bodySha256: sha256Hex(call.body) }),
            status,
            dryRun,
            at: now().toISOString(),
          }),
      });
      if (dryRun && !dryRunPassed)
        throw new TargetError('unusable', `${call.name} did not answer the dry run as one; nobody knows what it did`);
      if (call.service === 'tagging') refuseFailed(call.name, text);
    },
  };
}

const failedSchema = z.object({
  FailedResourcesMap: z
    .record(
      z.string(),
      z.object({
        StatusCode: z.number().int().default(400),
        ErrorCode: z.string().default('InternalServiceException'),
        ErrorMessage: z.string().default(''),
      }),
    )
    .nullish(),
});

/** The tagging service answers 200 and lists what it could not do. */
function refuseFailed(name: string, text: string): void {
  const answer = failedSchema.safeParse(JSON.parse(text));
  const [failed] = Object.values(answer.data?.FailedResourcesMap ?? {});
  if (failed === undefined) return;
  throw targetErrorOf(name, failed.StatusCode, { code: failed.ErrorCode, message: failed.ErrorMessage });
}
