import type { Configuration } from '../../../domain/config/schema.ts';
import { UnusableAnswerError } from '../../http/request.ts';
import { NoCredentialsError } from '../aws/reader.ts';
import type { AwsEvidenceDeps } from '../inspector/evidence.ts';
import type { AlertPoller, PollAsk, PollPage } from '../poller.ts';
import { MAX_IDS } from './client.ts';
import { guardDutyFor } from './evidence.ts';

/** Findings by the time of their last change: one that is still counting comes again, and is recognised by its id. */
export function pollerOf({ sources }: Configuration, deps: AwsEvidenceDeps): AlertPoller | undefined {
  const config = sources.guardduty;
  if (config?.api === undefined) return undefined;
  return {
    async poll({ since, until, limit, next }: PollAsk): Promise<PollPage> {
      // A budget for each page: the caller counts pages.
      const client = guardDutyFor(config, deps, undefined);
      if (typeof client === 'string') throw new NoCredentialsError(client);
      const [detector] = await client.detectors();
      if (detector === undefined) {
        throw new UnusableAnswerError('the account has no GuardDuty detector in the configured region');
      }
      const updatedAt = { greaterThanOrEqual: since.getTime(), lessThanOrEqual: until.getTime() };
      const page = { nextToken: next, size: Math.min(MAX_IDS, limit) };
      const { ids, nextToken } = await client.findingIds(detector, { updatedAt }, page);
      const bodies = (await client.records(detector, ids)).map((record) => JSON.stringify(record));
      return nextToken === undefined ? { bodies } : { bodies, next: nextToken };
    },
  };
}
