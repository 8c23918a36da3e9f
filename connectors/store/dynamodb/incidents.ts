import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type IncidentChange, type IncidentStore, NotFoundError } from '../ports.ts';
import { INCIDENTS } from '../tables.ts';
import { attach } from './attach.ts';
import { isConditionFailure, type TableAccess } from './client.ts';
import { fromFindingItem, fromIncidentItem, incidentKey } from './incident-item.ts';
import { insist, PATIENCE, type Patience } from './patience.ts';
import { claimPublication, listPublications, recordPublication } from './publications.ts';
import { newestOf, queryItems } from './query.ts';
import { turns } from './turns.ts';

/**
 * Incidents in DynamoDB. `deduplicationTable` is needed by `attach` alone; readers are not given that table.
 * Permissions: attach GetItem, PutItem, UpdateItem, ConditionCheckItem on both tables; the rest GetItem, Query (table and
 * both indexes, which must project all attributes), UpdateItem and, for publications, PutItem on `table`.
 */
export function incidentStore(
  options: TableAccess & { readonly deduplicationTable?: string | undefined; readonly patience?: Patience },
): IncidentStore {
  const { client, table, deduplicationTable, patience = PATIENCE } = options;
  const access: TableAccess = { client, table };
  const waiting = turns();
  return {
    async attach(finding, context) {
      if (deduplicationTable === undefined) {
        throw new Error('this incident store was made without a deduplicationTable, so it can read but not attach');
      }
      return await attach({ ...access, deduplicationTable, patience, turns: waiting }, finding, context);
    },
    async markAnnounced(incidentId) {
      await change(access, patience, incidentId, {
        UpdateExpression: 'SET #announced = :true',
        ExpressionAttributeNames: { '#announced': 'announced' },
        ExpressionAttributeValues: { ':true': true },
      });
    },
    async claim(incidentId, execution, now) {
      return await claim(access, patience, incidentId, execution, now);
    },
    async get(incidentId) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: incidentKey(incidentId), ConsistentRead: true }),
      );
      return Item === undefined ? undefined : fromIncidentItem(Item).incident;
    },
    async findings(incidentId) {
      const items = await queryItems(access, {
        KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :prefix)',
        ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#sk': INCIDENTS.sk },
        ExpressionAttributeValues: { ':pk': `INC#${incidentId}`, ':prefix': 'FINDING#' },
        ConsistentRead: true,
      });
      return items.map(fromFindingItem).sort((a, b) => a.finding.time - b.finding.time);
    },
    async list({ limit }) {
      const items = await newestOf(access, INCIDENTS.listing, 'INCIDENT', limit);
      return items.map((item) => fromIncidentItem(item).incident);
    },
    async history(workloadKey, { except, limit }) {
      const items = await queryItems(
        access,
        {
          IndexName: INCIDENTS.workload.name,
          KeyConditionExpression: '#key = :key',
          ExpressionAttributeNames: { '#key': INCIDENTS.workload.pk },
          ExpressionAttributeValues: { ':key': workloadKey },
          ScanIndexForward: false,
        },
        // One more, because the incident that asks is usually the newest of them.
        limit + 1,
      );
      return items
        .map((item) => fromIncidentItem(item).incident)
        .filter(({ incidentId }) => incidentId !== except)
        .slice(0, limit);
    },
    async update(incidentId, wanted) {
      await update(access, patience, incidentId, wanted);
    },
    claimPublication: (incidentId, wanted) => claimPublication(access, incidentId, wanted),
    recordPublication: (incidentId, publication) => recordPublication(access, incidentId, publication),
    publications: (incidentId) => listPublications(access, incidentId),
  };
}

