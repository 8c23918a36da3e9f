import { slack } from '../../connectors/chat/slack/client.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { digestLine } from '../../connectors/store/dynamodb/digest-line.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { watchStore } from '../../connectors/store/dynamodb/watches.ts';
import { minuteRate } from '../../connectors/store/minute-rate.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { PublishChatDeps } from './publish-chat.ts';

export function compose(telemetry: Telemetry): PublishChatDeps {
  const config = bundledConfiguration();
  const { chat } = config.destinations;
  const client = documentClient();
  const table = required('INCIDENTS_TABLE');
  const line = digestLine({ client, table });
  const now = () => new Date();
  return {
    config,
    incidents: incidentStore({ client, table }),
    watches: watchStore({ client, table }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    line,
    // Without a chat nobody asks.
    rate: minuteRate({ count: (at) => line.countInMinute(at), perMinute: chat?.messagesPerMinute ?? 0, now }),
    telemetry,
    now,
    chat: chat && {
      system: chat.system,
      slack: slack({ http: realHttp, secrets: secretsOf(config), settings: chat }),
    },
  };
}
