import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { sha256Schema } from '../../../domain/events.ts';
import { quarantineIdFor } from '../../../domain/intake/quarantine.ts';
import { channelSchema, sourceSchema } from '../../../domain/source.ts';
import { NotFoundError, type QuarantineRecord, type QuarantineStore } from '../ports.ts';
import { INCIDENTS } from '../tables.ts';
import { isConditionFailure, type TableAccess } from './client.ts';
import { listingOf, newestOf } from './query.ts';

const recordSchema = z.lazy(() =>
  z.object({
    quarantineId: z.string(),
    source: sourceSchema,
    channel: channelSchema.default('webhook'),
    deliveryId: z.string(),
    receivedAt: z.string(),
    quarantinedAt: z.string(),
    reason: z.string(),
    rawKey: z.string(),
    sha256: sha256Schema,
    bytes: z.number().int().nonnegative(),
    encoding: z.literal('base64').optional(),
    status: z.enum(['held', 'replayed']),
    replayedAt: z.string().optional(),
  }),
);

const key = (quarantineId: string) => ({
  [INCIDENTS.pk]: `QUARANTINE#${quarantineId}`,
  [INCIDENTS.sk]: 'QUARANTINE',
});

/** Alerts that were not understood. Permissions: GetItem, PutItem, UpdateItem on the table, Query on index `listing`. */
export function quarantineStore(access: TableAccess): QuarantineStore {
  const { client, table } = access;
  const get = async (quarantineId: string): Promise<QuarantineRecord | undefined> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: key(quarantineId), ConsistentRead: true }),
    );
    return Item === undefined ? undefined : recordSchema.parse(Item);
  };
  return {
    get,
    async hold(draft) {
      const record: QuarantineRecord = { ...draft, quarantineId: quarantineIdFor(draft), status: 'held' };
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: {
              ...key(record.quarantineId),
              ...record,
              listing: listingOf('QUARANTINE', record.quarantineId),
              listedAt: record.quarantinedAt,
            },
            // A replay that was not understood either is held again, with its newer reason.
            ConditionExpression: 'attribute_not_exists(#pk) OR #status = :replayed',
            ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#status': 'status' },
            ExpressionAttributeValues: { ':replayed': 'replayed' },
          }),
        );
        return record;
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        return (await get(record.quarantineId)) ?? record;
      }
    },
    async list({ limit }) {
      const items = await newestOf(access, INCIDENTS.listing, 'QUARANTINE', limit);
      return items.map((item) => recordSchema.parse(item));
    },
    async markReplayed(quarantineId, at) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: key(quarantineId),
            UpdateExpression: 'SET #status = :replayed, #at = :at',
            ConditionExpression: 'attribute_exists(#pk)',
            ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#status': 'status', '#at': 'replayedAt' },
            ExpressionAttributeValues: { ':replayed': 'replayed', ':at': at.toISOString() },
          }),
        );
      } catch (error) {
        if (isConditionFailure(error)) {
          throw new NotFoundError(`there is no quarantined alert ${quarantineId}`, { cause: error });
        }
        throw error;
      }
    },
  };
}
