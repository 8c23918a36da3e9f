import { randomBytes, randomUUID } from 'node:crypto';
import { lookUpIn } from '../../connectors/look-up/lambda.ts';
import { modelsFor } from '../../connectors/models/compose.ts';
import { bundledConfiguration, optional, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { linkStore } from '../../connectors/store/dynamodb/links.ts';
import { spendingStore } from '../../connectors/store/dynamodb/spending.ts';
import { threadStore } from '../../connectors/store/dynamodb/threads.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { AskDeps } from './ask.ts';

export function compose(telemetry: Telemetry): AskDeps {
  const configuration = bundledConfiguration();
  const client = documentClient();
  const table = required('INCIDENTS_TABLE');
  return {
    incidents: incidentStore({ client, table }),
    links: linkStore({ client, table }),
    threads: threadStore({ client, table }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    telemetry,
    models: modelsFor(configuration, {
      spending: spendingStore({ client, table }),
      lookUp: lookUpIn(optional('LOOK_UP_FUNCTION')),
      secrets: async () => (await import('../../connectors/secrets/secrets-of.ts')).secretsOf(configuration),
      telemetry,
    }),
    nonce: () => randomUUID(),
    newThread: () => `th-${randomBytes(6).toString('hex')}`,
    now: () => new Date(),
  };
}