interface Expression {
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/** Only what is named is set; `times` keep their first value, because a milestone is reached once. */
function changeExpression(wanted: IncidentChange): Expression | undefined {
  const { times = {}, blobs = {}, ...plain } = wanted;
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const clauses: string[] = [];
  const set = (path: readonly string[], value: unknown, firstWins: boolean): void => {
    if (value === undefined) return;
    const target = path.map((part) => `#${part}`).join('.');
    for (const part of path) names[`#${part}`] = part;
    const placeholder = `:${path.join('_')}`;
    values[placeholder] = value;
    clauses.push(firstWins ? `${target} = if_not_exists(${target}, ${placeholder})` : `${target} = ${placeholder}`);
  };
  for (const [name, value] of Object.entries(plain)) set([name], value, false);
  for (const [name, value] of Object.entries(blobs)) set(['blobs', name], value, false);
  for (const [name, value] of Object.entries(times)) set(['times', name], value, true);
  if (clauses.length === 0) return undefined;
  return {
    UpdateExpression: `SET ${clauses.join(', ')}`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

/** An update that only insists that the incident is there. */
const NOTHING: Expression = {
  UpdateExpression: 'REMOVE #nothing',
  ExpressionAttributeNames: { '#nothing': 'nothing' },
};

/** `concluded` is the last word: a step that lost the race against the end changes the rest, but not the status. */
async function update(
  access: TableAccess,
  patience: Patience,
  incidentId: string,
  { status, ...rest }: IncidentChange,
): Promise<void> {
  const plain = changeExpression(rest);
  if (status === undefined) {
    if (plain) await change(access, patience, incidentId, plain);
    return;
  }
  const whole = changeExpression({ ...rest, status });
  if (!whole) return;
  if (status === 'concluded') return await change(access, patience, incidentId, whole);
  try {
    await change(access, patience, incidentId, {
      ...whole,
      ConditionExpression: '#status <> :concluded',
      ExpressionAttributeValues: { ...whole.ExpressionAttributeValues, ':concluded': 'concluded' },
    });
  } catch (error) {
    // Concluded, or not there at all: without the status only the latter fails again.
    if (!(error instanceof NotFoundError)) throw error;
    await change(access, patience, incidentId, plain ?? NOTHING);
  }
}

/** Writes to an incident that must exist. @throws NotFoundError (also when a further condition does not hold), ConflictError */
async function change(
  { client, table }: TableAccess,
  patience: Patience,
  incidentId: string,
  { ConditionExpression, ...expression }: Expression & { readonly ConditionExpression?: string },
): Promise<void> {
  try {
    await insist(patience, `incident ${incidentId}`, () =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: incidentKey(incidentId),
          ...expression,
          ConditionExpression: ConditionExpression
            ? `attribute_exists(#pk) AND ${ConditionExpression}`
            : 'attribute_exists(#pk)',
          ExpressionAttributeNames: { ...expression.ExpressionAttributeNames, '#pk': INCIDENTS.pk },
        }),
      ),
    );
  } catch (error) {
    if (isConditionFailure(error)) throw new NotFoundError(`there is no incident ${incidentId}`, { cause: error });
    throw error;
  }
}

async function claim(
  { client, table }: TableAccess,
  patience: Patience,
  incidentId: string,
  execution: string,
  now: Date,
): Promise<boolean> {
  try {
    await insist(patience, `incident ${incidentId}`, () =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: incidentKey(incidentId),
          UpdateExpression: 'SET #execution = :execution, #claimedAt = if_not_exists(#claimedAt, :now)',
          ConditionExpression:
            'attribute_exists(#pk) AND (attribute_not_exists(#execution) OR #execution = :execution)',
          ExpressionAttributeNames: { '#pk': INCIDENTS.pk, '#execution': 'execution', '#claimedAt': 'claimedAt' },
          ExpressionAttributeValues: { ':execution': execution, ':now': now.toISOString() },
        }),
      ),
    );
    return true;
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: incidentKey(incidentId), ConsistentRead: true }),
    );
    if (Item === undefined) throw new NotFoundError(`there is no incident ${incidentId}`, { cause: error });
    return false;
  }
}
