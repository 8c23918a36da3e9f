import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { emulatorSettings } from '../../cli/client-settings.ts';
import { readIncident } from '../../cli/commands/incident.ts';
import { auditEntrySchema, verifyChain } from '../../domain/audit/entry.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import { visit } from '../../local/laptop/visit.ts';
import { waitFor } from '../../local/laptop/wait.ts';
import { decide, titleOf } from '../../local/walkthrough/approver.ts';
import { podFromOutside } from './outside.ts';
import { type Story, story } from './stories.ts';
import { ADA, GRACE, openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});

const logOf = async (incidentId: string) =>
  z.array(auditEntrySchema).parse(await world.connection.audit.readUnparsed(incidentId));

async function asked(
  of: Story,
): Promise<{ readonly incidentId: string; readonly approvals: Awaited<ReturnType<World['approvals']>> }> {
  expect(await world.send(of.body)).toBe(202);
  const { incidentId } = await world.incidentOf(of, 'awaiting-decision');
  return { incidentId, approvals: await world.approvals(incidentId, 2) };
}

const quarantineOf = (approvals: Awaited<ReturnType<World['approvals']>>) => {
  const found = approvals.find(({ action }) => action === 'kubernetes.quarantine-pod');
  if (!found) throw new Error('nobody was asked to quarantine the pod');
  return found;
};

async function rejectOthers(approvals: Awaited<ReturnType<World['approvals']>>): Promise<void> {
  for (const approval of approvals.filter(({ action }) => action !== 'kubernetes.quarantine-pod')) {
    expect((await decide(await world.page(approval), 'rejected', 'not this one')).status).toBe(200);
  }
}

