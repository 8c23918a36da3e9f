import { required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { baselineStore } from '../../connectors/store/dynamodb/baselines.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { linkStore } from '../../connectors/store/dynamodb/links.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { GatherBaselineDeps } from './gather-baseline.ts';

export function compose(telemetry: Telemetry): GatherBaselineDeps {
  const client = documentClient();
  const table = required('INCIDENTS_TABLE');
  return {
    incidents: incidentStore({ client, table }),
    baselines: baselineStore({ client, table }),
    links: linkStore({ client, table }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    telemetry,
    now: () => new Date(),
  };
}
