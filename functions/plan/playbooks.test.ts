import { expect, it } from 'vitest';
import { readingTargets } from '../../connectors/targets/reading.ts';
import { planSchema } from '../../domain/actions/action.ts';
import type { Analysis } from '../../domain/analysis/analysis.ts';
import { analyseByRules, RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import { canonicalJson, digestOf } from '../../domain/json/canonical.ts';
import { scriptedCatalogue } from '../../test/fakes/actions.ts';
import { sampleConfiguration, sampleIncident, samplePlanned, samplePrepared } from '../../test/fakes/planning.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../../test/fakes/stores.ts';
import {
  DORMANT,
  DORMANT_WORKLOAD,
  type DormantChange,
  dormantDrafts,
  dormantPack,
} from '../../test/stories/dormant-key.ts';
import { makePlan } from './plan.ts';

async function planned(phase: 'observe' | 'assist' | 'automate', change: DormantChange = {}) {
  const pack = dormantPack(dormantDrafts(change));
  const [incidents, blobs, audit] = [memoryIncidentStore(), memoryBlobStore(), memoryAuditLog()];
  incidents.seed(
    sampleIncident({
      incidentId: DORMANT.incidentId,
      source: 'prisma-cloud',
      severity: 'medium',
      workload: DORMANT_WORKLOAD,
    }),
  );
  await blobs.put('pack', canonicalJson(pack));
  const analysis: Analysis = {
    ...analyseByRules(pack),
    incidentId: DORMANT.incidentId,
    packDigest: digestOf(pack),
    writtenBy: { rules: { name: 'rules-analyst', version: RULES_VERSION } },
    dropped: [],
  };
  await blobs.put('analysis', canonicalJson(analysis));
  const scope = { account: DORMANT.account };
  const config = sampleConfiguration({
    rollout: [{ scope, phase }],
    approvers: [{ id: 'ada', name: 'Ada Example', mail: 'ada@example.com', may: [{ actions: ['*'], scope }] }],
    actions: { 'aws.deactivate-access-key': { gate: 'ask' } },
    playbooks: [{ name: 'dormant-key', scope }],
    destinations: {
      mail: { from: 'parapet@example.com' },
      chat: { system: 'slack', channel: 'C0123456789', secret: 'parapet/slack' },
    },
  });
  const { catalogue } = scriptedCatalogue({});
  const targets = readingTargets(catalogue, {
    kubernetes: () => undefined,
    aws: () => undefined,
    vendor: () => undefined,
    now: () => new Date(0),
  });
  const { planKey } = await makePlan(
    {
      config,
      incidents,
      blobs,
      audit,
      targets: {
        ...targets,
        // As the catalogue would, with what the plan hands on.
        prepare: async (action, { actionId, target, parameters }) => ({
          ok: true,
          prepared: samplePrepared({ action, actionId, target, parameters: { ...parameters } }),
          preview: samplePlanned().preview,
        }),
      },
      now: () => new Date(DORMANT.readAt),
    },
    { incidentId: DORMANT.incidentId, packKey: 'pack', analysisKey: 'analysis' },
  );
  const plan = planSchema.parse(JSON.parse(await blobs.get(planKey)));
  return { plan, pack, log: await audit.read(DORMANT.incidentId) };
}

it('a key that nobody uses is automatic in phase automate, with what the action must look at again', async () => {
  const { plan, pack, log } = await planned('automate');
  expect(plan.packDigest).toBe(digestOf(pack));
  expect(plan.actions).toMatchObject([
    {
      gate: 'automatic',
      approvers: ['ada'],
      prepared: { action: 'aws.deactivate-access-key', parameters: { unusedForDays: '90' } },
      playbook: { playbook: 'dormant-key', holds: true },
    },
  ]);
  expect(log.at(-1)?.data).toMatchObject({
    packDigest: digestOf(pack),
    actions: [{ actionId: 'A1', gate: 'automatic', playbook: { playbook: 'dormant-key', holds: true } }],
  });
});

it('in assist people are asked, in observe nobody is, and what the playbook would have done is kept in both', async () => {
  for (const [phase, gate] of [
    ['assist', 'ask'],
    ['observe', 'suggest'],
  ] as const)
    expect((await planned(phase)).plan.actions).toMatchObject([
      { gate, playbook: { playbook: 'dormant-key', holds: true } },
    ]);
});

it('a key that was used 60 days ago is not automatic: it is advice, and says what does not hold', async () => {
  const { plan } = await planned('automate', { lastUsedAt: '2025-12-03T10:00:00.000Z' });
  expect(plan.actions).toMatchObject([
    {
      gate: 'suggest',
      prepared: { parameters: {} },
      playbook: { holds: false },
      gateReasons: expect.arrayContaining([
        expect.stringMatching(/verdict is misconfiguration/),
        'Playbook dormant-key does not act by itself: it does not hold that IAM knows of no use of it for 90 days.',
      ]),
    },
  ]);
});

it('a key that was used yesterday is not even recommended', async () => {
  expect((await planned('automate', { lastUsedAt: '2026-01-31T10:00:00.000Z' })).plan.actions).toEqual([]);
});
