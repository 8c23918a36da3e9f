import { describe, expect, it } from 'vitest';
import { type IntelSource, opinion } from '../../connectors/intel/port.ts';
import { NotFoundError } from '../../connectors/store/ports.ts';
import type { Fact } from '../../domain/evidence/fact.ts';
import { type EvidencePartName, evidencePartSchema } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { gatherOutputSchema } from '../../domain/orchestration.ts';
import { memoryIntelCache } from '../../test/fakes/intel-cache.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore, sampleFinding } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { type GatherIntelDeps, gatherIntel } from './gather-intel.ts';

const at = '2025-10-14T09:18:30.000Z';
const cost = { calls: 1, bytes: 1, milliseconds: 1 };

/** Knows every CVE as exploited and every name as malicious; remembers what it was asked. */
function knowing(asked: string[]): IntelSource[] {
  const source = (name: 'kev' | 'otx', kind: 'cve' | 'domain'): IntelSource => ({
    name,
    accepts: (subject) => subject.kind === kind,
    batch: 10,
    most: 10,
    allowances: [],
    lifetimeSeconds: () => 60,
    ask: async (subjects) =>
      subjects.map(({ value }) => {
        asked.push(value);
        return kind === 'domain'
          ? opinion('malicious', 'in 5 reports', 3)
          : {
              kind: 'knowledge',
              knowledge: { knownExploited: { since: '2021-12-10', ransomware: false, action: 'Update.' }, fixedIn: [] },
            };
      }),
  });
  return [source('kev', 'cve'), source('otx', 'domain')];
}

async function setUp(change: Partial<GatherIntelDeps> = {}) {
  const incidents = memoryIncidentStore();
  const blobs = memoryBlobStore();
  const audit = memoryAuditLog();
  const telemetry = recordingTelemetry();
  const asked: string[] = [];
  const waited: number[] = [];
  const base = sampleFinding();
  const finding: NormalizedFinding = {
    ...base,
    finding: {
      ...base.finding,
      vulnerabilities: [{ cve: { uid: 'CVE-2021-44228' } }],
      evidences: [
        { query: { hostname: 'pool.example.net' } },
        { query: { hostname: 'db.payments.svc.cluster.local' } },
      ],
    },
  };
  const { incident } = await incidents.attach(finding, {
    receivedAt: at,
    now: new Date(at),
    windowMinutes: 60,
    rawKey: 'alerts/1',
  });
  const { incidentId } = incident;
  const keep = async (part: EvidencePartName, facts: readonly Fact[]) => {
    const drafts = facts.map((fact) => ({
      source: 'cwpp_api',
      field: 'x',
      trust: 'vendor',
      observedAt: at,
      fact,
      entities: [],
    }));
    await blobs.put(
      `incidents/${incidentId}/evidence/${part}.json`,
      JSON.stringify({ part, gatheredAt: at, drafts, cost }),
    );
  };
  const deps: GatherIntelDeps = {
    incidents,
    blobs,
    audit,
    telemetry,
    cache: memoryIntelCache(),
    sources: knowing(asked),
    own: { internalDomains: [], ownNetworks: [] },
    budgetMs: 1_000,
    now: () => new Date(at),
    sleep: async (ms) => void waited.push(ms),
    ...change,
  };
  const gather = async (remaining = 90_000) =>
    gatherOutputSchema.parse(
      await gatherIntel(deps, { incidentId, part: 'threat-intel' }, { getRemainingTimeInMillis: () => remaining }),
    );
  const factsAt = async (key: string) =>
    evidencePartSchema.parse(JSON.parse(await blobs.get(key))).drafts.map(({ fact }) => fact);
  return { deps, incidentId, audit, telemetry, asked, waited, keep, gather, factsAt };
}

const VULNERABILITY: Fact = {
  kind: 'vulnerability',
  cve: 'CVE-2023-44487',
  severity: 'high',
  packageName: 'x',
  packageVersion: '1',
  exploitInTheWild: false,
  exploitPublic: false,
  remote: true,
};

describe('gatherIntel', () => {
  it('asks about what the findings and the parts beside it name, keeps inner names here, and stores the answers as evidence', async () => {
    const { keep, gather, factsAt, asked, audit, incidentId } = await setUp();
    await keep('vulnerabilities', [VULNERABILITY]);
    await keep('network', [{ kind: 'dns-query', domain: 'evil.example.org', at }]);
    const output = await gather();
    expect(asked.sort()).toEqual(['CVE-2021-44228', 'CVE-2023-44487', 'evil.example.org', 'pool.example.net']);
    expect(output).toMatchObject({ part: 'threat-intel', items: 4, gaps: [] });
    expect(await factsAt(output.key)).toMatchObject([
      { kind: 'threat-intel', indicator: 'pool.example.net', confidence: 87 },
      { kind: 'threat-intel', indicator: 'evil.example.org', confidence: 87 },
      { kind: 'exploit-knowledge', cve: 'CVE-2021-44228', checked: ['kev'] },
      { kind: 'exploit-knowledge', cve: 'CVE-2023-44487', checked: ['kev'] },
    ]);
    expect((await audit.read(incidentId)).map(({ kind, actor }) => `${actor.id} ${kind}`)).toEqual([
      'gather-intel evidence.gathered',
    ]);
  });

  it('waits for the parts beside it only so long, and names what it went on without', async () => {
    const { gather, asked, waited } = await setUp();
    const output = await gather();
    expect(waited.reduce((sum, ms) => sum + ms, 0)).toBe(10_000);
    expect(asked.sort()).toEqual(['CVE-2021-44228', 'pool.example.net']);
    expect(output.gaps).toEqual([
      expect.stringContaining('the part "vulnerabilities" holds: the part was not there in time'),
      expect.stringContaining('the part "network" holds'),
    ]);
  });

  it('waits for nothing when its own time is short', async () => {
    const { gather, waited } = await setUp();
    await gather(6_000);
    expect(waited).toEqual([]);
  });

  it('takes a part that is no evidence for an empty one', async () => {
    const { keep, gather, deps, incidentId } = await setUp();
    await deps.blobs.put(`incidents/${incidentId}/evidence/vulnerabilities.json`, '{"part":"history"}');
    await keep('network', []);
    expect((await gather()).gaps).toEqual([]);
  });

  it('turns a source that fails into a gap and goes on (rule 9)', async () => {
    const failing = knowing([]).map((source) => ({ ...source, ask: () => Promise.reject(new Error('boom')) }));
    const { keep, gather, factsAt, telemetry } = await setUp({ sources: failing });
    await keep('vulnerabilities', []);
    await keep('network', []);
    const output = await gather();
    expect((await factsAt(output.key)).map(({ kind }) => kind)).toEqual(['gap', 'gap']);
    expect(telemetry.said.map(({ event }) => event)).toContain('intelligence has gaps');
  });

  it('refuses an incident that is not there and a part that is not its own', async () => {
    const { deps } = await setUp();
    const context = { getRemainingTimeInMillis: () => 90_000 };
    await expect(gatherIntel(deps, { incidentId: 'inc-none', part: 'threat-intel' }, context)).rejects.toThrow(
      NotFoundError,
    );
    await expect(gatherIntel(deps, { incidentId: 'inc-none', part: 'history' }, context)).rejects.toThrow();
  });
});
