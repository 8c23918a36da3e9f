import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { tokensOf } from '../../../domain/models/spending.ts';
import type { ProfileSpending, Reservation, SpendingLimits, SpendingStore, Spent } from '../spending-port.ts';
import { INCIDENTS, SPENDING } from '../tables.ts';
import type { TableAccess } from './client.ts';
import { insist, isContention, PATIENCE, type Patience } from './patience.ts';
import { queryItems } from './query.ts';

type Item = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

const count = z.number().default(0);
const profileSchema = z.lazy(() =>
  z.object({
    profile: z.string(),
    calls: count,
    input: count,
    output: count,
    cacheRead: count,
    cacheWrite: count,
    microUsd: count,
    unpricedCalls: count,
    priceAsOf: z.string().optional(),
  }),
);

const PROFILE = 'PROFILE#';

/**
 * `SPEND#DAY#<day>` and `SPEND#INC#<id>` / `TOTAL` | `PROFILE#<name>` of the incidents table. `TOTAL` is what limits are
 * compared with, reservations included. Permissions: UpdateItem, Query on these keys.
 */
export function spendingStore(options: TableAccess & { readonly patience?: Patience }): SpendingStore {
  const { client, table, patience = PATIENCE } = options;
  const add = (
    pk: string,
    sk: string,
    amounts: Amounts,
    more: { readonly limit?: Limit; readonly texts?: Texts } = {},
  ): Item => ({
    Update: { TableName: table, Key: { [INCIDENTS.pk]: pk, [INCIDENTS.sk]: sk }, ...addition(amounts, more) },
  });

  async function write(what: string, items: Item[]): Promise<'written' | number> {
    return insist(
      patience,
      what,
      async () => {
        try {
          await client.send(new TransactWriteCommand({ TransactItems: items }));
          return 'written';
        } catch (error) {
          const refused = refusedItem(error);
          if (refused !== undefined) return refused;
          throw error;
        }
      },
      isContention,
    );
  }

  async function read(pk: string): Promise<readonly ProfileSpending[]> {
    const items = await queryItems(
      { client, table },
      {
        KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :profile)',
        ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#sk': INCIDENTS.sk },
        ExpressionAttributeValues: { ':pk': pk, ':profile': PROFILE },
        ConsistentRead: true,
      },
    );
    return items.map((item) => {
      const { profile, calls, microUsd, unpricedCalls, priceAsOf, ...tokens } = profileSchema.parse(item);
      return { profile, calls, tokens, microUsd, unpricedCalls, ...(priceAsOf === undefined ? {} : { priceAsOf }) };
    });
  }

  return {
    async reserve(want, limits) {
      const written = await write(`the model budget of ${want.day}`, [
        add(incident(want.incidentId), 'TOTAL', { tokens: want.tokens }, { limit: tokenLimit(want, limits) }),
        add(day(want.day), 'TOTAL', { microUsd: want.microUsd }, moneyLimit(want, limits)),
      ]);
      if (written === 'written') return 'reserved';
      return written === 0 ? 'incident-tokens' : 'day-money';
    },
    async settle(reserved, spent) {
      const amounts = amountsOf(spent);
      const { profile, priceAsOf } = spent;
      const texts = { profile, ...(priceAsOf === undefined ? {} : { priceAsOf }) };
      await write(`the model budget of ${reserved.day}`, [
        add(incident(reserved.incidentId), 'TOTAL', { tokens: tokensOf(spent.tokens) - reserved.tokens }),
        add(day(reserved.day), 'TOTAL', { microUsd: (spent.microUsd ?? 0) - reserved.microUsd }),
        add(incident(reserved.incidentId), `${PROFILE}${profile}`, amounts, { texts }),
        add(day(reserved.day), `${PROFILE}${profile}`, amounts, { texts }),
      ]);
    },
    ofIncident: (incidentId) => read(incident(incidentId)),
    ofDay: (date) => read(day(date)),
  };
}

const incident = (id: string): string => `${SPENDING.prefix}INC#${id}`;
const day = (date: string): string => `${SPENDING.prefix}DAY#${date}`;

interface Limit {
  readonly field: string;
  /** What may be there before, so that the limit holds afterwards. Negative: nothing may be added at all. */
  readonly atMost: number;
}

function tokenLimit({ tokens }: Reservation, { tokensPerIncident }: SpendingLimits): Limit {
  return { field: 'tokens', atMost: tokensPerIncident - tokens };
}

function moneyLimit({ microUsd }: Reservation, { microUsdPerDay }: SpendingLimits): { readonly limit?: Limit } {
  return microUsdPerDay === undefined ? {} : { limit: { field: 'microUsd', atMost: microUsdPerDay - microUsd } };
}

type Amounts = Readonly<Record<string, number>>;

function amountsOf({ tokens, microUsd }: Spent): Amounts {
  return { calls: 1, ...tokens, microUsd: microUsd ?? 0, unpricedCalls: microUsd === undefined ? 1 : 0 };
}

type Texts = Readonly<Record<string, string>>;

function addition(amounts: Amounts, { limit, texts = {} }: { readonly limit?: Limit; readonly texts?: Texts }) {
  const added = Object.keys(amounts).map((field) => `#${field} :${field}`);
  const set = Object.keys(texts).map((field) => `#${field} = :${field}`);
  const fields = Object.entries({ ...amounts, ...texts });
  return {
    UpdateExpression: `ADD ${added.join(', ')}${set.length === 0 ? '' : ` SET ${set.join(', ')}`}`,
    ExpressionAttributeNames: Object.fromEntries(fields.map(([field]) => [`#${field}`, field])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(fields.map(([field, value]) => [`:${field}`, value])),
      ...(limit === undefined ? {} : { ':atMost': limit.atMost }),
    },
    ...(limit === undefined ? {} : { ConditionExpression: conditionOf(limit) }),
  };
}

function conditionOf({ field, atMost }: Limit): string {
  return `${atMost >= 0 ? `attribute_not_exists(#${field}) OR ` : ''}#${field} <= :atMost`;
}

/** Place of the item whose own condition said no; undefined when the transaction met something else. */
function refusedItem(error: unknown): number | undefined {
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const at = (error.CancellationReasons ?? []).findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
  return at === -1 ? undefined : at;
}
