import { incidentIdFor } from '../../domain/incident/incident.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import type { Normalization, NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { workloadKey } from '../../domain/workload.ts';
import { announcementLine } from '../../functions/normalize/announcement-line.ts';
import type { NormalizeDeps } from '../../functions/normalize/deps.ts';
import { pushNotes } from '../../functions/normalize/push-notes.ts';
import { memoryBus } from '../fakes/bus.ts';
import { memoryBaselineStore, memoryLinkStore, memoryPollStore } from '../fakes/context-stores.ts';
import { memoryPushStore, memoryWaitingLine } from '../fakes/intake-stores.ts';
import {
  memoryAuditLog,
  memoryBlobStore,
  memoryIncidentStore,
  memoryQuarantineStore,
  sampleFinding,
  sampleWorkload,
} from '../fakes/stores.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';

/** The incident the sample finding opens. */
export const incidentId = incidentIdFor(workloadKey(sampleWorkload()), 1);

/** `normalize` with fakes for everything outside; by default every body is the sample finding. */
export function intake(
  mapper: (body: unknown) => Normalization = () => understood(sampleFinding()),
  { perMinute = 60 } = {},
) {
  const clock = { at: Date.parse('2025-10-14T09:16:06.000Z') };
  const now = () => new Date(clock.at);
  const incidents = memoryIncidentStore();
  const telemetry = recordingTelemetry();
  const pushStore = memoryPushStore();
  const waitingLine = memoryWaitingLine(incidents);
  const fakes = {
    incidents,
    quarantine: memoryQuarantineStore(),
    audit: memoryAuditLog(),
    blobs: memoryBlobStore(),
    bus: memoryBus(),
    telemetry,
    memory: { baselines: memoryBaselineStore(), links: memoryLinkStore(), polls: memoryPollStore() },
  };
  const deps: NormalizeDeps = {
    ...fakes,
    mapperFor: () => ({ normalize: mapper }),
    windowMinutes: 60,
    pushes: pushNotes({ store: pushStore, telemetry, now }),
    line: announcementLine({ line: waitingLine, perMinute, now }),
    now,
  };
  return { ...fakes, pushStore, waitingLine, deps, clock };
}

export function understood(...findings: NormalizedFinding[]): Normalization {
  return { ok: true, findings, notes: [] };
}

/** The detail of `Alert Received` for a small body. */
export function alertOf(text: string, change: Record<string, unknown> = {}) {
  return {
    deliveryId: '01K7HA0000000000000000TEST',
    source: 'prisma-cloud-compute',
    receivedAt: '2025-10-14T09:16:05.000Z',
    sha256: sha256Hex(text),
    bytes: Buffer.byteLength(text),
    body: { in: 'event', text },
    ...change,
  };
}

/** An EventBridge event in an SQS message, with the fields both services add. */
export function messageOf(detail: unknown, { id = 'm-1', count = 1 } = {}) {
  return {
    messageId: id,
    receiptHandle: 'handle',
    body: JSON.stringify({
      version: '0',
      id: '5e1f0c9a-7f3b-4d6e-9a51-0c1d2e3f4a5b',
      'detail-type': 'Alert Received',
      source: 'parapet',
      account: '111122223333',
      time: '2025-10-14T09:16:05Z',
      region: 'us-east-1',
      resources: [],
      detail,
    }),
    attributes: { ApproximateReceiveCount: String(count), SentTimestamp: '1760433365000' },
    messageAttributes: {},
    eventSource: 'aws:sqs',
  };
}

export const none = { batchItemFailures: [] };
export const failedItem = (id: string) => ({ batchItemFailures: [{ itemIdentifier: id }] });
