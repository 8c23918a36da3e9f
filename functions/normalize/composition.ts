import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { bus, PATIENT } from '../../connectors/bus/bus.ts';
import { mapperFor } from '../../connectors/cwpp/registry.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { baselineStore } from '../../connectors/store/dynamodb/baselines.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { linkStore } from '../../connectors/store/dynamodb/links.ts';
import { pollStore } from '../../connectors/store/dynamodb/polls.ts';
import { pushStore } from '../../connectors/store/dynamodb/pushes.ts';
import { quarantineStore } from '../../connectors/store/dynamodb/quarantine.ts';
import { waitingLine } from '../../connectors/store/dynamodb/waiting-line.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { announcementLine } from './announcement-line.ts';
import type { NormalizeDeps } from './deps.ts';
import { pushNotes } from './push-notes.ts';

export function compose(telemetry: Telemetry): NormalizeDeps {
  const config = bundledConfiguration();
  const now = () => new Date();
  const client = documentClient();
  const table = required('INCIDENTS_TABLE');
  return {
    incidents: incidentStore({ client, table, deduplicationTable: required('DEDUPLICATION_TABLE') }),
    quarantine: quarantineStore({ client, table }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    bus: bus({ client: new EventBridgeClient(), busName: required('BUS_NAME'), patience: PATIENT }),
    mapperFor,
    mapping: config.sources.generic?.mapping,
    windowMinutes: config.incidents.windowMinutes,
    pushes: pushNotes({ store: pushStore({ client, table }), telemetry, now }),
    line: announcementLine({
      line: waitingLine({ client, table, deduplicationTable: required('DEDUPLICATION_TABLE') }),
      perMinute: config.incidents.lowSeverityPerMinute,
      now,
    }),
    memory: {
      baselines: baselineStore({ client, table }),
      links: linkStore({ client, table }),
      polls: pollStore({ client, table }),
    },
    telemetry,
    now,
  };
}
