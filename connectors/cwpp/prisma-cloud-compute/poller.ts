import type { Configuration } from '../../../domain/config/schema.ts';
import type { EvidenceDeps } from '../evidence-registry.ts';
import type { AlertPoller, PollAsk, PollPage } from '../poller.ts';
import { POLLED_LISTS, writePolled } from './polled.ts';
import { DEFAULT_READ_LIMITS, elementsOf, Reader } from './reader.ts';
import { computeTokens } from './token.ts';

/** Default and maximum of the API. */
const PAGE = 50;

/**
 * Incidents, container audits and host audits of a console, list after list, page after page. Vulnerabilities are not
 * polled: the console reports them once a day, and evidence reads them anew for every incident.
 */
export function pollerOf(configuration: Configuration, deps: EvidenceDeps): AlertPoller | undefined {
  const config = configuration.sources['prisma-cloud-compute'];
  if (config === undefined) return undefined;
  const now = (): number => deps.now().getTime();
  const { http, secrets } = deps;
  const limits = DEFAULT_READ_LIMITS;
  const tokens = computeTokens({ http, secrets, config, limits: limits.http, now });

  return {
    async poll({ since, until, limit, next }: PollAsk): Promise<PollPage> {
      const { list, offset } = readNext(next);
      const page = Math.min(PAGE, limit);
      const { record, path } = POLLED_LISTS[list] ?? POLLED_LISTS[0];
      // A budget for each page: the caller counts pages.
      const reader = new Reader({ http, tokens, config, limits, now });
      const address = `${config.api.version}/${path}`;
      const answer = await reader.get(address, {
        from: since.toISOString(),
        to: until.toISOString(),
        sort: 'time',
        offset: String(offset),
        limit: String(page),
      });
      const elements = elementsOf(answer, address);
      const bodies = elements.map((element) => writePolled(record, element));
      const following =
        elements.length < page ? { list: list + 1, offset: 0 } : { list, offset: offset + elements.length };
      return following.list < POLLED_LISTS.length
        ? { bodies, next: `${following.list}:${following.offset}` }
        : { bodies };
    },
  };
}

/** `list:offset`, ours and nobody else's; anything else begins at the beginning, which repeats and loses nothing. */
function readNext(next: string | undefined): { readonly list: number; readonly offset: number } {
  const match = /^(\d):(\d{1,9})$/.exec(next ?? '');
  return { list: Number(match?.[1] ?? 0), offset: Number(match?.[2] ?? 0) };
}
