import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { documentClient } from '../../store/dynamodb/client.ts';
import {
  allowedNow,
  CACHE_MS,
  type CallBudget,
  CallBudgetError,
  HOUR_MS,
  memoryBudget,
  type Priority,
} from './budget.ts';
import { dynamoBudget, dynamoCache } from './budget-dynamodb.ts';

const client = documentClient({ region: 'us-east-1' });
const mock = mockClient(client);
const MIDNIGHT = Date.parse('2026-03-17T00:00:00.000Z');

/** The items, each update of them one step; a refused one gives back the item as the service sends it. */
const items = new Map<string, Record<string, unknown>>();
let clock = MIDNIGHT;

function keyOf({ Key }: { readonly Key?: Record<string, unknown> | undefined }): string {
  return `${String(Key?.['pk'])} ${String(Key?.['sk'])}`;
}

function update(input: UpdateCommandInput): object {
  const item = items.get(keyOf(input)) ?? {};
  const values = input.ExpressionAttributeValues ?? {};
  const refuse = (): never => {
    const Item = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, { N: String(value) }]));
    throw new ConditionalCheckFailedException({
      message: 'no',
      $metadata: {},
      ...(items.has(keyOf(input)) ? { Item } : {}),
    });
  };
  if (input.UpdateExpression?.startsWith('ADD')) {
    const { hour, used, blockedUntil } = item;
    if (hour !== values[':hour'] || Number(used) >= values[':allowed'] || Number(blockedUntil ?? 0) > values[':now'])
      refuse();
    items.set(keyOf(input), { ...item, used: Number(used) + 1 });
  } else if (input.ConditionExpression) {
    if (item['hour'] !== undefined && Number(item['hour']) >= values[':hour']) refuse();
    items.set(keyOf(input), { ...item, hour: values[':hour'], used: 0 });
  } else {
    const names = Object.entries(input.ExpressionAttributeNames ?? {});
    const set = (input.UpdateExpression ?? '').matchAll(/(#\w+) = (:\w+)/g);
    for (const [, alias, value] of set) {
      const name = names.find(([key]) => key === alias)?.[1] ?? '';
      items.set(keyOf(input), { ...items.get(keyOf(input)), [name]: values[value ?? ''] });
    }
  }
  return {};
}

beforeEach(() => {
  mock.reset();
  items.clear();
  clock = MIDNIGHT;
  mock.on(GetCommand).callsFake(async (input) => ({ Item: items.get(keyOf(input)) }));
  mock.on(UpdateCommand).callsFake(async (input) => update(input));
});

const now = (): number => clock;
const shared = (): CallBudget =>
  dynamoBudget({ client, table: 'incidents' }, { account: 'example', callsPerHour: 10, now });

async function taken(budget: CallBudget, count: number, priority: Priority = 'confirmation'): Promise<number> {
  let sum = 0;
  for (let call = 0; call < count; call += 1) {
    sum += await budget.take('Alerts/{id}', priority).then(
      () => 1,
      () => 0,
    );
  }
  return sum;
}

describe.each([
  ['in memory', () => memoryBudget({ callsPerHour: 10, now })],
  ['in DynamoDB', shared],
])('the hourly budget %s', (_where, make) => {
  it('ends, and says so as trouble with the vendor', async () => {
    const budget = make();
    expect(await taken(budget, 15)).toBe(10);
    await expect(budget.take('Alerts/{id}', 'confirmation')).rejects.toBeInstanceOf(CallBudgetError);
  });

  it('keeps a fifth for confirmations', async () => {
    const budget = make();
    expect(await taken(budget, 15, 'enrichment')).toBe(8);
    expect(await taken(budget, 15)).toBe(2);
  });

  it('is one for each functionality', async () => {
    const budget = make();
    await taken(budget, 10);
    await expect(budget.take('Entities/Machines/search', 'enrichment')).resolves.toBeUndefined();
  });

  it('counts the last 60 minutes, so that the full hour does not double it', async () => {
    const budget = make();
    clock = MIDNIGHT + HOUR_MS - 1_000;
    expect(await taken(budget, 15)).toBe(10);
    clock = MIDNIGHT + HOUR_MS + 1_000;
    expect(await taken(budget, 15)).toBe(0);
    clock = MIDNIGHT + 1.5 * HOUR_MS;
    expect(await taken(budget, 15)).toBe(5);
    clock = MIDNIGHT + 3 * HOUR_MS;
    expect(await taken(budget, 15)).toBe(10);
  });

  it('is closed while the vendor itself refuses', async () => {
    const budget = make();
    await taken(budget, 1);
    await budget.refused('Alerts/{id}', 60_000);
    expect(await taken(budget, 1)).toBe(0);
    clock += 60_000;
    expect(await taken(budget, 1)).toBe(1);
  });
});

describe('the budget in DynamoDB', () => {
  it('is one for all functions, however many count at once', async () => {
    const [a, b, c] = [shared(), shared(), shared()];
    const sums = await Promise.all([taken(a, 8), taken(b, 8), taken(c, 8)]);
    expect(sums.reduce((sum, one) => sum + one, 0)).toBe(10);
  });

  it('keeps two items for each functionality, for ever, all below its own prefix', async () => {
    for (let hour = 0; hour < 5; hour += 1) {
      clock = MIDNIGHT + hour * HOUR_MS;
      await taken(shared(), 2);
    }
    expect([...items.keys()].sort()).toEqual([
      'LACEWORK#CALLS#example#Alerts/{id} HOUR#0',
      'LACEWORK#CALLS#example#Alerts/{id} HOUR#1',
    ]);
  });

  it('lets confirmations go on and enrichment wait when the table cannot be asked', async () => {
    mock.reset();
    mock.onAnyCommand().rejects(new Error('no table'));
    expect(await taken(shared(), 3)).toBe(3);
    await expect(shared().take('Alerts/{id}', 'enrichment')).rejects.toBeInstanceOf(CallBudgetError);
    await expect(shared().refused('Alerts/{id}', 1_000)).resolves.toBeUndefined();
  });

  it('spends one write a call, and one read an hour', async () => {
    await taken(shared(), 1);
    mock.resetHistory();
    const budget = shared();
    await taken(budget, 5);
    expect([mock.commandCalls(UpdateCommand).length, mock.commandCalls(GetCommand).length]).toEqual([5, 1]);
  });
});

describe('the answers in DynamoDB', () => {
  const cache = dynamoCache({ client, table: 'incidents' }, now);

  it('are kept for minutes, for every function', async () => {
    await cache.put('a', 'one');
    expect(await dynamoCache({ client, table: 'incidents' }, now).get('a')).toBe('one');
    clock += CACHE_MS;
    expect(await cache.get('a')).toBeUndefined();
  });

  it('are never those of another call that shares the slot', async () => {
    await cache.put('a', 'one');
    const [slot] = items.values();
    if (slot) slot['key'] = 'another';
    expect(await cache.get('a')).toBeUndefined();
  });

  it('take a fixed number of items and no answer that an item cannot hold', async () => {
    for (let answer = 0; answer < 2_000; answer += 1) await cache.put(`key ${answer}`, 'x');
    expect(items.size).toBeLessThanOrEqual(256);
    items.clear();
    await cache.put('large', 'x'.repeat(300_001));
    expect(items.size).toBe(0);
  });

  it('that cannot be read or kept cost a call and nothing else', async () => {
    mock.reset();
    mock.onAnyCommand().rejects(new Error('no table'));
    await expect(cache.put('a', 'one')).resolves.toBeUndefined();
    await expect(cache.get('a')).resolves.toBeUndefined();
  });
});

describe('what is allowed', () => {
  it('never is less than nothing', () => {
    expect(allowedNow({ callsPerHour: 10, previous: 480, now: MIDNIGHT, priority: 'enrichment' })).toBe(0);
  });
});
