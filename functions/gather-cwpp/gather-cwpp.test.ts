import { describe, expect, it } from 'vitest';
import type { EvidenceSource } from '../../connectors/cwpp/evidence-source.ts';
import { NotFoundError } from '../../connectors/store/ports.ts';
import { type EvidenceDraft, evidencePartSchema } from '../../domain/evidence/pack.ts';
import { gatherOutputSchema } from '../../domain/orchestration.ts';
import { sampleIncident } from '../../test/fakes/incidents.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore, sampleFinding } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { gatherCwpp } from './gather-cwpp.ts';

const AT = '2025-10-14T09:18:30.000Z';
/** A function that may run for 90 seconds more. */
const INVOCATION = { getRemainingTimeInMillis: () => 90_000 };
const COST = { calls: 3, bytes: 2_048, milliseconds: 90 };

function draft(fact: EvidenceDraft['fact']): EvidenceDraft {
  return { source: 'cwpp_api', field: 'GET /x', trust: 'vendor', observedAt: AT, fact, entities: [] };
}
const confirmed = draft({ kind: 'confirmation', confirmed: true, vendorRecord: 'r1', reason: 'it is there' });
const gap = draft({ kind: 'gap', missing: 'the container in the inventory', reason: 'GET console answered 500' });

function setUp(source: EvidenceSource | undefined = answering([confirmed, gap])) {
  const incidents = memoryIncidentStore();
  const blobs = memoryBlobStore();
  const audit = memoryAuditLog();
  const telemetry = recordingTelemetry();
  const incident = sampleIncident();
  incidents.seed(incident, [sampleFinding({ event: 'a' }), sampleFinding({ event: 'b' })]);
  const deps = { incidents, blobs, audit, telemetry, evidenceOf: () => source, now: () => new Date(AT) };
  const { incidentId } = incident;
  const stored = async (key: string) => evidencePartSchema.parse(JSON.parse(await blobs.get(key)));
  return { deps, incidentId, blobs, audit, telemetry, stored };
}

function answering(drafts: readonly EvidenceDraft[]): EvidenceSource {
  return { gather: async () => ({ drafts, cost: COST }) };
}

describe('gatherCwpp', () => {
  it('stores what the vendor said under the incident and hands on ids and digests only', async () => {
    const { deps, incidentId, stored } = setUp();
    const output = await gatherCwpp(deps, { incidentId, part: 'alert-details' }, INVOCATION);
    expect(gatherOutputSchema.parse(output)).toEqual({
      part: 'alert-details',
      key: `incidents/${incidentId}/evidence/alert-details.json`,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      items: 2,
      gaps: ['the container in the inventory: GET console answered 500'],
    });
    expect(await stored(output.key)).toEqual({
      part: 'alert-details',
      gatheredAt: AT,
      drafts: [confirmed, gap],
      cost: COST,
    });
  });

  it('asks about every finding of the incident and says until when there is time', async () => {
    const asked: unknown[] = [];
    const { deps, incidentId } = setUp({
      gather: async (part, findings, deadline) => {
        asked.push(
          part,
          deadline.toISOString(),
          findings.map(({ deduplicationKey }) => deduplicationKey),
        );
        return { drafts: [], cost: COST };
      },
    });
    await gatherCwpp(deps, { incidentId, part: 'network' }, INVOCATION);
    expect(asked).toEqual(['network', '2025-10-14T09:20:00.000Z', ['container-runtime/a', 'container-runtime/b']]);
  });

  it('leaves the digest, the gaps and the cost in the audit log', async () => {
    const { deps, incidentId, audit } = setUp();
    const { key, sha256, gaps } = await gatherCwpp(deps, { incidentId, part: 'vulnerabilities' }, INVOCATION);
    expect(await audit.read(incidentId)).toMatchObject([
      {
        at: AT,
        actor: { type: 'function', id: 'gather-cwpp' },
        kind: 'evidence.gathered',
        data: { part: 'vulnerabilities', key, sha256, items: 2, gaps, cost: COST },
      },
    ]);
  });

  it('says what was missing, so that somebody can mend it', async () => {
    const { deps, incidentId, telemetry } = setUp();
    await gatherCwpp(deps, { incidentId, part: 'alert-details' }, INVOCATION);
    expect(telemetry.said).toMatchObject([{ level: 'warn', event: 'evidence has gaps', fields: { incidentId } }]);
  });

  it('confirms nothing for a source that is no longer configured - nobody was asked', async () => {
    const { deps, incidentId, stored } = setUp();
    const unconfigured = { ...deps, evidenceOf: () => undefined };
    const { key, gaps } = await gatherCwpp(unconfigured, { incidentId, part: 'alert-details' }, INVOCATION);
    const reason = 'source prisma-cloud-compute is not in the configuration';
    expect(gaps).toEqual([`alert-details from the vendor: ${reason}`]);
    expect((await stored(key)).drafts.map(({ fact }) => fact)).toEqual([
      { kind: 'confirmation', confirmed: false, reason },
      { kind: 'gap', missing: 'alert-details from the vendor', reason },
    ]);
  });

  it('refuses parts that others gather and incidents that are not there', async () => {
    const { deps, incidentId } = setUp();
    await expect(gatherCwpp(deps, { incidentId, part: 'workload' }, INVOCATION)).rejects.toThrow();
    await expect(gatherCwpp(deps, { incidentId: 'inc-none', part: 'network' }, INVOCATION)).rejects.toBeInstanceOf(
      NotFoundError,
    );
  });

  it('does not hide a fault of ours behind a gap', async () => {
    const { deps, incidentId } = setUp({ gather: () => Promise.reject(new TypeError('a bug')) });
    await expect(gatherCwpp(deps, { incidentId, part: 'network' }, INVOCATION)).rejects.toBeInstanceOf(TypeError);
  });
});
