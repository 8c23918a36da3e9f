import type { Configuration } from '../../../domain/config/schema.ts';
import { NoCredentialsError } from '../aws/reader.ts';
import type { AlertPoller, PollAsk, PollPage } from '../poller.ts';
import { type AwsEvidenceDeps, inspectorFor } from './evidence.ts';

/** Only what may open an incident is asked for: critical, open, with a known exploit. The rest is read when it matters. */
export function pollerOf({ sources }: Configuration, deps: AwsEvidenceDeps): AlertPoller | undefined {
  const config = sources.inspector;
  if (config?.api === undefined) return undefined;
  return {
    async poll({ since, until, limit, next }: PollAsk): Promise<PollPage> {
      // A budget for each page: the caller counts pages.
      const client = inspectorFor(config, deps, undefined);
      if (typeof client === 'string') throw new NoCredentialsError(client);
      const { records, nextToken } = await client.pressing({ since, until }, { size: limit, nextToken: next });
      const bodies = records.map((record) => JSON.stringify(record));
      return nextToken === undefined ? { bodies } : { bodies, next: nextToken };
    },
  };
}
