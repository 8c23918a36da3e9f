import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { documentClient } from './client.ts';
import { intelCache } from './intel-cache.ts';

const mock = mockClient(DynamoDBDocumentClient);
const NOW = new Date('2025-10-14T09:18:30.000Z');
const SECONDS = NOW.getTime() / 1000;
const cache = () => intelCache({ client: documentClient({ region: 'us-east-1' }), table: 't' });

beforeEach(() => mock.reset());

describe('the cache of intelligence', () => {
  it('compares the end of a lifetime itself - DynamoDB removes late', async () => {
    mock.on(GetCommand).resolves({ Item: { body: '{}', checkedAt: 'then', expiresAt: SECONDS } });
    expect(await cache().get('kev#cve#CVE-2021-44228', NOW)).toBeUndefined();
    mock.on(GetCommand).resolves({ Item: { body: '{}', checkedAt: 'then', expiresAt: SECONDS + 1 } });
    expect(await cache().get('kev#cve#CVE-2021-44228', NOW)).toEqual({ body: '{}', checkedAt: 'then' });
  });

  it('writes below its own prefix with an end in seconds - the role may write nothing else there', async () => {
    mock.on(PutCommand).resolves({});
    const expiresAt = new Date(NOW.getTime() + 60_000);
    await cache().put('otx#domain#x.example.net', { body: '{}', checkedAt: 'then', expiresAt });
    expect(mock.commandCalls(PutCommand).map(({ args }) => args[0].input.Item)).toEqual([
      { key: 'INTEL#otx#domain#x.example.net', body: '{}', checkedAt: 'then', expiresAt: SECONDS + 60 },
    ]);
  });

  it('counts calls in one conditional write for each window - two executions cannot take the same call', async () => {
    mock.on(UpdateCommand).resolves({});
    expect(await cache().take('virustotal', { calls: 4, seconds: 60 }, NOW)).toBe(true);
    const window = Math.floor(SECONDS / 60);
    expect(mock.commandCalls(UpdateCommand)[0]?.args[0].input).toMatchObject({
      Key: { key: `INTEL#allowance#virustotal#60#${window}` },
      ConditionExpression: 'attribute_not_exists(#used) OR #used < :calls',
      ExpressionAttributeValues: { ':one': 1, ':calls': 4, ':expires': (window + 2) * 60 },
    });
    mock.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
    expect(await cache().take('virustotal', { calls: 4, seconds: 60 }, NOW)).toBe(false);
    mock.on(UpdateCommand).rejects(new Error('down'));
    await expect(cache().take('virustotal', { calls: 4, seconds: 60 }, NOW)).rejects.toThrow('down');
  });
});
