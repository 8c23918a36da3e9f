import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { bus, PATIENT } from '../../connectors/bus/bus.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { waitingLine } from '../../connectors/store/dynamodb/waiting-line.ts';
import type { AnnounceWaitingDeps } from './announce-waiting.ts';

export function compose(telemetry: Telemetry): AnnounceWaitingDeps {
  const access = { client: documentClient(), table: required('INCIDENTS_TABLE') };
  return {
    incidents: incidentStore(access),
    line: waitingLine(access),
    bus: bus({ client: new EventBridgeClient(), busName: required('BUS_NAME'), patience: PATIENT }),
    perMinute: bundledConfiguration().incidents.lowSeverityPerMinute,
    telemetry,
  };
}
