import { required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { approvalStore } from '../../connectors/store/dynamodb/approvals.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import type { ExpireApprovalDeps } from './expire-approval.ts';

export function compose(telemetry: Telemetry): ExpireApprovalDeps {
  const client = documentClient();
  return {
    approvals: approvalStore({ client, table: required('APPROVALS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    telemetry,
    now: () => new Date(),
  };
}
