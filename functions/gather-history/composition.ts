import { required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { GatherHistoryDeps } from './gather-history.ts';

export function compose(telemetry: Telemetry): GatherHistoryDeps {
  const client = documentClient();
  return {
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    telemetry,
    now: () => new Date(),
  };
}
