import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Anchor, anchorDigest, anchorSchema, rootHolds } from '../../domain/audit/anchor.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { sampleIncident } from '../../test/fakes/incidents.ts';
import { memoryAuditLog, memoryIncidentStore } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { anchorAudit, MOST_INCIDENTS } from './anchor-audit.ts';

const now = new Date('2025-10-20T12:00:00.000Z');
const signedDigests: string[] = [];
async function sign(digest: string) {
  signedDigests.push(digest);
  return { signature: 'AQID', keyId: 'key-1' };
}

function setUp(since?: Date) {
  const incidents = memoryIncidentStore();
  // Written long before what is looked at, unless a test says otherwise.
  const audit = memoryAuditLog(() => new Date('2025-09-01T00:00:00.000Z'));
  const telemetry = recordingTelemetry();
  const written: Anchor[] = [];
  const anchors = {
    lastAnchoredAt: async () => since,
    write: async (anchor: Anchor) => {
      written.push(anchor);
      return `anchors/${anchor.at}.json`;
    },
  };
  const incident = async (id: string, change: Partial<Incident> = {}): Promise<void> => {
    incidents.seed(sampleIncident({ incidentId: id, ...change }));
    for (const kind of ['incident.opened', 'incident.claimed'] as const) {
      await audit.append({ chain: id, at: now.toISOString(), actor: { type: 'function', id: 'test' }, kind, data: {} });
    }
  };
  return {
    incidents,
    audit,
    telemetry,
    written,
    incident,
    deps: { incidents, audit, anchors, sign, telemetry, now: () => now },
  };
}

describe('anchorAudit', () => {
  it('writes the heads of all chains with their root, and signs exactly that', async () => {
    const { deps, incident, audit, written } = setUp();
    await incident('inc-b');
    await incident('inc-a');
    const result = await anchorAudit(deps);
    const [anchor] = written;
    expect(anchorSchema.parse(anchor)).toEqual(anchor);
    expect(anchor?.heads).toEqual([
      { chain: 'inc-a', sequence: 1, hash: (await audit.head('inc-a'))?.hash },
      { chain: 'inc-b', sequence: 1, hash: (await audit.head('inc-b'))?.hash },
    ]);
    expect(result).toEqual({ key: 'anchors/2025-10-20T12:00:00.000Z.json', root: anchor?.root, chains: 2 });
    if (!anchor) throw new Error('no anchor was written');
    expect(rootHolds(anchor)).toBe(true);
    expect(anchor).toMatchObject({ signature: 'AQID', keyId: 'key-1' });
    expect(signedDigests.at(-1)).toBe(anchorDigest(anchor));
  });

  it('leaves out what was over long before the last anchor, and takes everything that may have changed since', async () => {
    const { deps, incident, written } = setUp(new Date('2025-10-20T11:00:00.000Z'));
    const times = (concluded: string) => ({ ...sampleIncident().times, concluded });
    await incident('inc-settled', { status: 'concluded', times: times('2025-10-18T00:00:00.000Z') });
    await incident('inc-just-over', { status: 'concluded', times: times('2025-10-19T23:00:00.000Z') });
    await incident('inc-open', { status: 'awaiting-decision' });
    await incident('inc-redriven', { status: 'responding', times: times('2025-10-18T00:00:00.000Z') });
    await anchorAudit(deps);
    expect(written[0]?.heads.map(({ chain }) => chain)).toEqual(['inc-just-over', 'inc-open', 'inc-redriven']);
  });

  it('takes every chain that was written to since, however long its incident is over, and those of no incident', async () => {
    const { deps, incident, audit, written } = setUp(new Date('2025-10-20T11:00:00.000Z'));
    const times = { ...sampleIncident().times, concluded: '2025-10-01T00:00:00.000Z' };
    await incident('inc-settled', { status: 'concluded', times });
    // A month after its end somebody had it put back; and everything was stopped.
    for (const [chain, kind] of [
      ['inc-undone', 'rollback.concluded'],
      ['control', 'execution.stopped'],
    ] as const) {
      if (chain === 'inc-undone') await incident(chain, { status: 'concluded', times });
      const actor = { type: 'function', id: 'test' } as const;
      await audit.append({ chain, at: now.toISOString(), actor, kind, data: {} });
    }
    const recent = new Map([
      ['inc-undone', new Date('2025-10-20T11:30:00.000Z')],
      ['control', new Date('2025-10-20T10:10:00.000Z')],
    ]);
    const asked: Date[] = [];
    const chainsSince = async (since: Date) => {
      asked.push(since);
      return new Set([...recent].flatMap(([chain, at]) => (at >= since ? [chain] : [])));
    };
    await anchorAudit({ ...deps, audit: { head: audit.head, chainsSince } });
    expect(written[0]?.heads).toEqual([
      { chain: 'control', sequence: 0, hash: (await audit.head('control'))?.hash },
      { chain: 'inc-undone', sequence: 2, hash: (await audit.head('inc-undone'))?.hash },
    ]);
    // With an hour before the last anchor: an entry may have reached the index only after that one was made.
    expect(asked).toEqual([new Date('2025-10-20T10:00:00.000Z')]);
  });

  it('writes an anchor when there is nothing to fix - a missing one means that the job does not run', async () => {
    const { deps, written } = setUp();
    await anchorAudit(deps);
    expect(written[0]).toMatchObject({ heads: [], root: createHash('sha256').update('').digest('hex') });
  });

  it('says when an incident has no chain', async () => {
    const { deps, incidents, telemetry } = setUp();
    incidents.seed(sampleIncident({ incidentId: 'inc-without' }));
    expect(await anchorAudit(deps)).toMatchObject({ chains: 0 });
    expect(telemetry.counted('AuditChainMissing')).toBe(1);
  });

  it('says when its limit cuts into incidents that may still change, and not when it only cuts old ones', async () => {
    const full = (opened: string): Incident[] =>
      Array.from({ length: MOST_INCIDENTS }, (_, index) =>
        sampleIncident({
          incidentId: `inc-${index}`,
          status: 'concluded',
          times: { received: opened, opened, concluded: opened },
        }),
      );
    for (const [opened, limited] of [
      ['2025-10-19T00:00:00.000Z', 1],
      ['2025-10-01T00:00:00.000Z', 0],
    ] as const) {
      const { deps, telemetry } = setUp(new Date('2025-10-20T11:00:00.000Z'));
      await anchorAudit({ ...deps, incidents: { list: async () => full(opened) } });
      expect(telemetry.counted('AnchorLimited')).toBe(limited);
    }
  });
});
