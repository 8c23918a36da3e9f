import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Link } from '../../../domain/baseline/links.ts';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { LinkedIncident, LinkStore } from '../context-ports.ts';
import { INCIDENTS } from '../tables.ts';
import type { TableAccess } from './client.ts';
import { queryItems } from './query.ts';

/** After this an equal address is most likely another machine. */
const KEEP_DAYS = 30;
/** A value that more incidents share than this says nothing about any of them. */
const MOST_SHARING = 20;
/** Links a process remembers to have written, so that a flood on one workload writes each once. */
const REMEMBERED = 2_000;

const itemSchema = z.object({ incidentId: z.string(), openedAt: z.iso.datetime(), workload: z.string() });

/**
 * Links as items `LINK#<kind>#<digest of the value>` / `INC#<id>` of the incidents table, with its expiry. Permissions:
 * Query; PutItem to link.
 */
export function linkStore({ client, table }: TableAccess): LinkStore {
  const written = new Set<string>();
  return {
    async link(incident, links, now) {
      const fresh = links.filter((link) => !written.has(nameOf(link, incident)));
      await Promise.all(
        fresh.map((link) =>
          client.send(
            new PutCommand({
              TableName: table,
              Item: {
                [INCIDENTS.pk]: partitionOf(link),
                [INCIDENTS.sk]: `INC#${incident.incidentId}`,
                ...itemSchema.parse(incident),
                [INCIDENTS.ttl]: epochSeconds(now) + KEEP_DAYS * 24 * 3600,
              },
            }),
          ),
        ),
      );
      if (written.size + fresh.length > REMEMBERED) written.clear();
      for (const link of fresh) written.add(nameOf(link, incident));
    },
    async sharing(link, { except, now }) {
      const items = await queryItems(
        { client, table },
        {
          KeyConditionExpression: '#pk = :pk',
          // DynamoDB's own expiry is late: what is over must not take the place of what is not.
          FilterExpression: '#ttl > :now',
          ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#ttl': INCIDENTS.ttl },
          ExpressionAttributeValues: { ':pk': partitionOf(link), ':now': epochSeconds(now) },
        },
        // One more to see that there are too many, and the incident that asks.
        MOST_SHARING + 2,
      );
      const others = items.flatMap((item): LinkedIncident[] => {
        const parsed = itemSchema.safeParse(item);
        return parsed.success && parsed.data.incidentId !== except ? [parsed.data] : [];
      });
      if (others.length > MOST_SHARING) return [];
      return others.sort((a, b) => Date.parse(b.openedAt) - Date.parse(a.openedAt));
    },
  };
}

function partitionOf({ what, value }: Link): string {
  return `LINK#${what}#${sha256Hex(value)}`;
}

function nameOf(link: Link, { incidentId }: LinkedIncident): string {
  return `${partitionOf(link)} ${incidentId}`;
}

function epochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
