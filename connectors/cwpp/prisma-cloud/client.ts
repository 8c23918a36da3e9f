import * as z from 'zod';
import type { PrismaCloudSourceConfiguration } from '../../../domain/config/schema.ts';
import { capped } from '../../../domain/ocsf/text.ts';
import { type HttpDeps, RefusedError, UnusableAnswerError } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import {
  DEFAULT_READ_LIMITS,
  isVendorTrouble,
  type Listing,
  type ReadCost,
  type ReadLimits,
} from '../prisma-cloud-compute/reader.ts';
import { type ApiCall, Caller } from './caller.ts';
import {
  type Asset,
  assetSchema,
  type Permission,
  permissionSchema,
  type Standard,
  standardSchema,
} from './records.ts';
import { type Alert, readAlert } from './schema.ts';
import { prismaCloudTokens, type Tokens } from './token.ts';

/** What of an asset is asked for; each is a call of its own. */
export type AssetView = 'asset' | 'network' | 'timeline' | 'vulnerabilities';

/** An asset as far as the API answered; `incomplete` is what it says went wrong beside the answer. */
export interface AssetReading {
  readonly asset: Asset;
  readonly incomplete?: string;
}

/** An alert as the API shows it: what it says, and the record itself for the fields only the API has. */
export interface AlertRecord {
  readonly alert: Alert;
  readonly raw: object;
}

/**
 * What Parapet reads from Prisma Cloud. Nothing here writes: the POSTs are searches.
 * Every method throws RefusedError, UnreachableError or UnusableAnswerError (connectors/http), SecretError, or
 * ReadBudgetError when the client's budget is used up before anything could be read.
 */
export interface PrismaCloudClient {
  alertById(id: string): Promise<AlertRecord | undefined>;
  /** Alerts about one resource, newest first. */
  alertsOf(filter: {
    readonly resourceId: string;
    readonly accountId?: string | undefined;
    readonly from: Date;
    readonly to: Date;
  }): Promise<Listing<AlertRecord>>;
  /** @param assetId unified asset id or RRN */
  asset(assetId: string, view: AssetView): Promise<AssetReading | undefined>;
  /** What a cloud resource may do. @param resourceId ARN or another id without quotes and spaces */
  permissionsOf(resourceId: string): Promise<Listing<Permission>>;
  /** Posture of one cloud account by standard. */
  posture(accountName: string): Promise<readonly Standard[]>;
  cost(): ReadCost;
}

/** Records of one page: a fraction of what the API allows, so that no answer comes near the size limit. */
const PAGE = 100;
/** Entries of an asset's lists that are asked for. */
const ASSET_ENTRIES = 200;
/** `P-1496074`. Anything else (`..`) is never asked for: encoding alone does not keep it from being another path. */
const ALERT_ID = /^[A-Za-z0-9]{1,12}(?:-[A-Za-z0-9]{1,40}){1,6}$/;
/** What may stand inside the quotes of an RQL query: nothing that could end them. */
const RQL_SAFE = /^[A-Za-z0-9:/_.@+=,-]{1,512}$/;
/** Page tokens are opaque. One that names an address is none: nothing the API sends chooses where a token goes. */
const ADDRESS = /^\s*(?:[a-z][a-z0-9+.-]*:)?\/\//i;

const LIMITS: ReadLimits = { ...DEFAULT_READ_LIMITS, maxPages: 5 };

/** A client with a budget of its own: make one per task. Share `tokens` between them, so that a log-in serves many. */
export function prismaCloudClient(deps: {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly config: PrismaCloudSourceConfiguration;
  readonly limits?: Partial<ReadLimits>;
  readonly tokens?: Tokens;
  readonly now?: () => number;
}): PrismaCloudClient {
  const now = deps.now ?? Date.now;
  const limits = { ...LIMITS, ...deps.limits };
  const { http, secrets, config } = deps;
  const tokens = deps.tokens ?? prismaCloudTokens({ http, secrets, config, limits: limits.http, now });
  const caller = new Caller({ http, tokens, config, limits, now });

  return {
    async alertById(id) {
      if (!ALERT_ID.test(id)) return undefined;
      const value = await orNothing(
        caller.json({ method: 'GET', path: `/alert/${encodeURIComponent(id)}`, query: { detailed: 'true' } }),
      );
      const record = recordOf(value);
      // The answer to another question is no answer to this one.
      return record?.alert.alertId.toUpperCase() === id.toUpperCase() ? record : undefined;
    },
    alertsOf({ resourceId, accountId, from, to }) {
      const filters = [
        ['resource.id', resourceId],
        ...(accountId === undefined ? [] : [['cloud.accountId', accountId]]),
      ].map(([name, value]) => ({ name, operator: '=', value }));
      const body = {
        timeRange: { type: 'absolute', value: { startTime: from.getTime(), endTime: to.getTime() } },
        filters,
        sortBy: ['alertTime:desc'],
        limit: PAGE,
        detailed: true,
      };
      return pages(caller, { method: 'POST', path: '/v2/alert', body }, alertPage);
    },
    async asset(assetId, view) {
      const body = {
        assetId,
        type: view,
        limit: ASSET_ENTRIES,
        prismaCloudFindingsOnly: false,
        alertIds: [],
        attackPathIds: [],
      };
      const value = await orNothing(caller.json({ method: 'POST', path: '/uai/v1/asset', body }));
      return assetIn(value);
    },
    async permissionsOf(resourceId) {
      if (!RQL_SAFE.test(resourceId)) {
        return { items: [], truncated: 'the id of the resource holds signs that are never put into a query' };
      }
      const body = { query: `config from iam where source.cloud.resource.id = '${resourceId}'`, limit: PAGE };
      return await pages(caller, { method: 'POST', path: '/api/v1/permission', body }, permissionPage);
    },
    async posture(accountName) {
      const query = { timeType: 'to_now', timeUnit: 'epoch', 'cloud.account': accountName };
      const value = await caller.json({ method: 'GET', path: '/compliance/posture', query });
      const parsed = z.looseObject({ complianceDetails: z.array(z.unknown()).nullish() }).safeParse(value);
      if (!parsed.success)
        throw new UnusableAnswerError('GET /compliance/posture answered with something that is no posture');
      return (parsed.data.complianceDetails ?? []).slice(0, 500).flatMap((entry) => {
        const standard = standardSchema.safeParse(entry);
        return standard.success ? [standard.data] : [];
      });
    },
    cost: () => caller.cost,
  };
}

