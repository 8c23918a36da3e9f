import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { APART_MS } from '../../../domain/baseline/baseline.ts';
import type { Observation } from '../../../domain/baseline/observe.ts';
import { INCIDENTS } from '../tables.ts';
import { baselineStore } from './baselines.ts';
import { documentClient } from './client.ts';
import { linkStore } from './links.ts';
import { pollStore } from './polls.ts';

const client = mockClient(DynamoDBDocumentClient);
const access = () => ({ client: documentClient({ region: 'us-east-1' }), table: 'incidents' });
const items = new Map<string, Record<string, unknown>>();
const at = Date.parse('2026-11-22T10:00:00.000Z');
const java: Observation = { dimension: 'process', value: '/usr/bin/java' };
const point = (time: number) => ({ first: time, last: time });

/** As much of DynamoDB as the adapters use: SET and ADD of whole attributes, and their own conditions. */
beforeEach(() => {
  client.reset();
  items.clear();
  const keyOf = (key: Record<string, unknown> = {}) => `${key[INCIDENTS.pk]} ${key[INCIDENTS.sk]}`;
  client.on(GetCommand).callsFake(({ Key }) => ({ Item: items.get(keyOf(Key)) }));
  client.on(PutCommand).callsFake(({ Item }) => void items.set(keyOf(Item), Item));
  // What is filtered out has been read: it counts for the limit.
  client.on(QueryCommand).callsFake((input) => {
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values, Limit, ExclusiveStartKey } = input;
    const left = [...items.values()]
      .filter((item) => item[INCIDENTS.pk] === values[':pk'])
      .sort((a, b) => (String(a[INCIDENTS.sk]) < String(b[INCIDENTS.sk]) ? -1 : 1))
      .filter((item) => String(item[INCIDENTS.sk]) > String(ExclusiveStartKey?.[INCIDENTS.sk] ?? ''));
    const page = left.slice(0, Limit);
    const [, name = '', value = ''] = /^(#\w+) > (:\w+)$/.exec(input.FilterExpression ?? '') ?? [];
    return {
      Items: name === '' ? page : page.filter((item) => Number(item[names[name]]) > Number(values[value])),
      ...(page.length < left.length ? { LastEvaluatedKey: page.at(-1) } : {}),
    };
  });
  client.on(UpdateCommand).callsFake((input) => {
    const {
      Key,
      UpdateExpression,
      ConditionExpression = '',
      ExpressionAttributeNames,
      ExpressionAttributeValues,
    } = input;
    const item = { ...(items.get(keyOf(Key)) ?? Key) };
    const absent = /attribute_not_exists\((#\w+)\)/.exec(ConditionExpression)?.[1];
    const equal = /^(#\w+) = (:\w+)$/.exec(ConditionExpression);
    const refuses =
      (absent !== undefined && item[ExpressionAttributeNames[absent]] !== undefined) ||
      (equal !== null && item[ExpressionAttributeNames[equal[1] ?? '']] !== ExpressionAttributeValues[equal[2] ?? '']);
    if (refuses) throw new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
    for (const [, name = '', value = ''] of UpdateExpression.matchAll(/(#\w+) = (:\w+)/g)) {
      item[ExpressionAttributeNames[name]] = ExpressionAttributeValues[value];
    }
    const added = /ADD (#\w+) (:\w+)/.exec(UpdateExpression);
    if (added) {
      const name = ExpressionAttributeNames[added[1] ?? ''];
      item[name] = Number(item[name] ?? 0) + Number(ExpressionAttributeValues[added[2] ?? '']);
    }
    const removed = /REMOVE (#\w+)/.exec(UpdateExpression)?.[1];
    if (removed) delete item[ExpressionAttributeNames[removed]];
    items.set(keyOf(Key), item);
    return {};
  });
});
const writes = () => client.commandCalls(UpdateCommand).length + client.commandCalls(PutCommand).length;
const reads = () => client.commandCalls(GetCommand).length;

describe('the store of baselines', () => {
  it('learns with one write, and reads back what it learned', async () => {
    const store = baselineStore(access());
    expect(await store.learn('w', [java], point(at))).toBe('learned');
    expect({ reads: reads(), writes: writes() }).toEqual({ reads: 1, writes: 1 });
    expect((await baselineStore(access()).get('w'))?.habits.process.entries).toEqual([
      { value: java.value, first: at, last: at, count: 1 },
    ]);
  });

  it('costs nothing at all in a flood of the same', async () => {
    const store = baselineStore(access());
    await store.learn('w', [java], point(at));
    for (let index = 0; index < 50; index += 1) expect(await store.learn('w', [java], point(at + index))).toBe('known');
    expect({ reads: reads(), writes: writes() }).toEqual({ reads: 1, writes: 1 });
    expect(await store.learn('w', [java], point(at + APART_MS))).toBe('learned');
    expect({ reads: reads(), writes: writes() }).toEqual({ reads: 1, writes: 2 });
  });

  it('loses nothing when two processes learn different things of one workload', async () => {
    const [one, other] = [baselineStore(access()), baselineStore(access())];
    await one.learn('w', [java], point(at));
    await other.learn('w', [{ dimension: 'process', value: '/bin/sh' }], point(at));
    await one.learn('w', [{ dimension: 'user', value: 'app' }], point(at));
    const learned = await baselineStore(access()).get('w');
    expect(learned?.habits.process.entries.map(({ value }) => value)).toEqual(['/bin/sh', '/usr/bin/java']);
    expect(learned?.habits.user.entries.map(({ value }) => value)).toEqual(['app']);
  });

  it('gives up learning when others always win, and says so', async () => {
    client.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
    expect(await baselineStore(access()).learn('w', [java], point(at))).toBe('busy');
    expect(writes()).toBe(3);
  });

  it('takes an item it cannot read for none, and learns anew', async () => {
    items.set('BASELINE#w BASELINE', {
      pk: 'BASELINE#w',
      sk: 'BASELINE',
      baseline: '{"of":"another time"}',
      version: 7,
    });
    const store = baselineStore(access());
    expect(await store.get('w')).toBeUndefined();
    expect(await store.learn('w', [java], point(at))).toBe('learned');
    expect(items.get('BASELINE#w BASELINE')).toMatchObject({ version: 8 });
  });

  it('keeps a name DynamoDB would refuse or change', async () => {
    const hostile = { dimension: 'process' as const, value: '__proto__\u0000\u202e' };
    await baselineStore(access()).learn('w', [hostile], point(at));
    expect((await baselineStore(access()).get('w'))?.habits.process.entries[0]?.value).toBe(hostile.value);
  });
});

describe('the store of links', () => {
  const now = new Date(at);
  const address = { what: 'ip' as const, value: '203.0.113.9' };
  const incident = (id: number) => ({
    incidentId: `inc-${id}`,
    openedAt: new Date(at - id * 1000).toISOString(),
    workload: 'payments/checkout in prod-eks',
  });

  it('finds who else has a value, newest first, without the one that asks', async () => {
    const store = linkStore(access());
    for (const id of [3, 1, 2]) await store.link(incident(id), [address], now);
    const found = await store.sharing(address, { except: 'inc-1', now });
    expect(found).toEqual([incident(2), incident(3)]);
    expect(await store.sharing({ ...address, what: 'domain' }, { except: '', now })).toEqual([]);
  });

  it('writes a link of an incident once, however many findings have it', async () => {
    const store = linkStore(access());
    for (let index = 0; index < 20; index += 1) await store.link(incident(1), [address], now);
    expect(writes()).toBe(1);
  });

  it('forgets after a month, also when DynamoDB has not deleted it yet', async () => {
    const store = linkStore(access());
    await store.link(incident(1), [address], now);
    const later = new Date(at + 30 * 24 * 3_600_000);
    expect(await store.sharing(address, { except: '', now: later })).toEqual([]);
  });

  it('finds who is behind any number that is over and not deleted yet', async () => {
    for (let id = 10; id <= 40; id += 1) await linkStore(access()).link(incident(id), [address], now);
    const later = new Date(at + 30 * 24 * 3_600_000);
    await linkStore(access()).link(incident(50), [address], later);
    expect(await linkStore(access()).sharing(address, { except: '', now: later })).toEqual([incident(50)]);
  });

  it('says nothing of a value that too many share', async () => {
    const store = linkStore(access());
    for (let id = 1; id <= 20; id += 1) await store.link(incident(id), [address], now);
    expect(await store.sharing(address, { except: '', now })).toHaveLength(20);
    await store.link(incident(21), [address], now);
    expect(await store.sharing(address, { except: '', now })).toEqual([]);
  });

  it('stores no value from outside in a key', async () => {
    await linkStore(access()).link(incident(1), [{ what: 'domain', value: 'evil.example' }], now);
    expect([...items.keys()][0]).toMatch(/^LINK#domain#[0-9a-f]{64} INC#inc-1$/);
  });
});

describe('the store of polls', () => {
  const state = (cursor: string, trouble?: string) => ({
    source: 'wiz' as const,
    cursor,
    lastPollAt: '2026-11-22T10:00:00.000Z',
    lastAlerts: 3,
    ...(trouble === undefined ? {} : { trouble }),
  });

  it('moves the cursor from where it was seen and from nowhere else', async () => {
    const store = pollStore(access());
    expect(await store.get('wiz')).toBeUndefined();
    expect(await store.advance(state('2026-11-22T09:00:00.000Z'), undefined)).toBe(true);
    expect(await store.advance(state('2026-11-22T08:00:00.000Z'), undefined)).toBe(false);
    expect(await store.advance(state('2026-11-22T10:00:00.000Z'), '2026-11-22T08:00:00.000Z')).toBe(false);
    expect(await store.advance(state('2026-11-22T10:00:00.000Z', 'down'), '2026-11-22T09:00:00.000Z')).toBe(true);
    expect(await store.get('wiz')).toEqual(state('2026-11-22T10:00:00.000Z', 'down'));
  });

  it('forgets the trouble when a poll succeeds', async () => {
    const store = pollStore(access());
    await store.advance(state('2026-11-22T09:00:00.000Z', 'down'), undefined);
    await store.advance(state('2026-11-22T10:00:00.000Z'), '2026-11-22T09:00:00.000Z');
    expect(await store.get('wiz')).toEqual(state('2026-11-22T10:00:00.000Z'));
  });

  it('counts what only the poll found', async () => {
    const store = pollStore(access());
    expect(await store.onlyPolled('wiz')).toEqual({ count: 0 });
    await store.countOnlyPolled('wiz', new Date(at));
    await store.countOnlyPolled('wiz', new Date(at));
    expect(await store.onlyPolled('wiz')).toEqual({ count: 2, lastAt: '2026-11-22T10:00:00.000Z' });
  });
});
