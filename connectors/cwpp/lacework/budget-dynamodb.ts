import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { TableAccess } from '../../store/dynamodb/client.ts';
import { CALL_BUDGET, INCIDENTS } from '../../store/tables.ts';
import {
  type AnswerCache,
  allowedNow,
  blocked,
  CACHE_MS,
  type CallBudget,
  HOUR_MS,
  type Priority,
  usedUp,
} from './budget.ts';

/** As the document client gives it, or as the service sends it (`{"N":"7"}`), which is how it stands in an exception. */
const amount = z.union([z.number(), z.object({ N: z.string() }).transform(({ N }) => Number(N))]);
const counterSchema = z.object({ hour: amount, used: amount, blockedUntil: amount.optional() });
type Counter = z.infer<typeof counterSchema>;

/** Another function may begin the hour between our two writes; more often than that cannot happen. */
const ATTEMPTS = 3;

/**
 * One counter per functionality and hour, in two items that take turns (even and odd hours), so that nothing piles up and
 * nothing has to be deleted. The condition makes the count exact however many functions count at once.
 *
 * When the table cannot be asked, confirmations go on (the vendor's own 429 still stands behind them) and enrichment does not.
 */
export function dynamoBudget(
  { client, table }: TableAccess,
  of: { readonly account: string; readonly callsPerHour: number; readonly now: () => number },
): CallBudget {
  const previous = new Map<string, { readonly hour: number; readonly used: number }>();
  const keyOf = (functionality: string, hour: number) => ({
    [INCIDENTS.pk]: `${CALL_BUDGET.prefix}CALLS#${of.account}#${functionality}`,
    [INCIDENTS.sk]: `HOUR#${hour % 2}`,
  });

  async function usedBefore(functionality: string, hour: number): Promise<number> {
    const known = previous.get(functionality);
    if (known?.hour === hour - 1) return known.used;
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: keyOf(functionality, hour - 1) }));
    const read = counterSchema.safeParse(Item);
    const used = read.success && read.data.hour === hour - 1 ? read.data.used : 0;
    previous.set(functionality, { hour: hour - 1, used });
    return used;
  }

  /** @returns undefined when it was counted; otherwise what stands there instead */
  async function count(functionality: string, hour: number, allowed: number, now: number) {
    return await conditionally(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(functionality, hour),
          UpdateExpression: 'ADD #used :one',
          ConditionExpression:
            '#hour = :hour AND #used < :allowed AND (attribute_not_exists(#blocked) OR #blocked <= :now)',
          ExpressionAttributeNames: { '#used': 'used', '#hour': 'hour', '#blocked': 'blockedUntil' },
          ExpressionAttributeValues: { ':one': 1, ':hour': hour, ':allowed': allowed, ':now': now },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );
  }

  async function begin(functionality: string, hour: number): Promise<boolean> {
    const refusal = await conditionally(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(functionality, hour),
          UpdateExpression: 'SET #hour = :hour, #used = :none',
          ConditionExpression: 'attribute_not_exists(#hour) OR #hour < :hour',
          ExpressionAttributeNames: { '#used': 'used', '#hour': 'hour' },
          ExpressionAttributeValues: { ':hour': hour, ':none': 0 },
        }),
      ),
    );
    return refusal === undefined;
  }

  async function takeOne(functionality: string, priority: Priority): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const now = of.now();
      const hour = Math.floor(now / HOUR_MS);
      const before = await usedBefore(functionality, hour);
      const allowed = allowedNow({ callsPerHour: of.callsPerHour, previous: before, now, priority });
      const refusal = await count(functionality, hour, allowed, now);
      if (refusal === undefined) return;
      if ((refusal.counter?.blockedUntil ?? 0) > now) throw blocked(functionality);
      if (refusal.counter !== undefined && refusal.counter.hour >= hour) throw usedUp(functionality, priority);
      await begin(functionality, hour);
    }
    throw usedUp(functionality, priority);
  }

  return {
    async take(functionality, priority) {
      try {
        await takeOne(functionality, priority);
      } catch (error) {
        if (isOurs(error)) throw error;
        if (priority === 'enrichment') throw usedUp(`${functionality} (its count cannot be read)`, priority);
      }
    },
    async refused(functionality, waitMs) {
      const now = of.now();
      await client
        .send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(functionality, Math.floor(now / HOUR_MS)),
            UpdateExpression: 'SET #blocked = :until',
            ExpressionAttributeNames: { '#blocked': 'blockedUntil' },
            ExpressionAttributeValues: { ':until': now + waitMs },
          }),
        )
        // The vendor goes on refusing by itself; the mark only spares calls.
        .catch(() => undefined);
    },
  };
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && error.name === 'CallBudgetError';
}

async function conditionally(write: () => Promise<unknown>): Promise<{ readonly counter?: Counter } | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const read = counterSchema.safeParse(error.Item);
    return read.success ? { counter: read.data } : {};
  }
}

/** An item holds 400 KB; a larger answer is asked for again. */
const MAX_CACHED_BYTES = 300_000;
const SLOTS = 256;
const answerSchema = z.object({ key: z.string(), text: z.string(), expiresAt: z.number() });

/** A fixed number of slots, written over and over: the table has no expiry, and old answers must not pile up in it. */
export function dynamoCache({ client, table }: TableAccess, now: () => number): AnswerCache {
  const keyOf = (key: string) => ({
    [INCIDENTS.pk]: `${CALL_BUDGET.prefix}ANSWER#${Number.parseInt(sha256Hex(key).slice(0, 4), 16) % SLOTS}`,
    [INCIDENTS.sk]: 'ANSWER',
  });
  return {
    async get(key) {
      try {
        const { Item } = await client.send(new GetCommand({ TableName: table, Key: keyOf(key) }));
        const read = answerSchema.safeParse(Item);
        return read.success && read.data.key === key && read.data.expiresAt > now() ? read.data.text : undefined;
      } catch {
        // A cache that cannot be read costs a call, nothing else.
        return undefined;
      }
    },
    async put(key, text) {
      if (Buffer.byteLength(text) > MAX_CACHED_BYTES) return;
      await client
        .send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(key),
            UpdateExpression: 'SET #key = :key, #text = :text, #expires = :expires',
            ExpressionAttributeNames: { '#key': 'key', '#text': 'text', '#expires': 'expiresAt' },
            ExpressionAttributeValues: { ':key': key, ':text': text, ':expires': now() + CACHE_MS },
          }),
        )
        .catch(() => undefined);
    },
  };
}
