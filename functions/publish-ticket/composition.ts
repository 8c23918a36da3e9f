import { realHttp } from '../../connectors/http/request.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { watchStore } from '../../connectors/store/dynamodb/watches.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { jira } from '../../connectors/ticketing/jira/client.ts';
import type { PublishTicketDeps } from './publish-ticket.ts';

export function compose(): PublishTicketDeps {
  const config = bundledConfiguration();
  const { ticket } = config.destinations;
  const client = documentClient();
  return {
    config,
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    watches: watchStore({ client, table: required('INCIDENTS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    now: () => new Date(),
    ticketing: ticket && {
      system: ticket.system,
      jira: jira({ http: realHttp, secrets: secretsOf(config), settings: ticket }),
    },
  };
}
