import { randomUUID } from 'node:crypto';
import { lookUpIn } from '../../connectors/look-up/lambda.ts';
import { modelsFor } from '../../connectors/models/compose.ts';
import { bundledConfiguration, optional, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { answerStore } from '../../connectors/store/dynamodb/answers.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { baselineStore } from '../../connectors/store/dynamodb/baselines.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { spendingStore } from '../../connectors/store/dynamodb/spending.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { AnalyzeDeps } from './analyze.ts';

export function compose(telemetry: Telemetry): AnalyzeDeps {
  const configuration = bundledConfiguration();
  const client = documentClient();
  const table = required('INCIDENTS_TABLE');
  return {
    incidents: incidentStore({ client, table }),
    baselines: baselineStore({ client, table }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    answers: answerStore({ client, table }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    telemetry,
    models: modelsFor(configuration, {
      spending: spendingStore({ client, table }),
      lookUp: lookUpIn(optional('LOOK_UP_FUNCTION')),
      secrets: async () => (await import('../../connectors/secrets/secrets-of.ts')).secretsOf(configuration),
      telemetry,
    }),
    nonce: () => randomUUID(),
    now: () => new Date(),
  };
}
