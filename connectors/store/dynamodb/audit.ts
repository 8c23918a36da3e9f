import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { type AuditEntry, auditEntrySchema, nextEntry } from '../../../domain/audit/entry.ts';
import type { AuditLog, AuditRecency } from '../ports.ts';
import { AUDIT } from '../tables.ts';
import { fromAuditItem, partitionsOf, toAuditItem } from './audit-item.ts';
import { isConditionFailure, type TableAccess } from './client.ts';
import { insist, isBusyItem, PATIENCE, type Patience } from './patience.ts';
import { queryItems } from './query.ts';
import { turns } from './turns.ts';

/** Beside the port: entries of any shape, for verification and export. A forged entry must be named, not end the reading. */
export interface UnparsedAuditLog {
  readUnparsed(chain: string): Promise<readonly unknown[]>;
}

/** The audit log. Permissions: PutItem and Query on the table, nothing else (rule 6); for `chainsSince` Query on its index. */
export function auditLog(
  options: TableAccess & { readonly patience?: Patience },
): AuditLog & UnparsedAuditLog & AuditRecency {
  const { client, table, patience = PATIENCE } = options;
  const access: TableAccess = { client, table };
  const waiting = turns();
  return {
    append: (record) =>
      waiting.take(record.chain, () =>
        insist(
          patience,
          `the audit chain ${record.chain}`,
          async () => {
            const entry = nextEntry(await headOf(access, record.chain), record);
            await client.send(
              new PutCommand({
                TableName: table,
                Item: toAuditItem(entry, new Date()),
                ConditionExpression: 'attribute_not_exists(#chain)',
                ExpressionAttributeNames: { '#chain': AUDIT.pk },
              }),
            );
            return entry;
          },
          (error) => isConditionFailure(error) || isBusyItem(error),
        ),
      ),
    async read(chain) {
      return (await chainOf(access, chain)).map((entry) => auditEntrySchema.parse(entry));
    },
    readUnparsed: (chain) => chainOf(access, chain),
    head: (chain) => headOf(access, chain),
    chainsSince: (since, until) => chainsSince(access, since, until),
  };
}

const HOUR_MS = 3600_000;
/** Queries at a time. */
const PARALLEL = 32;

async function chainsSince(access: TableAccess, since: Date, until: Date): Promise<ReadonlySet<string>> {
  const partitions: string[] = [];
  for (let at = since.getTime(); at < until.getTime() + HOUR_MS; at += HOUR_MS) {
    // The hour of `until` itself, and none after it.
    partitions.push(...partitionsOf(new Date(Math.min(at, until.getTime()))));
  }
  const wanted = [...new Set(partitions)];
  const chains = new Set<string>();
  for (let from = 0; from < wanted.length; from += PARALLEL) {
    const read = await Promise.all(wanted.slice(from, from + PARALLEL).map((hour) => chainsIn(access, hour)));
    for (const chain of read.flat()) chains.add(chain);
  }
  return chains;
}

async function chainsIn(access: TableAccess, partition: string): Promise<readonly string[]> {
  const items = await queryItems(access, {
    IndexName: AUDIT.recent.name,
    KeyConditionExpression: '#hour = :hour',
    ExpressionAttributeNames: { '#hour': AUDIT.recent.pk },
    ExpressionAttributeValues: { ':hour': partition },
  });
  return items.map((item) => String(item[AUDIT.recent.sk]));
}

/** The newest entry of a chain, read consistently: the next one builds on it. */
export async function headOf(access: TableAccess, chain: string): Promise<AuditEntry | undefined> {
  const [item] = await queryItems(access, { ...byChain(chain), ScanIndexForward: false }, 1);
  return item === undefined ? undefined : auditEntrySchema.parse(fromAuditItem(item));
}

async function chainOf(access: TableAccess, chain: string): Promise<readonly unknown[]> {
  return (await queryItems(access, byChain(chain))).map(fromAuditItem);
}

function byChain(chain: string) {
  return {
    KeyConditionExpression: '#chain = :chain',
    ExpressionAttributeNames: { '#chain': AUDIT.pk },
    ExpressionAttributeValues: { ':chain': chain },
    ConsistentRead: true,
  };
}
