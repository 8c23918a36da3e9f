import type { Configuration } from '../../../domain/config/schema.ts';
import { type HttpDeps, UnusableAnswerError } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { AlertPoller, PollAsk, PollPage } from '../poller.ts';
import { BOTH_TYPES } from './client.ts';
import { type Answer, GraphQl } from './graphql.ts';
import { DEFAULT_READ_LIMITS } from './limits.ts';
import { DETECTIONS, ISSUES_SINCE } from './operations.ts';
import { detectionBody, issueBody, polledDetectionSchema, polledIssueSchema } from './polled.ts';
import { type WizApi, wizTokens } from './token.ts';
import { GraphQlError, ReadBudgetError } from './trouble.ts';

/** Known to be accepted for issues and detections; larger pages cost the tenant more than they save. */
const PAGE = 100;

interface PollerDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly now: () => Date;
}

/** Open issues whose status changed, then detections that were updated: what Wiz delivers only briefly and never again. */
export function pollerOf(configuration: Configuration, deps: PollerDeps): AlertPoller | undefined {
  const api = configuration.sources.wiz?.api;
  return api && wizPoller(api, deps);
}

export function wizPoller(api: WizApi, { http, secrets, ...deps }: PollerDeps): AlertPoller {
  const now = (): number => deps.now().getTime();
  const limits = DEFAULT_READ_LIMITS;
  const tokens = wizTokens({ http, secrets, api, limits: limits.http, now });

  return {
    async poll({ since, until, limit, next }: PollAsk): Promise<PollPage> {
      const [, kind = 'i', cursor = ''] = /^([id]):(.{0,4000})$/s.exec(next ?? '') ?? [];
      // A budget for each page: the caller counts pages.
      const graphql = new GraphQl({ http, tokens, api, limits, now });
      const period = { after: since.toISOString(), before: until.toISOString() };
      const paging = { first: Math.min(PAGE, limit), after: cursor === '' ? null : cursor };
      if (kind === 'i') {
        const filterBy = { statusChangedAt: period, status: ['OPEN', 'IN_PROGRESS'] };
        const page = await whole(graphql.page(ISSUES_SINCE, { ...paging, filterBy }, polledIssueSchema));
        return { bodies: page.value.map(issueBody), next: page.next === undefined ? 'd:' : `i:${page.next}` };
      }
      const filterBy = { updatedAt: period, type: BOTH_TYPES };
      const page = await whole(graphql.page(DETECTIONS, { ...paging, filterBy }, polledDetectionSchema));
      return {
        bodies: page.value.map(detectionBody),
        ...(page.next === undefined || page.next === cursor ? {} : { next: `d:${page.next}` }),
      };
    },
  };
}

/** Half a page would lose the other half for good, because the cursor moves on: it is asked for again instead. */
async function whole<T, A extends Answer<readonly T[]>>(asked: Promise<A>): Promise<A> {
  try {
    const page = await asked;
    if (page.problems.length > 0) throw new UnusableAnswerError(`Wiz sent only part of a page: ${page.problems[0]}`);
    return page;
  } catch (error) {
    if (!(error instanceof GraphQlError || error instanceof ReadBudgetError)) throw error;
    throw new UnusableAnswerError(error.message, { cause: error });
  }
}
