import * as z from 'zod';
import type { Configuration } from '../../../domain/config/schema.ts';
import { UnusableAnswerError } from '../../http/request.ts';
import type { EvidenceDeps } from '../evidence-registry.ts';
import type { AlertPoller, PollAsk, PollPage } from '../poller.ts';
import { DEFAULT_READ_LIMITS } from '../prisma-cloud-compute/reader.ts';
import { Caller } from './caller.ts';
import { prismaCloudTokens } from './token.ts';

/** Page tokens are opaque. One that names an address is none. */
const ADDRESS = /^\s*(?:[a-z][a-z0-9+.-]*:)?\/\//i;

const pageSchema = z.looseObject({
  items: z.array(z.unknown()).nullish(),
  nextPageToken: z.string().max(8_000).nullish(),
});

/** Open alerts of a period: what was resolved or dismissed opens nothing. Permission: alerts, view. */
export function pollerOf(configuration: Configuration, deps: EvidenceDeps): AlertPoller | undefined {
  const config = configuration.sources['prisma-cloud'];
  if (config === undefined) return undefined;
  const now = (): number => deps.now().getTime();
  const { http, secrets } = deps;
  const limits = DEFAULT_READ_LIMITS;
  const tokens = prismaCloudTokens({ http, secrets, config, limits: limits.http, now });

  return {
    async poll({ since, until, limit, next }: PollAsk): Promise<PollPage> {
      // A budget for each page: the caller counts pages.
      const caller = new Caller({ http, tokens, config, limits, now });
      const answer = await caller.json({
        method: 'POST',
        path: '/v2/alert',
        body: {
          timeRange: { type: 'absolute', value: { startTime: since.getTime(), endTime: until.getTime() } },
          filters: [{ name: 'alert.status', operator: '=', value: 'open' }],
          sortBy: ['alertTime:asc'],
          limit,
          detailed: true,
          ...(next === undefined ? {} : { pageToken: next }),
        },
      });
      const page = pageSchema.safeParse(answer);
      if (!page.success)
        throw new UnusableAnswerError('POST /v2/alert answered with something that is no page of alerts');
      const { items, nextPageToken } = page.data;
      if (nextPageToken && ADDRESS.test(nextPageToken)) {
        throw new UnusableAnswerError('POST /v2/alert named the next page at another address, which is refused');
      }
      const bodies = (items ?? []).map((item) => JSON.stringify(item));
      return nextPageToken ? { bodies, next: nextPageToken } : { bodies };
    },
  };
}
