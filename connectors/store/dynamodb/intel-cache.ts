import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { CacheStore } from '../../intel/cache.ts';
import { DEDUPLICATION, INTEL_CACHE } from '../tables.ts';
import { isConditionFailure, type TableAccess } from './client.ts';
import { epochSeconds } from './duplicates.ts';

/**
 * Answers of the intelligence sources, and what is used up of their limits, in the table whose items expire. The keys of
 * deduplication are digests, so that the two cannot meet; the role of the reader is held to this prefix.
 */
export function intelCache({ client, table }: TableAccess): CacheStore {
  const key = (name: string) => ({ [DEDUPLICATION.pk]: `${INTEL_CACHE.prefix}${name}` });
  return {
    async get(name, now) {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: key(name) }));
      // DynamoDB removes late: what has expired is compared, not trusted to be gone.
      if (Item === undefined || Number(Item[DEDUPLICATION.ttl]) <= epochSeconds(now)) return undefined;
      return { body: String(Item['body']), checkedAt: String(Item['checkedAt']) };
    },
    async put(name, { body, checkedAt, expiresAt }) {
      await client.send(
        new PutCommand({
          TableName: table,
          Item: { ...key(name), body, checkedAt, [DEDUPLICATION.ttl]: epochSeconds(expiresAt) },
        }),
      );
    },
    async take(name, { calls, seconds }, now) {
      const window = Math.floor(epochSeconds(now) / seconds);
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: key(`allowance#${name}#${seconds}#${window}`),
            UpdateExpression: 'ADD #used :one SET #expires = :expires',
            ConditionExpression: 'attribute_not_exists(#used) OR #used < :calls',
            ExpressionAttributeNames: { '#used': 'used', '#expires': DEDUPLICATION.ttl },
            ExpressionAttributeValues: { ':one': 1, ':calls': calls, ':expires': (window + 2) * seconds },
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },
  };
}
