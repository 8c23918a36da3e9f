import { analysisSchema } from '../../domain/analysis/analysis.ts';
import { type EvidencePart, evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { workloadKey } from '../../domain/workload.ts';
import type { AnalyzeDeps } from '../../functions/analyze/analyze.ts';
import { memoryAnswerStore } from '../fakes/answer-store.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../fakes/stores.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import { cryptoMinerParts, WORKLOAD } from './crypto-miner.ts';

/** The sample story as the analyze function meets it: an open incident, gathered parts in the bucket, stores in memory. */
export const INCIDENT: Incident = {
  incidentId: 'inc-story',
  source: 'prisma-cloud-compute',
  status: 'investigating',
  severity: 'high',
  workload: WORKLOAD,
  workloadKey: workloadKey(WORKLOAD),
  generation: 1,
  windowEndsAt: '2025-10-14T10:16:00.000Z',
  findingCount: 1,
  duplicateCount: 0,
  confirmed: false,
  times: { received: '2025-10-14T09:16:00.000Z', opened: '2025-10-14T09:16:01.000Z' },
  blobs: {},
};
export const NOW = new Date('2025-10-14T09:18:40.000Z');

export async function world(change: (part: EvidencePart) => EvidencePart = (part) => part) {
  const incidents = memoryIncidentStore();
  incidents.seed(INCIDENT);
  const blobs = memoryBlobStore();
  const audit = memoryAuditLog();
  const telemetry = recordingTelemetry();
  const deps: AnalyzeDeps = {
    incidents,
    blobs,
    audit,
    answers: memoryAnswerStore(),
    telemetry,
    nonce: () => 'nonce-1',
    now: () => NOW,
  };
  const parts = await Promise.all(
    cryptoMinerParts()
      .map(change)
      .map(async (part) => {
        const { key, sha256 } = await blobs.put(`incidents/inc-story/evidence/${part.part}.json`, JSON.stringify(part));
        return { part: part.part, key, sha256, items: part.drafts.length, gaps: [] };
      }),
  );
  return { deps, incidents, blobs, audit, telemetry, event: { incidentId: 'inc-story', parts } };
}

export type World = Awaited<ReturnType<typeof world>>;
export const analysisOf = async ({ blobs }: World) =>
  analysisSchema.parse(JSON.parse(await blobs.get('incidents/inc-story/analysis.json')));
export const packOf = async ({ blobs }: World) =>
  evidencePackSchema.parse(JSON.parse(await blobs.get('incidents/inc-story/pack.json')));
export const dataOf = async ({ audit }: World) => (await audit.read('inc-story')).at(-1)?.data ?? {};
