import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { findingDigest, joins, openIncident } from '../../../domain/incident/cluster.ts';
import type { Incident } from '../../../domain/incident/incident.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { maxSeverity, severityRank } from '../../../domain/severity.ts';
import { workloadKey } from '../../../domain/workload.ts';
import type { Attachment, IncidentStore } from '../ports.ts';
import { DEDUPLICATION, INCIDENTS } from '../tables.ts';
import {
  type DeduplicationAccess,
  deduplicationItem,
  duplicate,
  epochSeconds,
  knownIncident,
  readIncident,
  seenIncident,
} from './duplicates.ts';
import {
  findingKey,
  findingText,
  incidentKey,
  openedEvent,
  type StoredIncident,
  seenKey,
  toIncidentItem,
  windowKey,
} from './incident-item.ts';
import { insist, isContention, type Patience } from './patience.ts';
import type { Turns } from './turns.ts';

export interface AttachAccess extends DeduplicationAccess {
  readonly patience: Patience;
  readonly turns: Turns;
}
type Context = Parameters<IncidentStore['attach']>[1];

/**
 * A duplicate costs one read and one counting write, and no turn. Anything else takes a turn per workload and is written
 * in one transaction; when another process was faster, everything is read again and decided again.
 */
export async function attach(access: AttachAccess, finding: NormalizedFinding, context: Context): Promise<Attachment> {
  const digest = findingDigest(finding);
  const known = await knownIncident(access, digest, context.now);
  if (known !== undefined) return await duplicate(access, known);
  const key = workloadKey(finding.workload);
  return await access.turns.take(key, () =>
    insist(access.patience, `the incident of ${key}`, () => attachOnce(access, digest, finding, context), isContention),
  );
}

async function attachOnce(
  access: AttachAccess,
  digest: string,
  finding: NormalizedFinding,
  context: Context,
): Promise<Attachment> {
  const known = (await knownIncident(access, digest, context.now)) ?? (await seenIncident(access, digest, context.now));
  if (known !== undefined) return await duplicate(access, known);
  await context.beforeWrite?.();
  return await write(access, digest, finding, context);
}

async function write(
  access: AttachAccess,
  digest: string,
  finding: NormalizedFinding,
  context: Context,
): Promise<Attachment> {
  const { Item: pointer } = await access.client.send(
    new GetCommand({
      TableName: access.table,
      Key: windowKey(workloadKey(finding.workload)),
      ConsistentRead: true,
    }),
  );
  if (pointer === undefined) return await open(access, digest, finding, context, 0);
  const current = await readIncident(access, String(pointer['incidentId']));
  return joins(current.incident, finding, context.now)
    ? await join(access, digest, finding, context, current)
    : await open(access, digest, finding, context, Number(pointer['generation']));
}

async function open(
  access: AttachAccess,
  digest: string,
  finding: NormalizedFinding,
  context: Context,
  previous: number,
): Promise<Attachment> {
  const incident = openIncident(finding, context, previous + 1);
  const unchanged = previous === 0 ? 'attribute_not_exists(#pk)' : '#generation = :previous';
  await access.client.send(
    new TransactWriteCommand({
      TransactItems: [
        ...rememberFinding(access, digest, finding, context, incident.incidentId),
        {
          Put: {
            TableName: access.table,
            Item: toIncidentItem(incident),
            ConditionExpression: 'attribute_not_exists(#pk)',
            ExpressionAttributeNames: { '#pk': INCIDENTS.pk },
          },
        },
        {
          Put: {
            TableName: access.table,
            Item: {
              ...windowKey(incident.workloadKey),
              incidentId: incident.incidentId,
              generation: incident.generation,
              windowEndsAt: incident.windowEndsAt,
            },
            ConditionExpression: unchanged,
            ExpressionAttributeNames: previous === 0 ? { '#pk': INCIDENTS.pk } : { '#generation': 'generation' },
            ...(previous === 0 ? {} : { ExpressionAttributeValues: { ':previous': previous } }),
          },
        },
      ],
    }),
  );
  return { kind: 'opened', incident, event: openedEvent(incident) };
}

/** Two forms, because DynamoDB cannot set a value only if it is higher: the raising one carries the condition that it still is. */
async function join(
  access: AttachAccess,
  digest: string,
  finding: NormalizedFinding,
  context: Context,
  { incident, announced, waiting }: StoredIncident,
): Promise<Attachment> {
  const rank = severityRank(finding.severity);
  const raises = rank > severityRank(incident.severity);
  await access.client.send(
    new TransactWriteCommand({
      TransactItems: [
        ...rememberFinding(access, digest, finding, context, incident.incidentId),
        {
          Update: {
            TableName: access.table,
            Key: incidentKey(incident.incidentId),
            UpdateExpression: raises ? 'SET #severity = :severity, #rank = :rank ADD #count :one' : 'ADD #count :one',
            ConditionExpression: raises ? '#rank < :rank' : 'attribute_exists(#pk)',
            ExpressionAttributeNames: raises
              ? { '#severity': 'severity', '#rank': 'severityRank', '#count': 'findingCount' }
              : { '#count': 'findingCount', '#pk': INCIDENTS.pk },
            ExpressionAttributeValues: raises
              ? { ':severity': finding.severity, ':rank': rank, ':one': 1 }
              : { ':one': 1 },
          },
        },
      ],
    }),
  );
  const joined: Incident = {
    ...incident,
    findingCount: incident.findingCount + 1,
    severity: maxSeverity(incident.severity, finding.severity),
  };
  return { kind: 'attached', incident: joined, event: openedEvent(joined), announced, waiting };
}

/** The three items that make a finding known: its key for days, its place for ever, and itself. */
function rememberFinding(
  access: AttachAccess,
  digest: string,
  finding: NormalizedFinding,
  context: Context,
  incidentId: string,
) {
  const isNew = { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': INCIDENTS.pk } };
  return [
    {
      Put: {
        TableName: access.deduplicationTable,
        Item: deduplicationItem(digest, incidentId, context.now),
        ConditionExpression: 'attribute_not_exists(#key) OR #expires <= :now',
        ExpressionAttributeNames: { '#key': DEDUPLICATION.pk, '#expires': DEDUPLICATION.ttl },
        ExpressionAttributeValues: { ':now': epochSeconds(context.now) },
      },
    },
    { Put: { TableName: access.table, Item: { ...seenKey(digest), incidentId }, ...isNew } },
    {
      Put: {
        TableName: access.table,
        Item: {
          ...findingKey(incidentId, digest),
          finding: findingText(finding),
          receivedAt: context.receivedAt,
          attachedAt: context.now.toISOString(),
          rawKey: context.rawKey,
        },
        ...isNew,
      },
    },
  ];
}
