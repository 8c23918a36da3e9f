import { type Bus, BusUnavailableError } from '../connectors/bus/bus.ts';
import { mapperFor } from '../connectors/cwpp/registry.ts';
import type { BlobStore } from '../connectors/store/ports.ts';
import { ALERT_RECEIVED, INCIDENT_OPENED, incidentOpenedSchema } from '../domain/events.ts';
import { normalizeBatch } from '../functions/normalize/batch.ts';
import type { NormalizeDeps } from '../functions/normalize/deps.ts';
import { credentialCheck } from '../functions/receive/credential.ts';
import { networkCheck } from '../functions/receive/networks.ts';
import { type ReceiveDeps, receive } from '../functions/receive/receive.ts';
import { memorySecrets } from '../test/fakes/secrets.ts';

const BATCH = 10;
const BATCHES_AT_ONCE = 10;
const quiet = { info: nothing, warn: nothing, error: nothing, count: nothing };
function nothing(): void {
  // What functions say about themselves is of no interest here.
}

export interface World {
  /** @returns the status the sender hears */
  post(body: string): Promise<number>;
  /** Works on the queue until it is empty, ten batches at once. */
  drain(): Promise<void>;
  outcome(): {
    readonly quarantined: number;
    readonly executions: number;
    readonly opened: number;
    readonly given: number;
  };
}

/** Both handlers with stores that keep digests and counts only, so that the memory seen is the handlers' own. */
export function openWorld(outside: {
  readonly incidents: NormalizeDeps['incidents'];
  readonly blobs: BlobStore;
  /** Every so many calls the bus refuses, as AWS does now and then in a storm. Absent: never. */
  readonly busFailsEvery?: number;
}): World {
  const { incidents, blobs, busFailsEvery } = outside;
  const queue: { readonly id: number; readonly body: string; count: number }[] = [];
  const executions = new Set<string>();
  const tally = { quarantined: 0, opened: 0, given: 0, published: 0, ids: 0, deliveries: 0 };
  const bus: Bus = {
    async publish(detailType: string, detail: object) {
      tally.published += 1;
      if (busFailsEvery !== undefined && tally.published % busFailsEvery === 0)
        throw new BusUnavailableError('throttled');
      if (detailType === ALERT_RECEIVED) {
        tally.ids += 1;
        const body = JSON.stringify({ source: 'parapet', 'detail-type': detailType, detail });
        queue.push({ id: tally.ids, body, count: 0 });
      } else if (detailType === INCIDENT_OPENED) {
        tally.opened += 1;
        // An execution that meets another one's claim ends at once; only owners count.
        executions.add(incidentOpenedSchema.parse(detail).incidentId);
      }
    },
  };
  const now = () => new Date();
  const secretName = 'bench/webhook';
  const receiveDeps: ReceiveDeps = {
    webhooks: {
      'prisma-cloud-compute': {
        secret: secretName,
        bodyLimitBytes: 1_048_576,
        mayCome: networkCheck(['203.0.113.0/24']),
      },
    },
    credentials: credentialCheck({
      secrets: memorySecrets({ [secretName]: { username: 'parapet', current: 'example-password' } }),
      telemetry: quiet,
      now,
    }),
    bus,
    blobs: async () => blobs,
    telemetry: quiet,
    now,
    newDeliveryId() {
      tally.deliveries += 1;
      return `delivery-${tally.deliveries}`;
    },
  };
  const normalizeDeps = normalizing({ incidents, blobs, bus, now }, () => {
    tally.quarantined += 1;
  });
  return {
    async post(body) {
      return (await receive(receiveDeps, webhook(body))).statusCode;
    },
    async drain() {
      while (queue.length > 0) {
        const batches = Array.from({ length: Math.ceil(Math.min(queue.length, BATCH * BATCHES_AT_ONCE) / BATCH) }, () =>
          queue.splice(0, BATCH),
        );
        await Promise.all(
          batches.map(async (batch) => {
            for (const message of batch) message.count += 1;
            const { batchItemFailures } = await normalizeBatch(normalizeDeps, { Records: batch.map(recordOf) });
            const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
            tally.given += failed.size;
            queue.push(...batch.filter(({ id }) => failed.has(String(id))));
          }),
        );
      }
    },
    outcome: () => ({ ...tally, executions: executions.size }),
  };
}

function normalizing(
  outside: Pick<NormalizeDeps, 'incidents' | 'blobs' | 'bus' | 'now'>,
  held: () => void,
): NormalizeDeps {
  return {
    ...outside,
    quarantine: {
      async hold(draft) {
        held();
        return { ...draft, quarantineId: 'qtn-bench', status: 'held' };
      },
    },
    audit: {
      append: async (record) => ({ ...record, sequence: 0, previous: '', hash: '' }),
      read: async () => [],
    },
    mapperFor,
    windowMinutes: 60,
    memory: {
      baselines: { learn: async () => 'known' },
      links: { link: async () => undefined },
      polls: { countOnlyPolled: async () => undefined },
    },
    pushes: { note: async () => undefined },
    line: { mustWait: async () => false, wait: async () => undefined },
    telemetry: quiet,
  };
}

function webhook(body: string) {
  return {
    httpMethod: 'POST',
    resource: '/webhooks/prisma-cloud-compute',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Basic ${Buffer.from('parapet:example-password').toString('base64')}`,
    },
    requestContext: { identity: { sourceIp: '203.0.113.7' } },
    isBase64Encoded: true,
    body: Buffer.from(body).toString('base64'),
  };
}

function recordOf({ id, body, count }: { readonly id: number; readonly body: string; readonly count: number }) {
  return {
    messageId: String(id),
    receiptHandle: 'handle',
    body,
    attributes: { ApproximateReceiveCount: String(count), SentTimestamp: '1760433365000' },
    messageAttributes: {},
    eventSource: 'aws:sqs',
  };
}
