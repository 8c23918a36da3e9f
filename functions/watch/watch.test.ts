import { beforeEach, describe, expect, it } from 'vitest';
import { TargetError } from '../../connectors/targets/errors.ts';
import { readingTargets } from '../../connectors/targets/reading.ts';
import type { Verification } from '../../domain/actions/action.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { watchesOf } from '../../domain/watch/watch.ts';
import { idleReader, scriptedCatalogue } from '../../test/fakes/actions.ts';
import { type MemoryBus, memoryBus } from '../../test/fakes/bus.ts';
import { sampleIncident, samplePlan } from '../../test/fakes/planning.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../../test/fakes/stores.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { type MemoryWatchStore, memoryWatchStore } from '../../test/fakes/watch-store.ts';
import { PATIENCE_MS, type WatchDeps, WatchesUnfinishedError, watch } from './watch.ts';

const incidentId = 'inc-0123456789abcdef0123';
const planKey = `incidents/${incidentId}/plan-v1.json`;
const SINCE = '2026-01-01T00:10:00.000Z';
const of = { incidentId, actionId: 'A1', action: 'kubernetes.quarantine-pod', planKey } as const;
const seen = (result: Verification['result']): Verification => ({
  result,
  enforcement: 'assumed',
  checks: [{ name: 'label', ok: result === 'contained', detail: result === 'contained' ? 'stands' : 'is gone' }],
  verifiedAt: '2026-01-01T00:25:03.000Z',
});

let audit = memoryAuditLog();
let watches: MemoryWatchStore;
let bus: MemoryBus;
let telemetry: RecordingTelemetry;
let now: Date;
const incidents = memoryIncidentStore();
const blobs = memoryBlobStore();
beforeEach(async () => {
  audit = memoryAuditLog();
  watches = memoryWatchStore();
  bus = memoryBus();
  telemetry = recordingTelemetry();
  incidents.seed(sampleIncident());
  await blobs.put(planKey, canonicalJson(samplePlan()));
  for (const one of watchesOf(of, SINCE, [900, 3600])) await watches.plan(one);
  now = new Date('2026-01-01T00:25:00.000Z');
});

function deps(...steps: readonly (Verification | Error)[]): WatchDeps & { readonly calls: string[] } {
  const { catalogue, calls } = scriptedCatalogue({ verify: steps });
  const targets = readingTargets(catalogue, {
    kubernetes: () => idleReader,
    aws: () => undefined,
    vendor: () => undefined,
    now: () => now,
  });
  return { watches, incidents, blobs, audit, targets, bus, telemetry, now: () => now, calls };
}
const events = () => bus.published;
const first = async () => (await watches.ofIncident(incidentId))[0];

