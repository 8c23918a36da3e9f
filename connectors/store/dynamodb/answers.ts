import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AnswerStore } from '../answers-port.ts';
import { keptAnswerSchema } from '../answers-port.ts';
import { ANSWERS, INCIDENTS } from '../tables.ts';
import type { TableAccess } from './client.ts';
import { epochSeconds } from './duplicates.ts';

/** `ANSWER#<likeness>` / `KEPT` of the incidents table, deleted by it after a month. Permissions: GetItem, UpdateItem. */
export function answerStore({ client, table }: TableAccess): AnswerStore {
  const key = (likeness: string) => ({
    [INCIDENTS.pk]: `${ANSWERS.prefix}${likeness}`,
    [INCIDENTS.sk]: 'KEPT',
  });
  return {
    async get(likeness, now) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: key(likeness), ConsistentRead: true }),
      );
      if (Item === undefined || !(Number(Item[INCIDENTS.ttl]) > epochSeconds(now))) return undefined;
      return keptAnswerSchema.parse(Item);
    },
    async keep(likeness, answer, now) {
      const fields = Object.entries({ ...answer, [INCIDENTS.ttl]: epochSeconds(now) + ANSWERS.keepSeconds });
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: key(likeness),
          UpdateExpression: `SET ${fields.map(([name]) => `#${name} = :${name}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
        }),
      );
    },
  };
}
