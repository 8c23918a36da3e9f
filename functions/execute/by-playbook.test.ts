import { beforeEach, describe, expect, it } from 'vitest';
import { writingTargets } from '../../connectors/targets/writing.ts';
import { type Plan, planDigest, planSchema } from '../../domain/actions/action.ts';
import { canonicalJson, digestOf } from '../../domain/json/canonical.ts';
import { playbookFor } from '../../domain/playbooks/registry.ts';
import { type ActionScript, scriptedCatalogue } from '../../test/fakes/actions.ts';
import { memoryExecutionSwitch } from '../../test/fakes/execution-switch.ts';
import { sampleConfiguration, sampleIncident, samplePlan, samplePlanned } from '../../test/fakes/planning.ts';
import { memoryPlaybookSlots } from '../../test/fakes/playbook-slots.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../../test/fakes/stores.ts';
import {
  DORMANT,
  DORMANT_WORKLOAD,
  dormantDrafts,
  dormantPack,
  dormantTarget,
} from '../../test/stories/dormant-key.ts';
import { type ExecuteDeps, execute } from './execute.ts';

const PACK_KEY = `incidents/${DORMANT.incidentId}/pack.json`;
const PLAN_KEY = `incidents/${DORMANT.incidentId}/plan-v1.json`;
const INPUT = {
  incidentId: DORMANT.incidentId,
  actionId: 'A1',
  planKey: PLAN_KEY,
  authority: 'playbook',
} as const;
const PLACE = { account: DORMANT.account };
const NOW = new Date('2026-02-01T10:05:00.000Z');

const automatic = (change: Record<string, unknown> = {}) =>
  sampleConfiguration({
    rollout: [{ scope: PLACE, phase: 'automate' }],
    actions: { 'aws.deactivate-access-key': { gate: 'ask' } },
    playbooks: [{ name: 'dormant-key', maxPerHour: 1 }],
    destinations: { chat: { system: 'slack', channel: 'C0123456789', secret: 'parapet/slack' } },
    ...change,
  });

const pack = dormantPack();
function planOf(actionId = 'A1'): Plan {
  const prepared = {
    action: 'aws.deactivate-access-key' as const,
    incidentId: DORMANT.incidentId,
    actionId,
    target: dormantTarget(pack),
    parameters: { unusedForDays: '90' },
    beforeState: {},
    requests: [],
    inverse: [],
  };
  const playbook = playbookFor(automatic(), prepared.action, PLACE)?.assess({
    pack,
    target: prepared.target,
    source: 'prisma-cloud',
    confirmed: true,
    severity: 'medium',
    verdict: 'misconfiguration',
  });
  const planned = { ...samplePlanned({ prepared, gate: 'automatic', approvers: [] }), playbook };
  return planSchema.parse({ ...samplePlan([planned]), phase: 'automate', packDigest: digestOf(pack) });
}

let blobs = memoryBlobStore();
let incidents = memoryIncidentStore();
let audit = memoryAuditLog();
let slots = memoryPlaybookSlots();

beforeEach(async () => {
  blobs = memoryBlobStore();
  incidents = memoryIncidentStore();
  audit = memoryAuditLog();
  slots = memoryPlaybookSlots();
  seed();
  await blobs.put(PACK_KEY, canonicalJson(pack));
  await stored(planOf());
});

function seed(change: Parameters<typeof sampleIncident>[0] = {}): void {
  incidents.seed(
    sampleIncident({
      incidentId: DORMANT.incidentId,
      source: 'prisma-cloud',
      severity: 'medium',
      workload: DORMANT_WORKLOAD,
      verdict: 'misconfiguration',
      blobs: { pack: PACK_KEY, plan: PLAN_KEY },
      ...change,
    }),
  );
}

/** Stored and told of, as `plan` does it. */
async function stored(plan: Plan, told: Plan = plan): Promise<void> {
  await blobs.put(PLAN_KEY, canonicalJson(plan));
  await audit.append({
    chain: DORMANT.incidentId,
    at: NOW.toISOString(),
    actor: { type: 'function', id: 'plan' },
    kind: 'plan.made',
    data: {
      planKey: PLAN_KEY,
      packDigest: told.packDigest,
      actions: told.actions.map(({ prepared, digest, gate }) => ({ actionId: prepared.actionId, digest, gate })),
    },
  });
}

const APPLIED: ActionScript = { apply: { outcome: 'applied', reason: 'the key is inactive', requests: [] } };
function deps(change: Partial<ExecuteDeps> = {}): ExecuteDeps & { readonly calls: string[] } {
  const { catalogue, calls } = scriptedCatalogue(APPLIED);
  const targets = writingTargets(catalogue, {
    kubernetes: () => undefined,
    aws: () => undefined,
    vendor: () => undefined,
  });
  return {
    config: automatic(),
    incidents,
    blobs,
    audit,
    slots,
    control: memoryExecutionSwitch(),
    approvals: { get: async () => undefined },
    targets: {
      apply: async (prepared, by) => {
        calls.push(`${prepared.action} by ${by}`);
        return prepared.action === 'aws.deactivate-access-key'
          ? { outcome: 'applied', reason: 'the key is inactive', requests: [] }
          : await targets.apply(prepared, by);
      },
    },
    now: () => NOW,
    calls,
    ...change,
  };
}

