import { slack } from '../../connectors/chat/slack/client.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { PublishChatDeps } from './publish-chat.ts';

export function compose(): PublishChatDeps {
  const config = bundledConfiguration();
  const { chat } = config.destinations;
  const client = documentClient();
  return {
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    now: () => new Date(),
    chat: chat && {
      system: chat.system,
      slack: slack({ http: realHttp, secrets: secretsOf(config), settings: chat }),
    },
  };
}