describe('an alert', () => {
  it('becomes an incident, a question, a contained pod and a proved log', async () => {
    const whole = story('whole');
    const { incidentId, approvals } = await asked(whole);
    expect(approvals.map(({ action }) => action).sort()).toEqual([
      'kubernetes.quarantine-pod',
      'kubernetes.remove-role-binding',
    ]);
    for (const approval of approvals) {
      expect((await decide(await world.page(approval), 'approved', '')).status).toBe(200);
      if (approval.quorum === 1) continue;
      // The binding is of the whole cluster: one of two has approved, and nothing is decided.
      expect(await world.approval(approval)).toMatchObject({
        status: 'PENDING',
        quorum: 2,
        votes: [{ person: 'ada' }],
      });
      expect((await decide(await world.page(approval, GRACE), 'approved', '')).status).toBe(200);
      expect(await world.approval(approval)).toMatchObject({ status: 'APPROVED', decidedBy: 'grace' });
    }
    expect(approvals.map(({ quorum }) => quorum).sort()).toEqual([1, 2]);
    // The configuration lets Pat too, and the cluster does not.
    for (const { approvers, keptOut } of approvals) {
      expect(approvers).toEqual(['ada', 'grace']);
      expect(keptOut).toEqual([
        { person: 'pat', reason: expect.stringMatching(/^In cluster prod-eks, Pat Example may not /) },
      ]);
    }
    const done = await world.incidentOf(whole, 'concluded', 'failed');
    expect(done).toMatchObject({ status: 'concluded', outcome: 'contained', confirmed: true, verdict: 'malicious' });
    expect(Object.keys(done.times).sort()).toEqual([
      'asked',
      'concluded',
      'contained',
      'decided',
      'investigationStarted',
      'opened',
      'received',
      'triaged',
    ]);

    const outside = await podFromOutside(world, whole);
    expect(outside).toMatchObject({ quarantinePolicies: 1, inService: false });
    expect(outside.labels).toHaveProperty('parapet.io/quarantine');
    expect(outside.bindings).not.toContain('checkout-cluster-admin-whole');

    const view = await readIncident(world.connection, incidentId);
    const said = (view?.analysis?.narrative ?? []).map(({ text }) => text).join('\n');
    for (const substance of [
      /checkout/,
      /prod-eks/,
      /xmrig/,
      /started by .*java|java.* started|\/usr\/bin\/java/,
      /curl/,
      /CVE-2021-44228/,
      /\b10(\.0)?\b/,
      /2\.15\.0/,
      /cluster-admin/,
    ])
      expect(said).toMatch(substance);
    expect(view?.analysis?.narrative.every(({ evidence }) => evidence.length > 0)).toBe(true);
    expect(view?.analysis?.actions.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['kubernetes.quarantine-pod', 'kubernetes.remove-role-binding', 'advice.update-image']),
    );

    const pack = evidencePackSchema.parse(JSON.parse(await world.connection.blobs.get(done.blobs.pack ?? '')));
    expect(pack.items.flatMap(({ fact }) => (fact.kind === 'gap' ? [fact] : []))).toEqual([]);

    const entries = await logOf(incidentId);
    expect(verifyChain(incidentId, entries)).toMatchObject({ ok: true });
    expect(new Set(entries.map(({ kind }) => kind))).toEqual(
      new Set([
        'incident.opened',
        'incident.claimed',
        'evidence.gathered',
        'analysis.made',
        'plan.made',
        'published',
        'approval.requested',
        'approval.voted',
        'approval.decided',
        'decision.delivered',
        'action.started',
        'action.applied',
        'action.verified',
        'incident.concluded',
      ]),
    );
    expect(JSON.stringify(entries)).not.toMatch(/taskToken|eyJ[\w-]+\.[\w-]+\./);
  });

  it('delivered a thousand times in parallel is one incident and one execution', async () => {
    const storm = story('storm');
    const states = new SFNClient(emulatorSettings({ endpoint: world.endpoint, region: 'us-east-1' }));
    const statuses = new Map<number, number>();
    let left = 1000;
    const sender = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const status = await world.send(storm.body);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 16 }, sender));
    expect(Object.fromEntries(statuses)).toEqual({ 202: 1000 });
    const [incident, ...more] = await waitFor(
      'the counting of 999 duplicates',
      async () => {
        const found = await world.incidentsOf(storm);
        return (found[0]?.duplicateCount ?? 0) >= 990 ? found : undefined;
      },
      { withinMs: 90_000, everyMs: 1000 },
    );
    expect(more).toEqual([]);
    expect(incident?.findingCount).toBe(1);
    const { executions = [] } = await states.send(
      new ListExecutionsCommand({ stateMachineArn: world.connection.outputs.StateMachineArn, maxResults: 1000 }),
    );
    const inputs = await Promise.all(
      executions.map(
        async ({ executionArn }) => (await states.send(new DescribeExecutionCommand({ executionArn }))).input ?? '',
      ),
    );
    expect(inputs.filter((input) => input.includes(incident?.incidentId ?? 'none'))).toHaveLength(1);
  }, 240_000);

  it('that its vendor does not know is unverified and leads to no question (rule 7)', async () => {
    const forged = story('unconfirmed');
    await world.send(forged.body);
    const done = await world.incidentOf(forged, 'concluded', 'failed', 'awaiting-decision');
    expect(done).toMatchObject({ status: 'concluded', outcome: 'unverified', confirmed: false });
    expect(await world.connection.approvals.forIncident(done.incidentId)).toEqual([]);
    expect(await podFromOutside(world, forged)).toMatchObject({ quarantinePolicies: 0, inService: true });
  });
});

