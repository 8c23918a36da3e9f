import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Attachment, NotFoundError } from '../ports.ts';
import { DEDUPLICATION, INCIDENTS } from '../tables.ts';
import { isConditionFailure, type TableAccess } from './client.ts';
import { fromIncidentItem, incidentKey, openedEvent, type StoredIncident, seenKey } from './incident-item.ts';
import { isBusyItem } from './patience.ts';

export interface DeduplicationAccess extends TableAccess {
  readonly deduplicationTable: string;
}

/** The incident an unexpired deduplication key names. */
export async function knownIncident(
  access: DeduplicationAccess,
  digest: string,
  now: Date,
): Promise<string | undefined> {
  const { Item } = await access.client.send(
    new GetCommand({
      TableName: access.deduplicationTable,
      Key: { [DEDUPLICATION.pk]: digest },
      ConsistentRead: true,
    }),
  );
  if (Item === undefined || Number(Item[DEDUPLICATION.ttl]) <= epochSeconds(now)) return undefined;
  return String(Item['incidentId']);
}

/** The incident a finding went to in the past although its deduplication key has expired; remembers the key again. */
export async function seenIncident(
  access: DeduplicationAccess,
  digest: string,
  now: Date,
): Promise<string | undefined> {
  const { Item } = await access.client.send(
    new GetCommand({ TableName: access.table, Key: seenKey(digest), ConsistentRead: true }),
  );
  if (Item === undefined) return undefined;
  const incidentId = String(Item['incidentId']);
  await access.client.send(
    new PutCommand({ TableName: access.deduplicationTable, Item: deduplicationItem(digest, incidentId, now) }),
  );
  return incidentId;
}

/**
 * Counts the duplicate at best effort: when the incident is busy the count is left as it is rather than making a sender
 * wait for a number in a report.
 */
export async function duplicate(access: DeduplicationAccess, incidentId: string): Promise<Attachment> {
  const { incident, announced, waiting } = await countDuplicate(access, incidentId);
  return { kind: 'duplicate', incident, event: openedEvent(incident), announced, waiting };
}

async function countDuplicate(access: DeduplicationAccess, incidentId: string): Promise<StoredIncident> {
  try {
    const { Attributes } = await access.client.send(
      new UpdateCommand({
        TableName: access.table,
        Key: incidentKey(incidentId),
        UpdateExpression: 'ADD #count :one',
        ConditionExpression: 'attribute_exists(#pk)',
        ExpressionAttributeNames: { '#count': 'duplicateCount', '#pk': INCIDENTS.pk },
        ExpressionAttributeValues: { ':one': 1 },
        ReturnValues: 'ALL_NEW',
      }),
    );
    if (Attributes) return fromIncidentItem(Attributes);
  } catch (error) {
    if (!isBusyItem(error) && !isConditionFailure(error)) throw error;
  }
  return await readIncident(access, incidentId);
}

export async function readIncident(access: DeduplicationAccess, incidentId: string): Promise<StoredIncident> {
  const { Item } = await access.client.send(
    new GetCommand({ TableName: access.table, Key: incidentKey(incidentId), ConsistentRead: true }),
  );
  if (Item === undefined) throw new NotFoundError(`incident ${incidentId} is referred to, but it is not stored`);
  return fromIncidentItem(Item);
}

export function deduplicationItem(digest: string, incidentId: string, now: Date) {
  return {
    [DEDUPLICATION.pk]: digest,
    incidentId,
    [DEDUPLICATION.ttl]: epochSeconds(now) + DEDUPLICATION.keepDays * 24 * 3600,
  };
}

export function epochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
