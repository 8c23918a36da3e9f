import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { watchStore } from '../../connectors/store/dynamodb/watches.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { awsReadersFor, realSessionDeps } from '../../connectors/targets/aws/accounts.ts';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { readersFor } from '../../connectors/targets/kubernetes/clusters.ts';
import { readingTargets } from '../../connectors/targets/reading.ts';
import { realVendorDeps, vendorReadersFor } from '../../connectors/targets/vendor/vendors.ts';
import type { VerifyDeps } from './verify.ts';

export function compose(): VerifyDeps {
  const config = bundledConfiguration();
  const client = documentClient();
  const secrets = secretsOf(config);
  const now = (): Date => new Date();
  return {
    config,
    watches: watchStore({ client, table: required('INCIDENTS_TABLE') }),
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    targets: readingTargets(catalogue, {
      kubernetes: readersFor(config.clusters, secrets),
      aws: awsReadersFor(
        config.accounts,
        realSessionDeps(secrets, () => client.config.credentials()),
      ),
      vendor: vendorReadersFor(config.sources, realVendorDeps(secrets, { client, table: required('INCIDENTS_TABLE') })),
      now,
    }),
    now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
