import { type NativeAttributeValue, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import { LISTING_SHARDS } from '../tables.ts';
import type { TableAccess } from './client.ts';

type Item = Record<string, NativeAttributeValue>;

/** Every page of a query until `limit` items. A page ends at 1 MB, so one call is never the whole answer. */
export async function queryItems(
  { client, table }: TableAccess,
  query: Omit<QueryCommandInput, 'TableName' | 'Limit'>,
  limit = Number.POSITIVE_INFINITY,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const missing = limit - items.length;
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        ...query,
        ...(Number.isFinite(missing) ? { Limit: missing } : {}),
        ...(from ? { ExclusiveStartKey: from } : {}),
      }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from && items.length < limit);
  return items;
}

interface ListingIndex {
  readonly name: string;
  readonly pk: string;
  readonly sk: string;
}

/** The partition an item is listed in: spread by its id, so that a storm does not meet the write limit of one. */
export function listingOf(kind: 'INCIDENT' | 'QUARANTINE' | 'APPROVAL' | 'DUE', id: string): string {
  return `${kind}#${Number.parseInt(sha256Hex(id).slice(0, 8), 16) % LISTING_SHARDS}`;
}

/** The newest `limit` items of a kind: the newest of every partition, merged. The index must project all attributes. */
export async function newestOf(
  access: TableAccess,
  index: ListingIndex,
  kind: 'INCIDENT' | 'QUARANTINE' | 'APPROVAL',
  limit: number,
): Promise<readonly Item[]> {
  const shards = await Promise.all(
    Array.from({ length: LISTING_SHARDS }, (_, shard) =>
      queryItems(
        access,
        {
          IndexName: index.name,
          KeyConditionExpression: '#pk = :pk',
          ExpressionAttributeNames: { '#pk': index.pk },
          ExpressionAttributeValues: { ':pk': `${kind}#${shard}` },
          ScanIndexForward: false,
        },
        limit,
      ),
    ),
  );
  return shards
    .flat()
    .sort((a, b) => String(b[index.sk]).localeCompare(String(a[index.sk]), 'en'))
    .slice(0, limit);
}
