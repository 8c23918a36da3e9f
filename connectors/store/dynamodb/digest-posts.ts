import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { DigestPost, DigestPosts } from '../digest-port.ts';
import { ConflictError } from '../ports.ts';
import { DIGEST, INCIDENTS } from '../tables.ts';
import { isConditionFailure, type TableAccess } from './client.ts';

const postSchema = z.object({
  digestId: z.string(),
  claimedAt: z.iso.datetime(),
  members: z.array(z.object({ incidentId: z.string(), stoodAt: z.string() })),
  receipt: z.object({ remoteId: z.string(), requestSha256: z.string(), status: z.number() }).optional(),
});

const KEY = { [INCIDENTS.pk]: DIGEST.post, [INCIDENTS.sk]: 'CURRENT' };

/** The digest that is being posted: one item. Permissions: GetItem, PutItem, UpdateItem, DeleteItem on it. */
export function digestPosts({ client, table }: TableAccess): DigestPosts {
  return {
    async current() {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: KEY, ConsistentRead: true }));
      return Item === undefined ? undefined : postSchema.parse(Item);
    },
    async claim(post, before) {
      const write = new PutCommand({
        TableName: table,
        Item: { ...KEY, ...postSchema.parse(post) },
        ...(before === undefined
          ? { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': INCIDENTS.pk } }
          : isStill(before)),
      });
      return await holds(client.send(write));
    },
    async posted(post, receipt) {
      const condition = isStill(post);
      const write = new UpdateCommand({
        TableName: table,
        Key: KEY,
        UpdateExpression: 'SET #receipt = :receipt',
        ...condition,
        ExpressionAttributeNames: { ...condition.ExpressionAttributeNames, '#receipt': 'receipt' },
        ExpressionAttributeValues: { ...condition.ExpressionAttributeValues, ':receipt': receipt },
      });
      if (!(await holds(client.send(write)))) throw new ConflictError(`digest ${post.digestId} is no longer ours`);
    },
    async finish(post) {
      await holds(client.send(new DeleteCommand({ TableName: table, Key: KEY, ...isStill(post) })));
    },
  };
}

function isStill({ digestId, claimedAt }: DigestPost) {
  return {
    ConditionExpression: '#digest = :digest AND #claimed = :claimed',
    ExpressionAttributeNames: { '#digest': 'digestId', '#claimed': 'claimedAt' },
    ExpressionAttributeValues: { ':digest': digestId, ':claimed': claimedAt },
  };
}

/** @returns false when the condition of the write did not hold */
async function holds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}
