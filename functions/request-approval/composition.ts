import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { configuredMailer } from '../../connectors/asking/mailer.ts';
import { approvalLinks } from '../../connectors/links/approval-links.ts';
import { configuredRights } from '../../connectors/rights/live-rights.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsFrom } from '../../connectors/secrets/secrets.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { approvalStore } from '../../connectors/store/dynamodb/approvals.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { RequestApprovalDeps } from './request-approval.ts';

export function compose(telemetry: Telemetry): RequestApprovalDeps {
  const config = bundledConfiguration();
  const client = documentClient();
  return {
    config,
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    approvals: approvalStore({ client, table: required('APPROVALS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    links: approvalLinks({
      secrets: secretsFrom(new SecretsManagerClient()),
      secretName: config.approvals.linkSecret,
    }),
    mailer: configuredMailer(config),
    rights: configuredRights(config, secretsOf(config), () => client.config.credentials()),
    peopleEdgeUrl: required('PEOPLE_EDGE_URL'),
    telemetry,
    now: () => new Date(),
  };
}
