import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { approvalLinks } from '../../connectors/links/approval-links.ts';
import { configuredRights } from '../../connectors/rights/live-rights.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsFrom } from '../../connectors/secrets/secrets.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { signInTokens } from '../../connectors/sign-in/sealed.ts';
import { approvalStore } from '../../connectors/store/dynamodb/approvals.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { DecideDeps } from './decide.ts';

export function compose(telemetry: Telemetry): DecideDeps {
  const config = bundledConfiguration();
  const client = documentClient();
  const auditTable = required('AUDIT_TABLE');
  const issued = { secrets: secretsFrom(new SecretsManagerClient()), secretName: config.approvals.linkSecret };
  return {
    config,
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    approvals: approvalStore({ client, table: required('APPROVALS_TABLE'), auditTable }),
    audit: auditLog({ client, table: auditTable }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    links: approvalLinks(issued),
    sessions: signInTokens(issued),
    rights: configuredRights(config, secretsOf(config), () => client.config.credentials()),
    telemetry,
    now: () => new Date(),
  };
}
