import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { ShownPlace, ShownStore } from '../shown-port.ts';
import { APPROVALS, SHOWN } from '../tables.ts';
import type { TableAccess } from './client.ts';

const shownSchema = z.object({ digest: z.string(), remoteId: z.string().optional(), at: z.iso.datetime() });

const keyOf = (approvalId: string, place: ShownPlace) => ({ [APPROVALS.pk]: `${SHOWN.prefix}${approvalId}#${place}` });

/** One item for each question and place. Permissions: GetItem and PutItem on `SHOWN#*`. */
export function shownStore({ client, table }: TableAccess): ShownStore {
  return {
    async get(approvalId, place) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: keyOf(approvalId, place), ConsistentRead: true }),
      );
      return Item === undefined ? undefined : shownSchema.parse(Item);
    },
    async put(approvalId, place, shown) {
      await client.send(
        new PutCommand({ TableName: table, Item: { ...keyOf(approvalId, place), ...shownSchema.parse(shown) } }),
      );
    },
  };
}
