import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { bus, PATIENT } from '../../connectors/bus/bus.ts';
import { mapperFor } from '../../connectors/cwpp/registry.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { quarantineStore } from '../../connectors/store/dynamodb/quarantine.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { NormalizeDeps } from './deps.ts';

export function compose(telemetry: Telemetry): NormalizeDeps {
  const client = documentClient();
  const table = required('INCIDENTS_TABLE');
  return {
    incidents: incidentStore({ client, table, deduplicationTable: required('DEDUPLICATION_TABLE') }),
    quarantine: quarantineStore({ client, table }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    bus: bus({ client: new EventBridgeClient(), busName: required('BUS_NAME'), patience: PATIENT }),
    mapperFor,
    windowMinutes: bundledConfiguration().incidents.windowMinutes,
    telemetry,
    now: () => new Date(),
  };
}
