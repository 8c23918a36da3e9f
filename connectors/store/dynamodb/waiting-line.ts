import { DeleteCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type IncidentOpened, incidentOpenedSchema } from '../../../domain/events.ts';
import { SEVERITIES, severityRank } from '../../../domain/severity.ts';
import type { WaitingLine } from '../intake-ports.ts';
import { DEDUPLICATION, INCIDENTS } from '../tables.ts';
import type { TableAccess } from './client.ts';
import { epochSeconds } from './duplicates.ts';
import { incidentKey } from './incident-item.ts';
import { insist, isContention, PATIENCE, type Patience } from './patience.ts';
import { queryItems } from './query.ts';

/** A count is of use for its own minute; the table deletes it some time after this. */
const KEEP_COUNT_SECONDS = 3600;

/**
 * The line as items `WAITING` / `<severity><opened><id>` of the incidents table, whose order is the order of the line, and
 * one count for each minute in the deduplication table, which deletes it by itself. One partition: what stands in line was
 * opened by ten batches at most, far below its 1,000 writes a second. Permissions: to count UpdateItem on the
 * deduplication table; to wait PutItem and UpdateItem, to release Query and DeleteItem on the incidents table.
 */
export function waitingLine(
  options: TableAccess & { readonly deduplicationTable?: string; readonly patience?: Patience },
): WaitingLine {
  const { client, table, deduplicationTable, patience = PATIENCE } = options;
  return {
    async countInMinute(now) {
      if (deduplicationTable === undefined) throw new Error('this line was made without a deduplicationTable');
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: deduplicationTable,
          Key: { [DEDUPLICATION.pk]: `OPENED#${now.toISOString().slice(0, 16)}` },
          UpdateExpression: 'ADD #count :one SET #expires = :expires',
          ExpressionAttributeNames: { '#count': 'count', '#expires': DEDUPLICATION.ttl },
          ExpressionAttributeValues: { ':one': 1, ':expires': epochSeconds(now) + KEEP_COUNT_SECONDS },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return Number(Attributes?.['count']);
    },
    async wait(event) {
      const stand = new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName: table, Item: { ...placeOf(event), ...incidentOpenedSchema.parse(event) } } },
          {
            Update: {
              TableName: table,
              Key: incidentKey(event.incidentId),
              UpdateExpression: 'SET #waiting = :true',
              ConditionExpression: 'attribute_exists(#pk)',
              ExpressionAttributeNames: { '#waiting': 'waiting', '#pk': INCIDENTS.pk },
              ExpressionAttributeValues: { ':true': true },
            },
          },
        ],
      });
      await insist(patience, `incident ${event.incidentId}`, () => client.send(stand), isContention);
    },
    async next(limit) {
      const items = await queryItems(
        { client, table },
        {
          KeyConditionExpression: '#pk = :line',
          ExpressionAttributeNames: { '#pk': INCIDENTS.pk },
          ExpressionAttributeValues: { ':line': INCIDENTS.waitingLine },
          ConsistentRead: true,
        },
        limit,
      );
      return items.map((item) => incidentOpenedSchema.parse(item));
    },
    async leave(event) {
      await client.send(new DeleteCommand({ TableName: table, Key: placeOf(event) }));
    },
  };
}

/** DynamoDB sorts upwards, so the most severe gets the lowest digit. */
function placeOf({ severity, openedAt, incidentId }: IncidentOpened) {
  const order = SEVERITIES.length - 1 - severityRank(severity);
  return { [INCIDENTS.pk]: INCIDENTS.waitingLine, [INCIDENTS.sk]: `${order}#${openedAt}#${incidentId}` };
}
