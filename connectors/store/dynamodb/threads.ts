import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Turn, turnSchema } from '../../../domain/ask/exchange.ts';
import { MOST_TURNS } from '../../../domain/ask/thread.ts';
import { INCIDENTS, THREADS } from '../tables.ts';
import { ThreadFullError, type ThreadStore } from '../thread-port.ts';
import { isConditionFailure, type TableAccess } from './client.ts';
import { insist, isBusyItem, PATIENCE, type Patience } from './patience.ts';
import { queryItems } from './query.ts';

/**
 * Turns as items `THREAD#<incident>` / `<thread>#<number>` of the incidents table, each written once on the condition that
 * its number is free. Permissions: Query; PutItem to append.
 */
export function threadStore(options: TableAccess & { readonly patience?: Patience }): ThreadStore {
  const { client, table, patience = PATIENCE } = options;
  const access: TableAccess = { client, table };

  async function newest(incidentId: string, threadId: string, last: number): Promise<Turn[]> {
    const items = await queryItems(
      access,
      {
        KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :thread)',
        ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#sk': INCIDENTS.sk },
        ExpressionAttributeValues: { ':pk': partitionOf(incidentId), ':thread': `${threadId}#` },
        ScanIndexForward: false,
        ConsistentRead: true,
      },
      last,
    );
    return items.map((item) => turnSchema.parse(item)).reverse();
  }

  return {
    async append(incidentId, draft) {
      return await insist(
        patience,
        `thread ${draft.threadId}`,
        async () => {
          const [last] = await newest(incidentId, draft.threadId, 1);
          const turn: Turn = { ...draft, turn: (last?.turn ?? 0) + 1 };
          if (turn.turn > MOST_TURNS) throw new ThreadFullError(`a thread has at most ${MOST_TURNS} turns`);
          await client.send(
            new PutCommand({
              TableName: table,
              Item: { [INCIDENTS.pk]: partitionOf(incidentId), [INCIDENTS.sk]: sortKeyOf(turn), ...turn },
              ConditionExpression: 'attribute_not_exists(#pk)',
              ExpressionAttributeNames: { '#pk': INCIDENTS.pk },
            }),
          );
          return turn;
        },
        (error) => isConditionFailure(error) || isBusyItem(error),
      );
    },
    turns: (incidentId, threadId, { last }) => newest(incidentId, threadId, last),
    async all(incidentId, { limit }) {
      const items = await queryItems(
        access,
        {
          KeyConditionExpression: '#pk = :pk',
          ExpressionAttributeNames: { '#pk': INCIDENTS.pk },
          ExpressionAttributeValues: { ':pk': partitionOf(incidentId) },
        },
        limit,
      );
      return items.map((item) => turnSchema.parse(item));
    },
  };
}

function partitionOf(incidentId: string): string {
  return `${THREADS.prefix}${incidentId}`;
}

/** Numbers sort as text only at equal length. */
function sortKeyOf({ threadId, turn }: Turn): string {
  return `${threadId}#${String(turn).padStart(4, '0')}`;
}
