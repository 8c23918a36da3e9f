import { DeleteCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type IncidentOpened, incidentOpenedSchema } from '../../../domain/events.ts';
import { SEVERITIES, severityRank } from '../../../domain/severity.ts';
import type { WaitingLine } from '../intake-ports.ts';
import { minuteOf } from '../minute-rate.ts';
import { DEDUPLICATION, INCIDENTS } from '../tables.ts';
import type { TableAccess } from './client.ts';
import { incidentKey } from './incident-item.ts';
import { addToCount } from './minute-count.ts';
import { insist, isContention, PATIENCE, type Patience } from './patience.ts';
import { queryItems } from './query.ts';

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
      return await addToCount(
        { client, table: deduplicationTable },
        { key: { [DEDUPLICATION.pk]: `OPENED#${minuteOf(now)}` }, ttl: DEDUPLICATION.ttl, now },
      );
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
