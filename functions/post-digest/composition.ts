import { slack } from '../../connectors/chat/slack/client.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { digestLine } from '../../connectors/store/dynamodb/digest-line.ts';
import { digestPosts } from '../../connectors/store/dynamodb/digest-posts.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import type { PostDigestDeps } from './deps.ts';

export function compose(telemetry: Telemetry): PostDigestDeps {
  const config = bundledConfiguration();
  const { chat } = config.destinations;
  const client = documentClient();
  const access = { client, table: required('INCIDENTS_TABLE') };
  return {
    incidents: incidentStore(access),
    line: digestLine(access),
    posts: digestPosts(access),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    telemetry,
    now: () => new Date(),
    chat: chat && {
      system: chat.system,
      slack: slack({ http: realHttp, secrets: secretsOf(config), settings: chat }),
      messagesPerMinute: chat.messagesPerMinute,
    },
  };
}
