import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { TableAccess } from './client.ts';
import { epochSeconds } from './duplicates.ts';

/** A count is of use for its own minute; the table deletes it some time after this. */
const KEEP_COUNT_SECONDS = 3600;

/** Adds one to a count whose key names its minute. @returns the count with it. Permission: UpdateItem */
export async function addToCount(
  { client, table }: TableAccess,
  { key, ttl, now }: { readonly key: Readonly<Record<string, string>>; readonly ttl: string; readonly now: Date },
): Promise<number> {
  const { Attributes } = await client.send(
    new UpdateCommand({
      TableName: table,
      Key: key,
      UpdateExpression: 'ADD #count :one SET #expires = :expires',
      ExpressionAttributeNames: { '#count': 'count', '#expires': ttl },
      ExpressionAttributeValues: { ':one': 1, ':expires': epochSeconds(now) + KEEP_COUNT_SECONDS },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return Number(Attributes?.['count']);
}