// Side by side: each has a workload of its own, and most of their time is waiting.
describe.concurrent('a question', () => {
  it('opened fifty times by HEAD, GET and OPTIONS is still open, and then decided once', async () => {
    const opened = story('opened');
    const { approvals } = await asked(opened);
    const approval = quarantineOf(approvals);
    const link = await world.link(approval, ADA);
    for (let time = 0; time < 50; time += 1)
      await visit(link, { method: ['HEAD', 'GET', 'OPTIONS'][time % 3] ?? 'GET' });
    expect(await world.approval(approval)).toMatchObject({ status: 'PENDING' });
    await rejectOthers(approvals);
    expect((await decide(await world.page(approval), 'approved', 'go')).status).toBe(200);
    expect(await world.approval(approval)).toMatchObject({ status: 'APPROVED', decidedBy: 'ada' });
    const again = await visit(link);
    expect({ status: again.status, title: titleOf(again.body) }).toEqual({
      status: 409,
      title: 'Already approved',
    });
  });

  it('answered by two people at once has exactly one decision', async () => {
    const raced = story('raced');
    const { incidentId, approvals } = await asked(raced);
    const approval = quarantineOf(approvals);
    const [ada, grace] = [await world.page(approval, ADA), await world.page(approval, GRACE)];
    const answers = await Promise.all([
      decide(ada, 'approved', 'yes'),
      decide(grace, 'rejected', 'no'),
      decide(ada, 'approved', 'yes'),
      decide(grace, 'rejected', 'no'),
    ]);
    const entries = await logOf(incidentId);
    const decisions = entries.filter(
      ({ kind, data }) => kind === 'approval.decided' && data['approvalId'] === approval.approvalId,
    );
    expect(decisions).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409).length).toBeGreaterThanOrEqual(2);
  });

  it('that is rejected changes nothing outside', async () => {
    const rejected = story('rejected');
    const { approvals } = await asked(rejected);
    for (const approval of approvals) await decide(await world.page(approval), 'rejected', 'it is a load test');
    expect(await world.incidentOf(rejected, 'concluded', 'failed')).toMatchObject({
      status: 'concluded',
      outcome: 'rejected',
    });
    expect(await podFromOutside(world, rejected)).toMatchObject({ quarantinePolicies: 0, inService: true });
  });

  it('that is approved, but whose effect cannot be proved, ends in a roll-back that says so', async () => {
    const undone = story('undone');
    const { approvals } = await asked(undone);
    await rejectOthers(approvals);
    const page = await world.page(quarantineOf(approvals));
    // The cluster stops answering about endpoints, so that isolation cannot be proved within the deadline.
    await world.misbehave({
      system: 'kubernetes',
      method: 'GET',
      path: `/namespaces/${undone.namespace}/endpointslices`,
      times: 100,
      reply: { status: 500, body: '{}' },
    });
    await decide(page, 'approved', '');
    expect(await world.incidentOf(undone, 'concluded', 'failed')).toMatchObject({
      status: 'concluded',
      outcome: 'rolled-back',
    });
    const outside = await podFromOutside(world, undone);
    expect(outside).toMatchObject({ quarantinePolicies: 0, inService: true });
    expect(outside.labels).not.toHaveProperty('parapet.io/quarantine');
  });
});

describe('trouble', () => {
  afterEach(() => world.behave());

  it('with the vendor leaves named gaps and no action: the incident goes on (rule 9)', async () => {
    const down = story('vendor-down');
    await world.misbehave({
      system: 'compute',
      path: '^/api/v34.04/(audits|containers|images|profiles)|^/api/v1/',
      times: 60,
      reply: { status: 500, body: 'maintenance' },
    });
    await world.send(down.body);
    const done = await world.incidentOf(down, 'concluded', 'failed', 'awaiting-decision');
    expect(done).toMatchObject({ status: 'concluded', outcome: 'unverified', confirmed: false });
    const pack = evidencePackSchema.parse(JSON.parse(await world.connection.blobs.get(done.blobs.pack ?? '')));
    const gaps = pack.items.flatMap(({ fact }) => (fact.kind === 'gap' ? [fact.missing] : []));
    expect(gaps.length).toBeGreaterThanOrEqual(3);
    expect(pack.items.some(({ fact }) => fact.kind === 'pod')).toBe(true);
  });
});
