import { execFile } from 'node:child_process';
import { LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { BatchWriteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect, inject } from 'vitest';
import { emulatorSettings } from '../../cli/client-settings.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { AUDIT } from '../../connectors/store/tables.ts';
import type { World } from './world.ts';

export const settingsOf = ({ endpoint }: World) => emulatorSettings({ endpoint, region: 'us-east-1' });

/** The command as a person runs it, while other tests go on. */
export function parapet(...args: readonly string[]): Promise<{ readonly status: number; readonly out: string }> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      ['cli/parapet.js', ...args],
      { env: { ...process.env, PARAPET_RUN: inject('runFile'), NO_COLOR: '1' }, maxBuffer: 50_000_000 },
      (_, out) => done({ status: child.exitCode ?? -1, out }),
    );
  });
}

/** A chain as it lies in the table, and a hand that may do what no role of the stack may. */
export async function chainItems(world: World, chain: string) {
  const client = documentClient(settingsOf(world));
  const table = world.connection.outputs.AuditTable;
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#pk = :chain',
      ExpressionAttributeNames: { '#pk': AUDIT.pk },
      ExpressionAttributeValues: { ':chain': chain },
    }),
  );
  expect(Items.length).toBeGreaterThan(0);
  const write = async (requests: readonly object[]): Promise<void> => {
    for (let from = 0; from < requests.length; from += 25) {
      await client.send(new BatchWriteCommand({ RequestItems: { [table]: requests.slice(from, from + 25) } }));
    }
  };
  return {
    items: Items.map((item) => ({ item, key: { [AUDIT.pk]: item[AUDIT.pk], [AUDIT.sk]: item[AUDIT.sk] } })),
    write,
  };
}

/** Stops the stream that delivers decisions, as if it were down. @returns what starts it again */
export async function holdDecisions(world: World): Promise<() => Promise<void>> {
  const lambda = new LambdaClient(settingsOf(world));
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  const mapping = EventSourceMappings.find(({ FunctionArn = '' }) => FunctionArn.endsWith('deliver-decision'));
  if (mapping?.UUID === undefined) throw new Error('nothing delivers decisions');
  const { UUID } = mapping;
  const set = async (Enabled: boolean): Promise<void> => {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
  };
  await set(false);
  return () => set(true);
}
