import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { channelSchema, type Source, sourceSchema } from '../../../domain/source.ts';
import type { PushStore } from '../intake-ports.ts';
import { INCIDENTS } from '../tables.ts';
import type { TableAccess } from './client.ts';

const itemSchema = z.object({
  source: sourceSchema,
  lastPushAt: z.iso.datetime(),
  lastChannel: channelSchema,
  lastTestAt: z.iso.datetime().optional(),
});

const keyOf = (source: Source) => ({ [INCIDENTS.pk]: `PUSH#${source}`, [INCIDENTS.sk]: 'LAST' });

/** One small item for each source. Permissions: GetItem, UpdateItem on the incidents table. */
export function pushStore({ client, table }: TableAccess): PushStore {
  return {
    async note(source, { at, channel, test }) {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(source),
          UpdateExpression: `SET #source = :source, #push = :at, #channel = :channel${test ? ', #test = :at' : ''}`,
          ExpressionAttributeNames: {
            '#source': 'source',
            '#push': 'lastPushAt',
            '#channel': 'lastChannel',
            ...(test ? { '#test': 'lastTestAt' } : {}),
          },
          ExpressionAttributeValues: { ':source': source, ':at': at, ':channel': channel },
        }),
      );
    },
    async get(source) {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: keyOf(source) }));
      return Item === undefined ? undefined : itemSchema.parse(Item);
    },
  };
}
