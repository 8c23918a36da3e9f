import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { awsReadersFor, realSessionDeps } from '../../connectors/targets/aws/accounts.ts';
import { realDeps } from '../../connectors/targets/kubernetes/clusters.ts';
import { kubernetesReader } from '../../connectors/targets/kubernetes/reader.ts';
import type { GatherKubernetesDeps } from './gather-kubernetes.ts';

export function compose(telemetry: Telemetry): GatherKubernetesDeps {
  const config = bundledConfiguration();
  const client = documentClient();
  const secrets = secretsOf(config);
  const kubernetes = realDeps(secrets);
  return {
    clusters: config.clusters,
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    reader: (cluster, meter) => kubernetesReader(cluster, { ...kubernetes, meter }),
    account: awsReadersFor(
      config.accounts,
      realSessionDeps(secrets, () => client.config.credentials()),
    ),
    telemetry,
    now: () => new Date(),
  };
}
