import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { documentClient } from './client.ts';
import { playbookSlots } from './playbook-slots.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
const ASK = {
  playbook: 'dormant-key',
  execution: 'inc-1#d1',
  now: new Date('2026-02-01T10:05:00.000Z'),
  most: { ofPlaybook: 5, inAll: 10 },
} as const;
const slots = () =>
  playbookSlots(
    { client: documentClient(), table: 'incidents' },
    { attempts: 3, sleep: async () => undefined, random: () => 0 },
  );
const cancelled = (...codes: readonly string[]) =>
  new TransactionCanceledException({
    $metadata: {},
    message: 'cancelled',
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

beforeEach(() => dynamo.reset());

describe('a slot of a playbook', () => {
  it('is taken in one transaction: who takes it, the playbook’s hour and everybody’s, each below its limit', async () => {
    dynamo.on(TransactWriteCommand).resolves({});
    expect(await slots().take(ASK)).toBe(true);
    const items = dynamo.commandCalls(TransactWriteCommand)[0]?.args[0].input.TransactItems ?? [];
    expect(items.map(({ Put, Update }) => Put?.Item?.['pk'] ?? Update?.Key)).toEqual([
      'PLAYBOOK#TAKEN',
      { pk: 'PLAYBOOK#NAME#dormant-key', sk: '2026-02-01T10' },
      { pk: 'PLAYBOOK#ALL', sk: '2026-02-01T10' },
    ]);
    expect(items.flatMap(({ Update }) => Update?.ExpressionAttributeValues?.[':most'] ?? [])).toEqual([5, 10]);
  });

  it('is still there for whoever took it, even in a full hour - a retried execution is the same one', async () => {
    dynamo.on(TransactWriteCommand).rejects(cancelled('ConditionalCheckFailed', 'ConditionalCheckFailed', 'None'));
    expect(await slots().take(ASK)).toBe(true);
  });

  it.each([
    ['of the playbook', cancelled('None', 'ConditionalCheckFailed', 'None')],
    ['of all', cancelled('None', 'None', 'ConditionalCheckFailed')],
  ])('is not to be had when the hour %s is full', async (_, error) => {
    dynamo.on(TransactWriteCommand).rejects(error);
    expect(await slots().take(ASK)).toBe(false);
  });

  it('is tried for again while others count, and an unknown fault is no slot', async () => {
    dynamo
      .on(TransactWriteCommand)
      .rejectsOnce(cancelled('None', 'TransactionConflict', 'None'))
      .resolvesOnce({})
      .rejects(new Error('denied'));
    expect(await slots().take(ASK)).toBe(true);
    await expect(slots().take(ASK)).rejects.toThrow('denied');
  });
});
