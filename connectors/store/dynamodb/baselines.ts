import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Baseline, baselineSchema, isNews, learn, type Period } from '../../../domain/baseline/baseline.ts';
import type { Observation } from '../../../domain/baseline/observe.ts';
import type { BaselineStore } from '../context-ports.ts';
import { INCIDENTS } from '../tables.ts';
import { isConditionFailure, type TableAccess } from './client.ts';
import { isBusyItem } from './patience.ts';

interface Held {
  readonly baseline: Baseline | undefined;
  readonly version: number;
}

/** Writers of one baseline meet only in a storm on one workload, which soon has nothing new to say. */
const ATTEMPTS = 3;
/** Baselines a process remembers, so that a flood of equal findings costs no call at all. */
const REMEMBERED = 500;

/**
 * Baselines as one item each of the incidents table, `BASELINE#<key>` / `BASELINE`: the JSON text (names come from outside,
 * and a native map refuses some of them) and a version. Permissions: GetItem; UpdateItem to learn.
 */
export function baselineStore({ client, table }: TableAccess): BaselineStore {
  const remembered = new Map<string, Held>();

  async function read(key: string): Promise<Held> {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true }));
    return remember(key, { baseline: parse(Item?.['baseline']), version: Number(Item?.['version'] ?? 0) });
  }

  async function write(key: string, held: Held, baseline: Baseline, at: number): Promise<void> {
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: keyOf(key),
        UpdateExpression: 'SET #baseline = :baseline, #version = :next, #updated = :at',
        ConditionExpression: held.version === 0 ? 'attribute_not_exists(#version)' : '#version = :version',
        ExpressionAttributeNames: { '#baseline': 'baseline', '#version': 'version', '#updated': 'updatedAt' },
        ExpressionAttributeValues: {
          ':baseline': JSON.stringify(baseline),
          ':next': held.version + 1,
          ':at': new Date(at).toISOString(),
          ...(held.version === 0 ? {} : { ':version': held.version }),
        },
      }),
    );
    remember(key, { baseline, version: held.version + 1 });
  }

  function remember(key: string, held: Held): Held {
    remembered.delete(key);
    remembered.set(key, held);
    const oldest = remembered.keys().next();
    if (remembered.size > REMEMBERED && !oldest.done) remembered.delete(oldest.value);
    return held;
  }

  async function attempt(key: string, held: Held, seen: readonly Observation[], period: Period) {
    if (!isNews(held.baseline, seen, period.last)) return 'known';
    try {
      await write(key, held, learn(held.baseline, seen, period), period.last);
      return 'learned';
    } catch (error) {
      if (isConditionFailure(error) || isBusyItem(error)) return undefined;
      throw error;
    }
  }

  return {
    async learn(key, seen, period) {
      for (let tries = 0; tries < ATTEMPTS; tries += 1) {
        const known = tries === 0 ? remembered.get(key) : undefined;
        const outcome = await attempt(key, known ?? (await read(key)), seen, period);
        if (outcome !== undefined) return outcome;
      }
      return 'busy';
    },
    get: async (key) => (await read(key)).baseline,
  };
}

function keyOf(key: string) {
  return { [INCIDENTS.pk]: `BASELINE#${key}`, [INCIDENTS.sk]: 'BASELINE' };
}

/** An item of an older shape is as good as none: what is usual is learned anew. */
function parse(text: unknown): Baseline | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return baselineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
