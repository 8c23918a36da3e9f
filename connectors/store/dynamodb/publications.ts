import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Publication, publicationSchema } from '../../../domain/incident/incident.ts';
import type { IncidentStore } from '../ports.ts';
import { INCIDENTS } from '../tables.ts';
import { isConditionFailure, type TableAccess } from './client.ts';
import { publicationKey } from './incident-item.ts';
import { queryItems } from './query.ts';

type Claim = Parameters<IncidentStore['claimPublication']>[1];
type Claimed = Awaited<ReturnType<IncidentStore['claimPublication']>>;

/**
 * The claim is one conditional write against what was just read: nothing there, a lease that ran out, or a creation that
 * failed. Whoever loses the race reads the winner's record.
 */
export async function claimPublication(access: TableAccess, incidentId: string, claim: Claim): Promise<Claimed> {
  const existing = await readPublication(access, incidentId, claim.destination);
  if (existing && !mayTakeOver(existing, claim)) return { mine: false, stale: false, publication: existing };
  const at = claim.now.toISOString();
  const publication: Publication = {
    destination: claim.destination,
    system: claim.system,
    state: 'claimed',
    claimedAt: at,
    updatedAt: at,
  };
  try {
    await access.client.send(
      new PutCommand({
        TableName: access.table,
        Item: { ...publicationKey(incidentId, claim.destination), ...publication },
        ...unchanged(existing),
      }),
    );
    return { mine: true, stale: existing !== undefined, publication };
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    const winner = await readPublication(access, incidentId, claim.destination);
    return { mine: false, stale: false, publication: winner ?? publication };
  }
}

/** A write that happens only if the publication is as it was read; undefined: there was none. */
export function unchanged(existing: Publication | undefined) {
  return existing === undefined
    ? { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': INCIDENTS.pk } }
    : {
        ConditionExpression: '#updated = :updated AND #state = :state',
        ExpressionAttributeNames: { '#updated': 'updatedAt', '#state': 'state' },
        ExpressionAttributeValues: { ':updated': existing.updatedAt, ':state': existing.state },
      };
}

/**
 * A failed creation may be tried again at once; an unfinished one when its lease is over. What stands in a digest has no
 * record of its own: whoever claims it decided that it must have one.
 */
function mayTakeOver(existing: Publication, claim: Claim): boolean {
  switch (existing.state) {
    case 'created':
      return false;
    case 'failed':
      return existing.remoteId === undefined;
    case 'in-digest':
      return true;
    case 'claimed':
      return Date.parse(existing.claimedAt) + claim.leaseSeconds * 1000 <= claim.now.getTime();
  }
}

async function readPublication(
  { client, table }: TableAccess,
  incidentId: string,
  destination: string,
): Promise<Publication | undefined> {
  const { Item } = await client.send(
    new GetCommand({ TableName: table, Key: publicationKey(incidentId, destination), ConsistentRead: true }),
  );
  return Item === undefined ? undefined : publicationSchema.parse(Item);
}

export async function recordPublication(
  { client, table }: TableAccess,
  incidentId: string,
  publication: Publication,
): Promise<void> {
  await client.send(
    new PutCommand({
      TableName: table,
      Item: { ...publicationKey(incidentId, publication.destination), ...publication },
    }),
  );
}

export async function listPublications(access: TableAccess, incidentId: string): Promise<readonly Publication[]> {
  const items = await queryItems(access, {
    KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :prefix)',
    ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#sk': INCIDENTS.sk },
    ExpressionAttributeValues: { ':pk': `INC#${incidentId}`, ':prefix': 'PUBLICATION#' },
    ConsistentRead: true,
  });
  return items.map((item) => publicationSchema.parse(item));
}
