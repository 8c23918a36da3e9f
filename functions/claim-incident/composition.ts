import { required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import type { ClaimIncidentDeps } from './claim-incident.ts';

export function compose(telemetry: Telemetry): ClaimIncidentDeps {
  const client = documentClient();
  return {
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    telemetry,
    now: () => new Date(),
  };
}