const assetAnswerSchema = z.looseObject({
  data: z.looseObject({ asset: assetSchema.nullish() }).nullish(),
  errors: z.array(z.unknown()).nullish(),
});
const errorSchema = z.looseObject({ message: z.string() });

/** The API answers 200 with `errors` beside half the data: what is there is used, and what went wrong is told. */
function assetIn(value: unknown): AssetReading | undefined {
  const parsed = assetAnswerSchema.safeParse(value);
  if (!parsed.success) throw new UnusableAnswerError('POST /uai/v1/asset answered with something that is no asset');
  const { data, errors } = parsed.data;
  const [first] = errors ?? [];
  const error = errorSchema.safeParse(first);
  const words = error.success ? capped(error.data.message, 200) : 'an error without words';
  const asset = data?.asset ?? undefined;
  if (first === undefined) return asset && { asset };
  if (asset === undefined) throw new UnusableAnswerError(`POST /uai/v1/asset answered with an error: ${words}`);
  return { asset, incomplete: `the answer came with an error: ${words}` };
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/**
 * Page after page, as far as limits and sense allow: the API's token is handed back in the body of the next call and is
 * never an address. What was read before a page failed stays usable.
 */
async function pages<T>(caller: Caller, call: ApiCall, read: (value: unknown) => Page<T>): Promise<Listing<T>> {
  const items: T[] = [];
  const seen = new Set<string>();
  let pageToken: string | undefined;
  for (let page = 0; page < caller.maxPages; page += 1) {
    let answer: Page<T>;
    try {
      const body = pageToken === undefined ? call.body : { ...call.body, pageToken };
      answer = read(await caller.json({ ...call, ...(body === undefined ? {} : { body }) }));
    } catch (error) {
      if (page > 0 && isVendorTrouble(error)) return { items, truncated: error.message };
      throw error;
    }
    items.push(...answer.items);
    if (answer.next === undefined) return { items };
    if (ADDRESS.test(answer.next))
      return { items, truncated: 'the next page was said to be at another address, which is refused' };
    if (seen.has(answer.next))
      return { items, truncated: 'the API named the same next page twice, so paging does not advance' };
    seen.add(answer.next);
    pageToken = answer.next;
  }
  return { items, truncated: `only the first ${caller.maxPages} pages of ${PAGE} were read` };
}

const alertPageSchema = z.looseObject({
  items: z.array(z.unknown()).nullish(),
  nextPageToken: z.string().nullish(),
});

function alertPage(value: unknown): Page<AlertRecord> {
  const parsed = alertPageSchema.safeParse(value);
  if (!parsed.success)
    throw new UnusableAnswerError('POST /v2/alert answered with something that is no page of alerts');
  const { items, nextPageToken } = parsed.data;
  return { items: (items ?? []).flatMap((item) => recordOf(item) ?? []), next: nextPageToken || undefined };
}

function permissionPage(value: unknown): Page<Permission> {
  const parsed = z.looseObject({ data: alertPageSchema.nullish() }).safeParse(value);
  if (!parsed.success) throw new UnusableAnswerError('POST /api/v1/permission answered with something that is no page');
  const { items, nextPageToken } = parsed.data.data ?? {};
  return {
    items: (items ?? []).flatMap((item) => {
      const permission = permissionSchema.safeParse(item);
      return permission.success ? [permission.data] : [];
    }),
    next: nextPageToken || undefined,
  };
}

function recordOf(value: unknown): AlertRecord | undefined {
  const alert = readAlert(value);
  return alert === undefined || typeof value !== 'object' || value === null ? undefined : { alert, raw: value };
}

/** 404: there is no such thing, which is an answer. */
async function orNothing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RefusedError && error.status === 404) return {};
    throw error;
  }
}
