import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextEntry, verifyChain } from '../../../domain/audit/entry.ts';
import { auditLog } from './audit.ts';
import { partitionsOf, toAuditItem } from './audit-item.ts';
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

const AT = new Date('2026-01-01T10:20:00.000Z');

describe('auditLog', () => {
  beforeEach(() => mock.reset());

  it('puts an entry under the condition that its place is free, and needs no right but PutItem and Query', async () => {
    mock.on(QueryCommand).resolves({ Items: [] });
    mock.on(PutCommand).resolves({});
    const entry = await log.append(record);
    expect(mock.commandCalls(PutCommand)[0]?.args[0].input).toEqual({
      TableName: 'audit',
      Item: { ...entry, data: '{"a":[2],"b":1}', writtenIn: expect.any(String) },
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
      .resolves({ Items: [toAuditItem(theirs, AT)] });
    mock
      .on(PutCommand)
      .rejectsOnce(new ConditionalCheckFailedException({ message: 'taken', $metadata: {} }))
      .resolves({});
    expect(await log.append(record)).toMatchObject({ sequence: 1, previous: theirs.hash });
  });

  it('hands a forged item to the verification instead of failing on it', async () => {
    const honest = nextEntry(undefined, record);
    mock
      .on(QueryCommand)
      .resolves({ Items: [toAuditItem(honest, AT), { chain: 'inc-1', sequence: 1, data: 'no json' }] });
    const entries = await log.readUnparsed('inc-1');
    expect(verifyChain('inc-1', entries)).toMatchObject({ ok: false, firstBroken: 1 });
    await expect(log.read('inc-1')).rejects.toThrow();
  });

  it('reads a chain over all pages', async () => {
    const first = nextEntry(undefined, record);
    const second = nextEntry(first, record);
    mock
      .on(QueryCommand)
      .resolvesOnce({ Items: [toAuditItem(first, AT)], LastEvaluatedKey: { chain: 'inc-1', sequence: 0 } })
      .resolvesOnce({ Items: [toAuditItem(second, AT)] });
    expect(await log.read('inc-1')).toEqual([first, second]);
  });

  it('keeps the place of the index out of what is read: it is no part of an entry, and would break its hash', async () => {
    const entry = nextEntry(undefined, record);
    expect(toAuditItem(entry, AT)).toMatchObject({ writtenIn: expect.stringMatching(/^2026-01-01T10#[0-7]$/) });
    mock.on(QueryCommand).resolves({ Items: [toAuditItem(entry, AT)] });
    expect(await log.readUnparsed('inc-1')).toEqual([entry]);
    expect(verifyChain('inc-1', await log.readUnparsed('inc-1'))).toMatchObject({ ok: true });
  });

  it('asks every shard of every hour for the chains that were written to, once', async () => {
    mock.on(QueryCommand).resolves({ Items: [] });
    const wanted = partitionsOf(new Date('2026-01-01T11:00:00.000Z'))[3] ?? '';
    mock
      .on(QueryCommand, { ExpressionAttributeValues: { ':hour': wanted } })
      .resolvesOnce({ Items: [{ chain: 'inc-1' }, { chain: 'inc-2' }], LastEvaluatedKey: { chain: 'inc-2' } })
      .resolvesOnce({ Items: [{ chain: 'inc-1' }] });
    const chains = await log.chainsSince(AT, new Date('2026-01-01T12:05:00.000Z'));
    expect([...chains]).toEqual(['inc-1', 'inc-2']);
    const asked = mock
      .commandCalls(QueryCommand)
      .map((call) => call.args[0].input.ExpressionAttributeValues?.[':hour']);
    const hours = ['2026-01-01T10', '2026-01-01T11', '2026-01-01T12'].flatMap((hour) =>
      Array.from({ length: 8 }, (_, shard) => `${hour}#${shard}`),
    );
    expect([...new Set(asked)].sort()).toEqual(hours);
    expect(asked).toHaveLength(hours.length + 1);
  });
});
