import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { hourOf, type PlaybookSlots, type SlotAsk } from '../playbook-port.ts';
import { INCIDENTS, PLAYBOOK_SLOTS } from '../tables.ts';
import type { TableAccess } from './client.ts';
import { epochSeconds } from './duplicates.ts';
import { insist, isContention, PATIENCE, type Patience } from './patience.ts';

/** Longer than an execution of the state machine may last, so that a late retry is known again. */
const KEEP_SECONDS = 10 * 24 * 3600;

/**
 * One transaction takes the slot of the playbook and the one of all, and remembers who took it: both counts have their limit as a
 * condition, so that any number of executions at once end at the limit. Permissions: PutItem, UpdateItem on `PLAYBOOK#*`.
 */
export function playbookSlots({ client, table }: TableAccess, patience: Patience = PATIENCE): PlaybookSlots {
  const key = (pk: string, sk: string) => ({ [INCIDENTS.pk]: `${PLAYBOOK_SLOTS.prefix}${pk}`, [INCIDENTS.sk]: sk });
  const counted = (name: string, most: number, { now }: SlotAsk) => ({
    Update: {
      TableName: table,
      Key: key(name, hourOf(now)),
      UpdateExpression: 'ADD #count :one SET #expires = :expires',
      ConditionExpression: 'attribute_not_exists(#count) OR #count < :most',
      ExpressionAttributeNames: { '#count': 'count', '#expires': INCIDENTS.ttl },
      ExpressionAttributeValues: { ':one': 1, ':most': most, ':expires': epochSeconds(now) + KEEP_SECONDS },
    },
  });
  return {
    async take(ask) {
      return await insist(
        patience,
        `slot of playbook ${ask.playbook}`,
        async () => {
          try {
            await client.send(
              new TransactWriteCommand({
                TransactItems: [
                  {
                    Put: {
                      TableName: table,
                      Item: {
                        ...key('TAKEN', ask.execution),
                        playbook: ask.playbook,
                        takenAt: ask.now.toISOString(),
                        [INCIDENTS.ttl]: epochSeconds(ask.now) + KEEP_SECONDS,
                      },
                      ConditionExpression: 'attribute_not_exists(#pk)',
                      ExpressionAttributeNames: { '#pk': INCIDENTS.pk },
                    },
                  },
                  counted(`NAME#${ask.playbook}`, ask.most.ofPlaybook, ask),
                  counted('ALL', ask.most.inAll, ask),
                ],
              }),
            );
            return true;
          } catch (error) {
            const [taken, ...counts] = reasonsOf(error);
            if (taken === FAILED) return true;
            if (counts.includes(FAILED)) return false;
            throw error;
          }
        },
        isContention,
      );
    },
  };
}

const FAILED = 'ConditionalCheckFailed';

function reasonsOf(error: unknown): readonly (string | undefined)[] {
  return error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []).map(({ Code }) => Code) : [];
}
