import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ulid } from 'ulid';
import { bus, PATIENT } from '../../connectors/bus/bus.ts';
import { pollerFor } from '../../connectors/cwpp/poll-registry.ts';
import type { AlertPoller } from '../../connectors/cwpp/poller.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { pollStore } from '../../connectors/store/dynamodb/polls.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { Source } from '../../domain/source.ts';
import type { PollDeps } from './poll.ts';

export function compose(telemetry: Telemetry): PollDeps {
  const config = bundledConfiguration();
  const now = (): Date => new Date();
  const client = documentClient();
  const incidentsTable = { client, table: required('INCIDENTS_TABLE') };
  const deps = {
    http: realHttp,
    secrets: secretsOf(config),
    now,
    incidentsTable,
    aws: () => client.config.credentials(),
  };
  const pollers = new Map<Source, Promise<AlertPoller | undefined>>();
  const pollerOf = (source: Source): Promise<AlertPoller | undefined> => {
    const made = pollers.get(source) ?? pollerFor(source, config, deps);
    pollers.set(source, made);
    return made;
  };
  const blobs = blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') });
  return {
    pollerOf,
    polls: pollStore(incidentsTable),
    bus: bus({ client: new EventBridgeClient(), busName: required('BUS_NAME'), patience: PATIENT }),
    blobs: async () => blobs,
    telemetry,
    now,
    newDeliveryId: () => ulid(),
  };
}
