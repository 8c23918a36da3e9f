import { KMSClient } from '@aws-sdk/client-kms';
import { required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { anchorStore } from '../../connectors/store/s3/anchors.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { AnchorAuditDeps } from './anchor-audit.ts';
import { kmsSigner } from './sign.ts';

export function compose(telemetry: Telemetry): AnchorAuditDeps {
  const client = documentClient();
  return {
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    anchors: anchorStore({ client: s3Client(), bucket: required('ANCHOR_BUCKET') }),
    sign: kmsSigner(new KMSClient(), required('ANCHOR_KEY_ID')),
    telemetry,
    now: () => new Date(),
  };
}
