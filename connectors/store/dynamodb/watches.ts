import { DeleteCommand, GetCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { inOrder, type Watch, watchSchema } from '../../../domain/watch/watch.ts';
import { NotFoundError } from '../ports.ts';
import { INCIDENTS, WATCHES } from '../tables.ts';
import type { WatchId, WatchStore } from '../watch-port.ts';
import { isConditionFailure, isTransactionContention, type TableAccess } from './client.ts';
import { queryItems } from './query.ts';

/**
 * Looks as items `WATCH#<incident>` / `<action>#<time>` of the incidents table, and a place for each in the line
 * `WATCH#LINE` / `<due>#…`, whose order is the order in which they come due. Permissions, all below the prefix: to plan
 * PutItem; to look Query, GetItem, UpdateItem; to leave DeleteItem on the line.
 */
export function watchStore({ client, table }: TableAccess): WatchStore {
  const read = async (id: WatchId): Promise<Watch | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: itemKey(id), ConsistentRead: true }));
    return Item === undefined ? undefined : watchSchema.parse(Item);
  };
  return {
    async plan(watch) {
      const both = new TransactWriteCommand({
        TransactItems: [
          {
            Put: {
              TableName: table,
              Item: { ...itemKey(watch), ...watchSchema.parse(watch) },
              ConditionExpression: 'attribute_not_exists(#pk)',
              ExpressionAttributeNames: { '#pk': INCIDENTS.pk },
            },
          },
          { Put: { TableName: table, Item: { ...placeKey(watch), ...idOf(watch) } } },
        ],
      });
      try {
        await client.send(both);
      } catch (error) {
        // Planned before, or by somebody else at this moment: it stands either way, unless it does not.
        if (!isTransactionContention(error) || (await read(watch)) === undefined) throw error;
      }
    },
    async due(now, limit) {
      const places = await queryItems(
        { client, table },
        {
          KeyConditionExpression: '#pk = :line AND #sk < :after',
          ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#sk': INCIDENTS.sk },
          // `~` sorts behind every character of a place, so what is due at this very moment is due.
          ExpressionAttributeValues: { ':line': WATCHES.line, ':after': `${now.toISOString()}~` },
          ConsistentRead: true,
        },
        limit,
      );
      const watches = await Promise.all(places.map(async (place) => read(idSchema.parse(place))));
      return watches.filter((watch) => watch !== undefined);
    },
    async record(id, seen) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: itemKey(id),
            UpdateExpression: 'SET #seen = if_not_exists(#seen, :seen)',
            ConditionExpression: 'attribute_exists(#pk)',
            ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#seen': 'seen' },
            ExpressionAttributeValues: { ':seen': seen },
          }),
        );
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        throw new NotFoundError(`${id.incidentId} ${id.actionId} is not watched after ${id.watch}`, { cause: error });
      }
    },
    async leave(watch) {
      await client.send(new DeleteCommand({ TableName: table, Key: placeKey(watch) }));
    },
    async ofIncident(incidentId) {
      const items = await queryItems(
        { client, table },
        {
          KeyConditionExpression: '#pk = :pk',
          ExpressionAttributeNames: { '#pk': INCIDENTS.pk },
          ExpressionAttributeValues: { ':pk': `${WATCHES.prefix}${incidentId}` },
        },
      );
      return inOrder(items.map((item) => watchSchema.parse(item)));
    },
  };
}

const idSchema = watchSchema.unwrap().pick({ incidentId: true, actionId: true, watch: true });
const idOf = ({ incidentId, actionId, watch }: WatchId): WatchId => ({ incidentId, actionId, watch });

function itemKey({ incidentId, actionId, watch }: WatchId) {
  return { [INCIDENTS.pk]: `${WATCHES.prefix}${incidentId}`, [INCIDENTS.sk]: `${actionId}#${watch}` };
}

function placeKey({ incidentId, actionId, watch, dueAt }: Pick<Watch, 'incidentId' | 'actionId' | 'watch' | 'dueAt'>) {
  return { [INCIDENTS.pk]: WATCHES.line, [INCIDENTS.sk]: `${dueAt}#${incidentId}#${actionId}#${watch}` };
}