describe('watch', () => {
  it('looks at nothing before its time', async () => {
    now = new Date('2026-01-01T00:24:59.999Z');
    expect(await watch(deps())).toEqual({ looked: 0, drifted: 0 });
  });

  it('looks once when the time has come, writes it into the log and tells nobody while it holds', async () => {
    const given = deps(seen('contained'));
    expect(await watch(given)).toEqual({ looked: 1, drifted: 0 });
    expect(await watch(given)).toEqual({ looked: 0, drifted: 0 });
    expect(given.calls).toEqual(['verify']);
    expect((await audit.read(incidentId)).map(({ kind, actor, data }) => ({ kind, actor, data }))).toEqual([
      {
        kind: 'action.verified',
        actor: { type: 'function', id: 'watch' },
        data: {
          actionId: 'A1',
          action: 'kubernetes.quarantine-pod',
          digest: samplePlan().actions[0]?.digest,
          watch: '15m',
          ...seen('contained'),
        },
      },
    ]);
    expect(events()).toEqual([]);
    expect(await first()).toMatchObject({ watch: '15m', seen: { result: 'contained' } });
  });

  it.each(['partial', 'failed'] as const)(
    'tells that it drifted when it is %s - somebody put it back',
    async (result) => {
      expect(await watch(deps(seen(result)))).toEqual({ looked: 1, drifted: 1 });
      expect(events()).toEqual([{ detailType: 'Containment Drifted', detail: { incidentId, stage: 'drifted' } }]);
      expect(telemetry.counted('ContainmentDrifted')).toBe(1);
      expect(await first()).toMatchObject({ seen: { result, detail: 'label: is gone' } });
    },
  );

  it('tells, without an alarm, when what held only in part has come to hold - and not that it still holds in part', async () => {
    watches = memoryWatchStore();
    for (const one of watchesOf({ ...of, from: 'partial' }, SINCE, [900, 3600])) await watches.plan(one);
    expect(await watch(deps(seen('partial')))).toEqual({ looked: 1, drifted: 0 });
    expect(events()).toEqual([]);
    now = new Date('2026-01-01T01:10:00.000Z');
    expect(await watch(deps(seen('contained')))).toEqual({ looked: 1, drifted: 0 });
    expect(events()).toEqual([{ detailType: 'Containment Settled', detail: { incidentId, stage: 'settled' } }]);
    expect([telemetry.counted('ContainmentSettled'), telemetry.counted('ContainmentDrifted')]).toEqual([1, 0]);
  });

  it('asks a target that cannot be read again, and says at last that nobody knows - unreadable is not drift', async () => {
    const given = deps(new TargetError('unreachable', 'no answer'));
    expect(await watch(given)).toEqual({ looked: 1, drifted: 0 });
    expect([await audit.read(incidentId), (await first())?.seen]).toEqual([[], undefined]);
    now = new Date(Date.parse('2026-01-01T00:25:00.000Z') + PATIENCE_MS);
    await watch(given);
    expect(await first()).toMatchObject({ seen: { result: 'unknown' } });
    expect([telemetry.counted('ContainmentUnknown'), events()]).toEqual([1, []]);
  });

  it('does not look at what was rolled back on purpose - that is no drift', async () => {
    const entry = { chain: incidentId, at: SINCE, actor: { type: 'function', id: 'roll-back' } } as const;
    const undone = { actionId: 'A1', outcome: 'rolled-back' };
    await audit.append({ ...entry, kind: 'action.rolled-back', data: { ...undone, actionId: 'A2' } });
    await audit.append({ ...entry, kind: 'action.rolled-back', data: { ...undone, outcome: 'failed' } });
    expect(await watch(deps(seen('contained')))).toEqual({ looked: 1, drifted: 0 });
    await audit.append({ ...entry, kind: 'action.rolled-back', data: undone });
    now = new Date('2026-01-01T01:10:00.000Z');
    const given = deps();
    expect(await watch(given)).toEqual({ looked: 1, drifted: 0 });
    expect(given.calls).toEqual([]);
    expect((await watches.ofIncident(incidentId)).map((one) => one.seen?.result)).toEqual(['contained', 'undone']);
  });

  it.each(['record', 'leave'] as const)(
    'after a crash at %s it neither reads nor writes twice, and still tells',
    async (step) => {
      const given = deps(seen('failed'));
      watches.failNext(step, new Error('crash'));
      await expect(watch(given)).rejects.toBeInstanceOf(WatchesUnfinishedError);
      expect(await watch(given)).toEqual({ looked: 1, drifted: 1 });
      expect(given.calls).toEqual(['verify']);
      expect(await audit.read(incidentId)).toHaveLength(1);
      expect(new Set(events().map((event) => JSON.stringify(event))).size).toBe(1);
      expect(await watch(given)).toEqual({ looked: 0, drifted: 0 });
    },
  );

  it('is not held up by a look that cannot be finished, and ends with an error about it', async () => {
    const other = `incidents/${incidentId}/plan-v9.json`;
    await watches.plan({ ...of, actionId: 'A2', planKey: other, watch: '1m', dueAt: SINCE });
    await expect(watch(deps(seen('contained')))).rejects.toThrow('1 of 2 looks');
    expect((await watches.ofIncident(incidentId)).map((one) => one.seen?.result)).toEqual([
      'contained',
      undefined,
      undefined,
    ]);
  });
});
