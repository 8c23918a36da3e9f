import { beforeEach, describe, expect, it } from 'vitest';
import { TargetError } from '../../connectors/targets/errors.ts';
import { readingTargets } from '../../connectors/targets/reading.ts';
import type { Verification } from '../../domain/actions/action.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { idleReader, scriptedCatalogue } from '../../test/fakes/actions.ts';
import { sampleConfiguration, sampleIncident, samplePlan } from '../../test/fakes/planning.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../../test/fakes/stores.ts';
import { memoryWatchStore } from '../../test/fakes/watch-store.ts';
import { VERIFY_DEADLINE_MS, type VerifyDeps, verify } from './verify.ts';

const planKey = 'incidents/inc-0123456789abcdef0123/plan-v1.json';
const input = { incidentId: 'inc-0123456789abcdef0123', actionId: 'A1', planKey };
const seen = (result: Verification['result']): Verification => ({
  result,
  enforcement: 'assumed',
  checks: [{ name: 'endpoints', ok: result === 'contained', detail: 'seen' }],
  verifiedAt: '2026-01-01T00:10:00.000Z',
});

let audit = memoryAuditLog();
let incidents = memoryIncidentStore();
let watches = memoryWatchStore();
const blobs = memoryBlobStore();
beforeEach(async () => {
  audit = memoryAuditLog();
  incidents = memoryIncidentStore();
  watches = memoryWatchStore();
  incidents.seed(sampleIncident());
  await blobs.put(planKey, canonicalJson(samplePlan()));
});

function deps(
  steps: readonly (Verification | Error)[],
): VerifyDeps & { readonly calls: string[]; readonly slept: () => number } {
  const { catalogue, calls } = scriptedCatalogue({ verify: steps });
  let elapsed = 0;
  return {
    config: sampleConfiguration(),
    watches,
    incidents,
    blobs,
    audit,
    targets: readingTargets(catalogue, {
      kubernetes: (cluster) => (cluster === 'prod-eks' ? idleReader : undefined),
      aws: () => undefined,
      vendor: () => undefined,
      now: () => new Date(0),
    }),
    now: () => new Date(Date.parse('2026-01-01T00:10:00.000Z') + elapsed),
    sleep: async (ms) => {
      elapsed += ms;
    },
    calls,
    slept: () => elapsed,
  };
}

describe('verify', () => {
  it('gives an action its own time - a rollout takes minutes, and must not be undone halfway', async () => {
    const given = deps([seen('partial')]);
    const traits = { class: 'workload', reversible: true, settlesWithinSeconds: 300 } as const;
    await verify({ ...given, targets: { ...given.targets, traitsOf: () => traits } }, input);
    expect(given.slept()).toBeGreaterThan(290_000);
    expect(given.slept()).toBeLessThanOrEqual(300_000);
  });

  it('does not count a mark as containment - the time to containment would lie', async () => {
    const given = deps([seen('contained')]);
    const traits = { class: 'annotation', reversible: true } as const;
    await verify({ ...given, targets: { ...given.targets, traitsOf: () => traits } }, input);
    expect((await incidents.get(input.incidentId))?.times.contained).toBeUndefined();
  });

  it('looks again until the endpoints are gone - controllers need a moment', async () => {
    const given = deps([seen('partial'), seen('partial'), seen('contained')]);
    expect(await verify(given, input)).toEqual({ result: 'contained', enforcement: 'assumed' });
    expect(given.calls).toHaveLength(3);
    expect((await incidents.get(input.incidentId))?.times.contained).toBe('2026-01-01T00:10:00.000Z');
  });

  it('plans the later looks at what holds, once however often it is repeated', async () => {
    for (const _ of [1, 2]) await verify(deps([seen('contained')]), input);
    expect((await watches.ofIncident(input.incidentId)).map(({ watch, dueAt }) => [watch, dueAt])).toEqual([
      ['15m', '2026-01-01T00:25:00.000Z'],
      ['1h', '2026-01-01T01:10:00.000Z'],
      ['24h', '2026-01-02T00:10:00.000Z'],
    ]);
  });

  it('looks again at what holds in part as well: it is kept, and may come to hold or hold less', async () => {
    await verify(deps([seen('partial')]), input);
    expect((await watches.ofIncident(input.incidentId)).map(({ watch, from }) => [watch, from])).toEqual([
      ['15m', 'partial'],
      ['1h', 'partial'],
      ['24h', 'partial'],
    ]);
  });

  it.each(['failed', 'unknown'] as const)(
    'plans no look at what is %s - it will be undone or is known',
    async (result) => {
      await verify(deps([seen(result)]), input);
      expect(await watches.ofIncident(input.incidentId)).toEqual([]);
    },
  );

  it('stops at its deadline and reports what it saw last - a wait without end would hide the failure', async () => {
    const given = deps([seen('failed')]);
    expect(await verify(given, input)).toEqual({ result: 'failed', enforcement: 'assumed' });
    expect(given.slept()).toBeLessThanOrEqual(VERIFY_DEADLINE_MS);
    expect((await incidents.get(input.incidentId))?.times.contained).toBeUndefined();
    expect(await audit.read(input.incidentId)).toMatchObject([{ kind: 'action.verified', data: { result: 'failed' } }]);
  });

  it('calls a target it cannot read unknown - not proven is never success', async () => {
    expect(await verify(deps([new TargetError('unreachable', 'no answer')]), input)).toEqual({
      result: 'unknown',
      enforcement: 'none',
    });
  });

  it('gets over one unreadable look', async () => {
    expect(await verify(deps([new TargetError('unreachable', 'no answer'), seen('contained')]), input)).toMatchObject({
      result: 'contained',
    });
  });
});
