import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextEntry, verifyChain } from '../../../domain/audit/entry.ts';
import { auditLog } from './audit.ts';
import { toAuditItem } from './audit-item.ts';
import { documentClient } from './client.ts';

const client = documentClient({ region: 'us-east-1' });
const mock = mockClient(client);
const log = auditLog({
  client,
  table: 'audit',
  patience: { attempts: 3, sleep: async () => undefined, random: () => 0 },
});
const record = {
  chain: 'inc-1',
  at: '2025-10-14T09:16:05.000Z',
  actor: { type: 'function' as const, id: 'normalize' },
  kind: 'incident.opened' as const,
  data: { b: 1, a: [2] },
};

describe('auditLog', () => {
  beforeEach(() => mock.reset());

  it('puts an entry under the condition that its place is free, and needs no right but PutItem and Query', async () => {
    mock.on(QueryCommand).resolves({ Items: [] });
    mock.on(PutCommand).resolves({});
    const entry = await log.append(record);
    expect(mock.commandCalls(PutCommand)[0]?.args[0].input).toEqual({
      TableName: 'audit',
      Item: { ...entry, data: '{"a":[2],"b":1}' },
      ConditionExpression: 'attribute_not_exists(#chain)',
      ExpressionAttributeNames: { '#chain': 'chain' },
    });
    expect(mock.calls().map((call) => call.args[0].constructor.name)).toEqual(['QueryCommand', 'PutCommand']);
    expect(mock.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true, Limit: 1 });
  });

  it('builds on the new head when another writer took the place', async () => {
    const theirs = nextEntry(undefined, record);
    mock
      .on(QueryCommand)
      .resolvesOnce({ Items: [] })
      .resolves({ Items: [toAuditItem(theirs)] });
    mock
      .on(PutCommand)
      .rejectsOnce(new ConditionalCheckFailedException({ message: 'taken', $metadata: {} }))
      .resolves({});
    expect(await log.append(record)).toMatchObject({ sequence: 1, previous: theirs.hash });
  });

  it('hands a forged item to the verification instead of failing on it', async () => {
    const honest = nextEntry(undefined, record);
    mock.on(QueryCommand).resolves({ Items: [toAuditItem(honest), { chain: 'inc-1', sequence: 1, data: 'no json' }] });
    const entries = await log.readUnparsed('inc-1');
    expect(verifyChain('inc-1', entries)).toMatchObject({ ok: false, firstBroken: 1 });
    await expect(log.read('inc-1')).rejects.toThrow();
  });

  it('reads a chain over all pages', async () => {
    const first = nextEntry(undefined, record);
    const second = nextEntry(first, record);
    mock
      .on(QueryCommand)
      .resolvesOnce({ Items: [toAuditItem(first)], LastEvaluatedKey: { chain: 'inc-1', sequence: 0 } })
      .resolvesOnce({ Items: [toAuditItem(second)] });
    expect(await log.read('inc-1')).toEqual([first, second]);
  });
});
