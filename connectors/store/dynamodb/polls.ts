import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Source, sourceSchema } from '../../../domain/source.ts';
import type { PollStore } from '../context-ports.ts';
import { INCIDENTS, POLLS } from '../tables.ts';
import { isConditionFailure, type TableAccess } from './client.ts';

const stateSchema = z.lazy(() =>
  z.object({
    source: sourceSchema,
    cursor: z.iso.datetime(),
    lastPollAt: z.iso.datetime(),
    trouble: z.string().optional(),
    lastAlerts: z.number().int().nonnegative(),
  }),
);
const onlySchema = z.object({ count: z.number().int().nonnegative(), lastAt: z.string().optional() });

/** `POLL#<source>` / `CURSOR` | `ONLY` of the incidents table. Permissions: GetItem, UpdateItem on these keys. */
export function pollStore({ client, table }: TableAccess): PollStore {
  const key = (source: Source, what: 'CURSOR' | 'ONLY') => ({
    [INCIDENTS.pk]: `${POLLS.prefix}${source}`,
    [INCIDENTS.sk]: what,
  });
  return {
    async get(source) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: key(source, 'CURSOR'), ConsistentRead: true }),
      );
      return Item === undefined ? undefined : stateSchema.parse(Item);
    },
    async advance({ source, cursor, lastPollAt, trouble, lastAlerts }, from) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: key(source, 'CURSOR'),
            UpdateExpression: `SET #source = :source, #cursor = :cursor, #at = :at, #alerts = :alerts ${trouble === undefined ? 'REMOVE #trouble' : ', #trouble = :trouble'}`,
            ConditionExpression: from === undefined ? 'attribute_not_exists(#cursor)' : '#cursor = :from',
            ExpressionAttributeNames: {
              '#source': 'source',
              '#cursor': 'cursor',
              '#at': 'lastPollAt',
              '#alerts': 'lastAlerts',
              '#trouble': 'trouble',
            },
            ExpressionAttributeValues: {
              ':source': source,
              ':cursor': cursor,
              ':at': lastPollAt,
              ':alerts': lastAlerts,
              ...(trouble === undefined ? {} : { ':trouble': trouble }),
              ...(from === undefined ? {} : { ':from': from }),
            },
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },
    async countOnlyPolled(source, now) {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: key(source, 'ONLY'),
          UpdateExpression: 'SET #at = :at ADD #count :one',
          ExpressionAttributeNames: { '#at': 'lastAt', '#count': 'count' },
          ExpressionAttributeValues: { ':at': now.toISOString(), ':one': 1 },
        }),
      );
    },
    async onlyPolled(source) {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: key(source, 'ONLY') }));
      return onlySchema.safeParse(Item).data ?? { count: 0 };
    },
  };
}
