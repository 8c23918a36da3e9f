import { randomBytes } from 'node:crypto';
import { CreateTableCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { answerStore } from '../../connectors/store/dynamodb/answers.ts';
import { approvalStore, deliveryStore } from '../../connectors/store/dynamodb/approvals.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { baselineStore } from '../../connectors/store/dynamodb/baselines.ts';
import { chasingStore } from '../../connectors/store/dynamodb/chasing.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { digestLine } from '../../connectors/store/dynamodb/digest-line.ts';
import { digestPosts } from '../../connectors/store/dynamodb/digest-posts.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { intelCache } from '../../connectors/store/dynamodb/intel-cache.ts';
import { linkStore } from '../../connectors/store/dynamodb/links.ts';
import { playbookSlots } from '../../connectors/store/dynamodb/playbook-slots.ts';
import { pollStore } from '../../connectors/store/dynamodb/polls.ts';
import { pushStore } from '../../connectors/store/dynamodb/pushes.ts';
import { quarantineStore } from '../../connectors/store/dynamodb/quarantine.ts';
import { shownStore } from '../../connectors/store/dynamodb/shown.ts';
import { spendingStore } from '../../connectors/store/dynamodb/spending.ts';
import { threadStore } from '../../connectors/store/dynamodb/threads.ts';
import { waitingLine } from '../../connectors/store/dynamodb/waiting-line.ts';
import { watchStore } from '../../connectors/store/dynamodb/watches.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { APPROVALS, AUDIT, DEDUPLICATION, INCIDENTS } from '../../connectors/store/tables.ts';
import type { Stores } from './stores.ts';

interface Index {
  readonly name: string;
  readonly pk: string;
  readonly sk: string;
}

/** The real adapters on tables and a bucket of their own, made at an AWS endpoint of an emulator from the same table shapes infra uses. */
export async function emulatorStores(endpoint: string): Promise<Stores> {
  const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const client = documentClient(settings);
  const objects = s3Client({ ...settings, forcePathStyle: true });
  const prefix = `suite-${randomBytes(4).toString('hex')}`;
  const names = {
    incidents: `${prefix}-incidents`,
    deduplication: `${prefix}-deduplication`,
    approvals: `${prefix}-approvals`,
    audit: `${prefix}-audit`,
    bucket: `${prefix}-evidence`,
  };
  await client.send(
    new CreateTableCommand(shape(names.incidents, INCIDENTS.pk, INCIDENTS.sk, [INCIDENTS.listing, INCIDENTS.workload])),
  );
  await client.send(new CreateTableCommand(shape(names.deduplication, DEDUPLICATION.pk)));
  await client.send(
    new CreateTableCommand(
      shape(names.approvals, APPROVALS.pk, undefined, [APPROVALS.incident, APPROVALS.listing, APPROVALS.due]),
    ),
  );
  await client.send(new CreateTableCommand(shape(names.audit, AUDIT.pk, AUDIT.sk, [AUDIT.recent], 'N')));
  await objects.send(new CreateBucketCommand({ Bucket: names.bucket }));
  return {
    incidents: incidentStore({ client, table: names.incidents, deduplicationTable: names.deduplication }),
    quarantine: quarantineStore({ client, table: names.incidents }),
    audit: auditLog({ client, table: names.audit }),
    approvals: approvalStore({ client, table: names.approvals, auditTable: names.audit }),
    deliveries: deliveryStore({ client, table: names.approvals }),
    chasing: chasingStore({ client, table: names.approvals }),
    shown: shownStore({ client, table: names.approvals }),
    blobs: blobStore({ client: objects, bucket: names.bucket }),
    pushes: pushStore({ client, table: names.incidents }),
    line: waitingLine({ client, table: names.incidents, deduplicationTable: names.deduplication }),
    threads: threadStore({ client, table: names.incidents }),
    watches: watchStore({ client, table: names.incidents }),
    spending: spendingStore({ client, table: names.incidents }),
    slots: playbookSlots({ client, table: names.incidents }),
    answers: answerStore({ client, table: names.incidents }),
    digests: {
      line: digestLine({ client, table: names.incidents }),
      posts: digestPosts({ client, table: names.incidents }),
    },
    process: () => ({
      baselines: baselineStore({ client, table: names.incidents }),
      links: linkStore({ client, table: names.incidents }),
      polls: pollStore({ client, table: names.incidents }),
      intel: intelCache({ client, table: names.deduplication }),
    }),
  };
}

function shape(
  name: string,
  pk: string,
  sk?: string,
  indexes: readonly Index[] = [],
  sortType: 'S' | 'N' = 'S',
): CreateTableCommandInput {
  const types = new Map<string, 'S' | 'N'>([[pk, 'S']]);
  if (sk) types.set(sk, sortType);
  for (const index of indexes) types.set(index.pk, 'S').set(index.sk, 'S');
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keys(pk, sk),
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: keys(index.pk, index.sk),
            Projection: { ProjectionType: 'ALL' as const },
          })),
        }),
  };
}

function keys(pk: string, sk?: string) {
  return [
    { AttributeName: pk, KeyType: 'HASH' as const },
    ...(sk ? [{ AttributeName: sk, KeyType: 'RANGE' as const }] : []),
  ];
}
