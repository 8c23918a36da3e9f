import { required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { watchStore } from '../../connectors/store/dynamodb/watches.ts';
import type { ConcludeUndoDeps } from './conclude-undo.ts';

export function compose(telemetry: Telemetry): ConcludeUndoDeps {
  const client = documentClient();
  const table = required('INCIDENTS_TABLE');
  return {
    incidents: incidentStore({ client, table }),
    watches: watchStore({ client, table }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    telemetry,
    now: () => new Date(),
  };
}
