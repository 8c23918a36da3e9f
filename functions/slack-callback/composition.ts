import { realHttp } from '../../connectors/http/request.ts';
import { configuredRights } from '../../connectors/rights/live-rights.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { approvalStore } from '../../connectors/store/dynamodb/approvals.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { slackQuestions } from '../../domain/config/questions.ts';
import type { SlackCallbackDeps } from './slack-callback.ts';

export function compose(telemetry: Telemetry): SlackCallbackDeps {
  const config = bundledConfiguration();
  const client = documentClient();
  const auditTable = required('AUDIT_TABLE');
  const secrets = secretsOf(config);
  return {
    config,
    slack: slackQuestions(config),
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    approvals: approvalStore({ client, table: required('APPROVALS_TABLE'), auditTable }),
    audit: auditLog({ client, table: auditTable }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    rights: configuredRights(config, secrets, () => client.config.credentials()),
    secrets,
    http: realHttp,
    telemetry,
    now: () => new Date(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
