import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { bus, PATIENT } from '../../connectors/bus/bus.ts';
import { bundledConfiguration, optional, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { eventFeedsOf, type QueueFeed, queueFeedsOf } from '../../domain/intake/feeds.ts';
import type { CollectDeps } from './collect.ts';

const QUEUE_VARIABLES = { wiz: 'WIZ_QUEUE_ARN', falco: 'FALCO_QUEUE_ARN' } as const;

/** Permissions: consume the collection queues, PutEvents on the bus, PutObject on `alerts/*` of the evidence bucket. */
export function compose(telemetry: Telemetry): CollectDeps {
  const { sources } = bundledConfiguration();
  const store = blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') });
  return {
    feeds: {
      events: { queueArn: required('COLLECT_QUEUE_ARN'), feeds: eventFeedsOf(sources) },
      queues: queueFeedsOf(sources).flatMap((feed: QueueFeed) => {
        const queueArn = optional(QUEUE_VARIABLES[feed.source]);
        return queueArn === undefined ? [] : [{ ...feed, queueArn }];
      }),
    },
    bus: bus({ client: new EventBridgeClient(), busName: required('BUS_NAME'), patience: PATIENT }),
    blobs: async () => store,
    telemetry,
    now: () => new Date(),
  };
}
