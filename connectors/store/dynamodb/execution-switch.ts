import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { executionSwitchSchema } from '../../../domain/control/execution-switch.ts';
import type { ExecutionSwitchStore } from '../control-port.ts';
import { APPROVALS, CONTROL } from '../tables.ts';
import type { TableAccess } from './client.ts';

/**
 * The item `CONTROL#EXECUTION` of the approvals table. Whoever may put that one item can stop everything without this code
 * (docs/operating.md has the line). Permissions: GetItem on the key; to set it, PutItem.
 */
export function executionSwitch({ client, table }: TableAccess): ExecutionSwitchStore {
  const key = { [APPROVALS.pk]: `${CONTROL.prefix}EXECUTION` };
  return {
    async read() {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }));
      return Item === undefined ? undefined : executionSwitchSchema.parse(Item);
    },
    async set(wanted) {
      await client.send(new PutCommand({ TableName: table, Item: { ...key, ...executionSwitchSchema.parse(wanted) } }));
    },
  };
}
