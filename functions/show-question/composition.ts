import { slack } from '../../connectors/chat/slack/client.ts';
import { teams } from '../../connectors/chat/teams/client.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { approvalStore } from '../../connectors/store/dynamodb/approvals.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { shownStore } from '../../connectors/store/dynamodb/shown.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { slackQuestions } from '../../domain/config/questions.ts';
import type { ShowQuestionDeps } from './show-question.ts';

export function compose(telemetry: Telemetry): ShowQuestionDeps {
  const config = bundledConfiguration();
  const { chat, teams: workflow } = config.destinations;
  const client = documentClient();
  const table = required('APPROVALS_TABLE');
  const [http, secrets] = [realHttp, secretsOf(config)];
  return {
    config,
    approvals: approvalStore({ client, table }),
    shown: shownStore({ client, table }),
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    slack: chat && slackQuestions(config) && slack({ http, secrets, settings: chat }),
    teams: workflow && teams({ http, secrets, settings: workflow }),
    peopleEdgeUrl: required('PEOPLE_EDGE_URL'),
    telemetry,
    now: () => new Date(),
  };
}