describe('a playbook', () => {
  it('acts where everything still holds, in its own name, and the log says on what', async () => {
    const given = deps();
    expect(await execute(given, INPUT)).toEqual({ outcome: 'applied', reason: 'the key is inactive' });
    expect(given.calls).toEqual(['aws.deactivate-access-key by parapet-playbook']);
    const started = (await audit.read(DORMANT.incidentId)).find(({ kind }) => kind === 'action.started');
    expect(started?.data).toMatchObject({
      authority: 'playbook',
      playbook: 'dormant-key',
      decidedBy: 'parapet-playbook',
      conditions: [
        { holds: true, evidence: ['E2'] },
        { holds: true, evidence: ['E3'] },
        { holds: true, evidence: [] },
        { holds: true, evidence: ['E4'] },
        { holds: true, evidence: ['E4'] },
      ],
    });
  });

  it('takes its slot once, however often it is tried, and asks people when the hour is full', async () => {
    const given = deps();
    expect((await execute(given, INPUT)).outcome).toBe('applied');
    expect((await execute(given, INPUT)).outcome).toBe('applied');
    await slots.take({ playbook: 'dormant-key', execution: 'another', now: NOW, most: { ofPlaybook: 9, inAll: 9 } });
    slots = memoryPlaybookSlots();
    await slots.take({ playbook: 'dormant-key', execution: 'another', now: NOW, most: { ofPlaybook: 9, inAll: 9 } });
    const full = deps({ slots });
    expect(await execute(full, INPUT)).toEqual({
      outcome: 'ask-people',
      reason: 'Playbook dormant-key has acted as often in this hour as it may.',
    });
    expect(full.calls).toEqual([]);
    expect((await execute(deps({ slots, now: () => new Date('2026-02-01T11:00:00.000Z') }), INPUT)).outcome).toBe(
      'applied',
    );
  });

  it('is held to the number of all playbooks together as well', async () => {
    await slots.take({ playbook: 'quarantine-miner', execution: 'x', now: NOW, most: { ofPlaybook: 9, inAll: 9 } });
    const config = automatic({ response: { automaticPerHour: 1 } });
    expect(await execute(deps({ config }), INPUT)).toMatchObject({ outcome: 'ask-people' });
  });

  it.each([
    ['the phase was moved back', automatic({ rollout: [{ scope: PLACE, phase: 'assist' }] }), /phase here is assist/],
    ['the playbook was taken out', automatic({ playbooks: [] }), /No playbook/],
    ['the action was closed', automatic({ actions: {} }), /suggested only/],
    ['nobody would be told', automatic({ destinations: {} }), /no chat channel/],
    [
      'more days are asked for than the plan looks at again',
      automatic({ playbooks: [{ name: 'dormant-key', unusedForDays: 91 }] }),
      /was changed after the plan/,
    ],
    [
      'the key is not unused for as long as is now asked for',
      automatic({ playbooks: [{ name: 'dormant-key', unusedForDays: 3000 }] }),
      /does not hold that IAM knows of no use/,
    ],
  ])('asks people where %s meanwhile', async (_, config, reason) => {
    const given = deps({ config });
    expect(await execute(given, INPUT)).toEqual({ outcome: 'ask-people', reason: expect.stringMatching(reason) });
    expect(given.calls).toEqual([]);
  });

  it('is stopped by the kill switch, and where it cannot be read', async () => {
    const control = memoryExecutionSwitch();
    await control.set({ state: 'stopped', by: 'ada', at: NOW.toISOString() });
    expect((await execute(deps({ control }), INPUT)).outcome).toBe('refused');
    const unreadable = memoryExecutionSwitch();
    unreadable.failNext('read', new Error('throttled'));
    const given = deps({ control: unreadable });
    expect((await execute(given, INPUT)).outcome).toBe('refused');
    expect(given.calls).toEqual([]);
  });

  it('touches nothing when the hour cannot be counted - a guard that cannot be evaluated does not open', async () => {
    slots.failNext('take', new Error('table unavailable'));
    const given = deps();
    await expect(execute(given, INPUT)).rejects.toThrow('table unavailable');
    expect(given.calls).toEqual([]);
  });
});

describe('what is handed in and was not planned so', () => {
  const refused = async (reason: RegExp, input: object = INPUT) => {
    const given = deps();
    expect(await execute(given, input)).toEqual({ outcome: 'refused', reason: expect.stringMatching(reason) });
    expect(given.calls).toEqual([]);
  };

  it('is refused: an action that people were to be asked about', async () => {
    const plan = planOf();
    await stored({ ...plan, actions: plan.actions.map((one) => ({ ...one, gate: 'ask' as const })) });
    await refused(/its gate is ask/);
  });

  it('is refused: a plan whose gate was changed in the store, because the log tells of another', async () => {
    audit = memoryAuditLog();
    const plan = planOf();
    await stored(plan, { ...plan, actions: plan.actions.map((one) => ({ ...one, gate: 'ask' as const })) });
    await refused(/audit log does not tell/);
  });

  it('is refused: a plan with another target, however right its own digest is', async () => {
    audit = memoryAuditLog();
    const plan = planOf();
    const actions = plan.actions.map((one) => {
      const prepared = { ...one.prepared, beforeState: { user: 'somebody-else' } };
      return { ...one, prepared, digest: planDigest(prepared) };
    });
    await stored({ ...plan, actions }, plan);
    await refused(/audit log does not tell/);
  });

  it('is refused: other evidence than the plan was made from', async () => {
    await blobs.put(PACK_KEY, canonicalJson(dormantPack(dormantDrafts({ lastUsedAt: '2020-01-01T00:00:00.000Z' }))));
    await refused(/not the one the plan was made from/);
  });

  it('is refused: an incident that is no longer confirmed', async () => {
    seed({ confirmed: false });
    await refused(/did not confirm/);
  });

  it('is refused: two authorities at once, or none', async () => {
    await refused(/one authority/, { ...INPUT, approvalId: 'apr-1' });
    const { authority: _, ...none } = INPUT;
    await refused(/one authority/, none);
  });
});
