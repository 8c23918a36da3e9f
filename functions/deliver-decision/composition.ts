import { SFNClient } from '@aws-sdk/client-sfn';
import { required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { approvalStore, deliveryStore } from '../../connectors/store/dynamodb/approvals.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { stepFunctions } from '../../connectors/workflow/step-functions.ts';
import type { DeliverDecisionDeps } from './deliver-decision.ts';

export function compose(telemetry: Telemetry): DeliverDecisionDeps {
  const client = documentClient();
  const table = required('APPROVALS_TABLE');
  return {
    approvals: approvalStore({ client, table }),
    deliveries: deliveryStore({ client, table }),
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    workflow: stepFunctions(new SFNClient()),
    telemetry,
    now: () => new Date(),
  };
}
