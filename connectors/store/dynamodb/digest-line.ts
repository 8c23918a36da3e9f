import { DeleteCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Publication } from '../../../domain/incident/incident.ts';
import { digestEntrySchema } from '../../../domain/publish/digest-entry.ts';
import type { DigestLine, DigestPlace } from '../digest-port.ts';
import { minuteOf } from '../minute-rate.ts';
import { ConflictError } from '../ports.ts';
import { DIGEST, INCIDENTS } from '../tables.ts';
import { isConditionFailure, isTransactionContention, type TableAccess } from './client.ts';
import { publicationKey } from './incident-item.ts';
import { addToCount } from './minute-count.ts';
import { unchanged } from './publications.ts';
import { queryItems } from './query.ts';

/**
 * The line as items of the incidents table, in the order they came, and one count for each minute that the table deletes by
 * itself. Permissions: to stand PutItem; to count UpdateItem; to tell UpdateItem; to leave Query and DeleteItem.
 */
export function digestLine({ client, table }: TableAccess): DigestLine {
  return {
    async countInMinute(now) {
      const key = { [INCIDENTS.pk]: `${DIGEST.minutePrefix}${minuteOf(now)}`, [INCIDENTS.sk]: 'COUNT' };
      return await addToCount({ client, table }, { key, ttl: INCIDENTS.ttl, now });
    },
    async stand(entry, { system, before }) {
      const publication: Publication = {
        destination: 'chat',
        system,
        state: 'in-digest',
        claimedAt: entry.stoodAt,
        updatedAt: entry.stoodAt,
      };
      const both = new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName: table, Item: { ...placeKey(entry), ...digestEntrySchema.parse(entry) } } },
          {
            Put: {
              TableName: table,
              Item: { ...publicationKey(entry.incidentId, 'chat'), ...publication },
              ...unchanged(before),
            },
          },
        ],
      });
      try {
        await client.send(both);
      } catch (error) {
        if (!isTransactionContention(error)) throw error;
        throw new ConflictError(`the message of ${entry.incidentId} was changed meanwhile; look again`, {
          cause: error,
        });
      }
    },
    async next(limit) {
      const items = await queryItems(
        { client, table },
        {
          KeyConditionExpression: '#pk = :line',
          ExpressionAttributeNames: { '#pk': INCIDENTS.pk },
          ExpressionAttributeValues: { ':line': DIGEST.line },
          ConsistentRead: true,
        },
        limit,
      );
      return items.map((item) => digestEntrySchema.parse(item));
    },
    async tell({ incidentId, stoodAt }, { remoteId, at }) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: publicationKey(incidentId, 'chat'),
            UpdateExpression: 'SET #remoteId = :remoteId, #updated = :at',
            ConditionExpression: '#state = :inDigest AND #claimed = :stoodAt',
            ExpressionAttributeNames: {
              '#remoteId': 'remoteId',
              '#updated': 'updatedAt',
              '#state': 'state',
              '#claimed': 'claimedAt',
            },
            ExpressionAttributeValues: {
              ':remoteId': remoteId,
              ':at': at.toISOString(),
              ':inDigest': 'in-digest',
              ':stoodAt': stoodAt,
            },
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },
    async leave(place) {
      await client.send(new DeleteCommand({ TableName: table, Key: placeKey(place) }));
    },
  };
}

function placeKey({ stoodAt, incidentId }: DigestPlace) {
  return { [INCIDENTS.pk]: DIGEST.line, [INCIDENTS.sk]: `${stoodAt}#${incidentId}` };
}
