import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { approvalStore } from '../../connectors/store/dynamodb/approvals.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { executionSwitch } from '../../connectors/store/dynamodb/execution-switch.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { playbookSlots } from '../../connectors/store/dynamodb/playbook-slots.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { awsWritersFor, realSessionDeps } from '../../connectors/targets/aws/accounts.ts';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { writersFor } from '../../connectors/targets/kubernetes/clusters.ts';
import { realVendorDeps, vendorWritersFor } from '../../connectors/targets/vendor/vendors.ts';
import { writingTargets } from '../../connectors/targets/writing.ts';
import type { ExecuteDeps } from './execute.ts';

export function compose(): ExecuteDeps {
  const config = bundledConfiguration();
  const client = documentClient();
  const secrets = secretsOf(config, 'write');
  return {
    config,
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    approvals: approvalStore({ client, table: required('APPROVALS_TABLE') }),
    control: executionSwitch({ client, table: required('APPROVALS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    targets: writingTargets(catalogue, {
      kubernetes: writersFor(config.clusters, secrets),
      aws: awsWritersFor(
        config.accounts,
        realSessionDeps(secrets, () => client.config.credentials()),
      ),
      vendor: vendorWritersFor(config.sources, realVendorDeps(secrets, { client, table: required('INCIDENTS_TABLE') })),
    }),
    slots: playbookSlots({ client, table: required('INCIDENTS_TABLE') }),
    now: () => new Date(),
  };
}
