import type { Configuration } from '../../../domain/config/schema.ts';
import { DEFAULT_LIMITS, UnusableAnswerError } from '../../http/request.ts';
import type { AlertPoller, PollAsk, PollPage } from '../poller.ts';
import { CallBudgetError } from './budget.ts';
import { type LaceworkClient, laceworkClient } from './client.ts';
import { type AccountDeps, sharedBudget } from './evidence.ts';
import { tenantOfAddress } from './identity.ts';
import { isRecord, textOf } from './lenient.ts';
import { isVendorTrouble, ReadBudgetError } from './limits.ts';
import { laceworkTokens } from './token.ts';

/** Above the usual limit of one task: a page of alerts, each with its details. */
const CALLS = 110;

/**
 * Alerts of a period, each with its details as long as the hour's calls allow: without them an alert of the list names no
 * workload. A closed alert is handed on without, because nothing is opened for it.
 */
export function pollerOf(configuration: Configuration, deps: AccountDeps): AlertPoller | undefined {
  const config = configuration.sources.lacework;
  if (config === undefined) return undefined;
  const now = (): number => deps.now().getTime();
  const tenant = config.api.subAccount ?? tenantOfAddress(config.api.baseUrl) ?? '';
  const limits = { ...DEFAULT_LIMITS, attempts: 2 };
  const tokens = laceworkTokens({ http: deps.http, secrets: deps.secrets, config, limits, now });
  const shared = { http: deps.http, config, tokens, ...sharedBudget(config, deps) };
  return {
    async poll({ since, until, limit, next }: PollAsk): Promise<PollPage> {
      const lacework = laceworkClient({ ...shared, limits: { maxCalls: CALLS }, now });
      const range = { from: since.toISOString(), to: until.toISOString() };
      // A page of the API may hold more than was asked for: its size cannot be chosen, so it is handed on in slices.
      const [, offset = '0', link] = /^(\d{1,6}):(.*)$/s.exec(next ?? '') ?? [];
      const page = await whole(lacework.alertPage(range, link || undefined));
      const from = Number(offset);
      const items = page.items.slice(from, from + limit);
      const bodies: string[] = [];
      for (const item of items)
        bodies.push(JSON.stringify({ laceworkAccount: tenant, alert: await detailed(lacework, item) }));
      const rest = from + limit < page.items.length ? `${from + limit}:${link ?? ''}` : undefined;
      const following = page.next === undefined ? undefined : `0:${page.next}`;
      return { bodies, next: rest ?? following };
    },
  };
}

async function detailed(lacework: LaceworkClient, item: unknown): Promise<unknown> {
  if (!isRecord(item) || /^closed$/i.test(textOf(item['status']))) return item;
  try {
    const details = await lacework.alert(textOf(item['alertId']), 'enrichment');
    return details ?? item;
  } catch (error) {
    // The alert itself is there; what it is about can be read when it is investigated.
    if (isVendorTrouble(error)) return item;
    throw error;
  }
}

async function whole<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof CallBudgetError || error instanceof ReadBudgetError)) throw error;
    throw new UnusableAnswerError(error.message, { cause: error });
  }
}
