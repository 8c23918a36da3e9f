import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Approval } from '../../domain/approval/approval.ts';
import { auditEntrySchema } from '../../domain/audit/entry.ts';
import { visit } from '../../local/laptop/visit.ts';
import { waitFor } from '../../local/laptop/wait.ts';
import { decide, titleOf } from '../../local/walkthrough/approver.ts';
import { chainItems, holdDecisions, parapet, settingsOf } from './hands.ts';
import { podFromOutside } from './outside.ts';
import { comeDue } from './schedules.ts';
import { type Story, story } from './stories.ts';
import { ADA, openWorld, type World } from './world.ts';

let world: World;
const folder = mkdtempSync(join(tmpdir(), 'parapet-e2e-'));
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The question about the pod, as soon as it is asked. */
async function quarantineAsked(of: Story): Promise<Approval> {
  const { incidentId } = await world.incidentOf(of, 'awaiting-decision');
  const approvals = await world.approvals(incidentId, 2);
  const found = approvals.find(({ action }) => action === 'kubernetes.quarantine-pod');
  if (!found) throw new Error('nobody was asked to quarantine the pod');
  return found;
}

// Side by side: most of their time is waiting. Nobody else may decide meanwhile, because one of them holds decisions up.
describe.concurrent('what waits for a clock', () => {
  it('what the push missed is found by the poll, and what both brought is one finding', async () => {
    const [missed, twice] = [story('missed'), story('twice')];
    expect(await world.send(twice.body)).toBe(202);
    await waitFor('the pushed incident', async () => (await world.incidentsOf(twice))[0], { withinMs: 60_000 });
    expect(await world.incidentsOf(missed)).toEqual([]);
    const states = new SFNClient(settingsOf(world));
    const stateMachineArn = world.connection.outputs.ReconcileStateMachineArn;
    const ended = async (executionArn: string | undefined) =>
      await waitFor(
        'the end of a reconciliation',
        async () => {
          const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
          return execution.status === 'RUNNING' ? undefined : execution;
        },
        { withinMs: 90_000 },
      );

    const input = JSON.stringify({ source: 'prisma-cloud-compute' });
    const started = await states.send(new StartExecutionCommand({ stateMachineArn, input }));
    const done = await ended(started.executionArn);
    expect({ status: done.status, output: JSON.parse(done.output ?? '{}') }).toMatchObject({
      status: 'SUCCEEDED',
      output: { source: 'prisma-cloud-compute', more: false, alerts: 2, reason: 'all is handed on' },
    });
    const found = await world.incidentOf(missed, 'awaiting-decision');
    expect(found).toMatchObject({ findingCount: 1, confirmed: true, verdict: 'malicious' });
    const [both, ...more] = await waitFor(
      'the counting of the duplicate',
      async () => {
        const incidents = await world.incidentsOf(twice);
        return (incidents[0]?.duplicateCount ?? 0) > 0 ? incidents : undefined;
      },
      { withinMs: 60_000 },
    );
    expect({ findings: both?.findingCount, more }).toEqual({ findings: 1, more: [] });

    const doctor = await parapet('doctor', '--json');
    const { checks } = z
      .object({ checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })) })
      .parse(JSON.parse(doctor.out));
    expect(doctor.status).toBe(0);
    const told = Object.fromEntries(checks.map(({ name, detail }) => [name, detail]));
    expect(told['last push of prisma-cloud-compute']).toMatch(/^20\S+Z by webhook;/);
    expect(told['last poll of prisma-cloud-compute']).toMatch(
      /^20\S+Z, 2 alerts up to 20\S+Z; only the poll found 1, the last at 20\S+Z$/,
    );

    // The schedule as it was deployed, with its own input; the period since is short and brings nothing new.
    const before = new Set([started.executionArn]);
    await comeDue(world.endpoint, (arn) => arn === stateMachineArn);
    const scheduled = await waitFor(
      'a reconciliation started by its schedule',
      async () => {
        const { executions = [] } = await states.send(new ListExecutionsCommand({ stateMachineArn }));
        return executions.find(({ executionArn }) => !before.has(executionArn));
      },
      { withinMs: 60_000 },
    );
    expect(await ended(scheduled.executionArn)).toMatchObject({ status: 'SUCCEEDED', input });
    expect(await world.connection.polls.onlyPolled('prisma-cloud-compute')).toMatchObject({ count: 1 });
  });

  it('the hourly anchor fixes every chain, and shows one that was removed as a whole', async () => {
    const anchored = story('anchored');
    expect(await world.send(anchored.body)).toBe(202);
    const { incidentId } = await world.incidentOf(anchored, 'awaiting-decision');
    // Nothing is written any more until somebody decides.
    await waitFor(
      'both questions in the log',
      async () => {
        const kinds = z.array(auditEntrySchema).parse(await world.connection.audit.readUnparsed(incidentId));
        return kinds.filter(({ kind }) => kind === 'approval.requested').length === 2 ? true : undefined;
      },
      { withinMs: 60_000 },
    );
    await comeDue(world.endpoint, (arn) => arn.endsWith('anchor-audit'));
    const holds = await waitFor(
      'an anchor of the chain',
      async () => {
        const { out } = await parapet('audit', 'verify', incidentId, '--json');
        const proof = proofSchema.parse(JSON.parse(out));
        return proof.verdicts[0]?.anchored === undefined ? undefined : proof;
      },
      { withinMs: 60_000, everyMs: 1000 },
    );
    expect(holds).toMatchObject({ ok: true, anchors: { broken: [] } });
    expect(holds.verdicts[0]?.anchored?.sequence).toBe((holds.verdicts[0]?.entries ?? 0) - 1);

    const [entries, anchors, key] = ['chain.jsonl', 'anchors.jsonl', 'key.pem'].map((name) => join(folder, name));
    if (!entries || !anchors || !key) throw new Error('three names make three paths');
    const exported = await parapet('audit', 'export', incidentId, '--anchors', anchors, '--public-key', key);
    const offline = (lines: string) => {
      writeFileSync(entries, lines);
      return parapet('audit', 'verify', incidentId, '--file', entries, '--anchor', anchors, '--public-key', key);
    };
    expect(await offline(exported.out)).toMatchObject({ status: 0 });
    const cut = await offline(`${exported.out.trimEnd().split('\n').slice(0, -1).join('\n')}\n`);
    expect(cut).toMatchObject({ status: 1, out: expect.stringContaining('entries are missing at the end') });

    // Somebody with full rights in the account removes the chain; then it is put back.
    const { items, write } = await chainItems(world, incidentId);
    try {
      await write(items.map(({ key: Key }) => ({ DeleteRequest: { Key } })));
      const removed = await parapet('audit', 'verify', incidentId);
      expect(removed).toMatchObject({
        status: 1,
        out: expect.stringContaining(`${incidentId}: at entry 0: the chain was removed`),
      });
    } finally {
      await write(items.map(({ item: Item }) => ({ PutRequest: { Item } })));
    }
    expect(await parapet('audit', 'verify')).toMatchObject({ status: 0 });
  });

  it('a question nobody answers expires, and its link says so - silence is never consent', async () => {
    const expired = story('expired');
    expect(await world.send(expired.body)).toBe(202);
    const approval = await quarantineAsked(expired);
    const page = await world.page(approval);
    expect(await world.incidentOf(expired, 'concluded', 'failed')).toMatchObject({
      status: 'concluded',
      outcome: 'expired',
    });
    expect(await decide(page, 'approved', 'too late')).toMatchObject({ status: 410 });
    expect(await world.approval(approval)).toMatchObject({ status: 'EXPIRED' });
    expect(await podFromOutside(world, expired)).toMatchObject({ quarantinePolicies: 0, inService: true });
  });

  it('an approval that reaches the workflow only after its wait has ended is decided too late, and its page says so', async () => {
    const late = story('late');
    const resume = await holdDecisions(world);
    try {
      expect(await world.send(late.body)).toBe(202);
      const approval = await quarantineAsked(late);
      const { incidentId } = approval;
      const link = await world.link(approval, ADA);
      expect((await decide(await world.page(approval), 'approved', 'in time')).status).toBe(200);
      expect(await world.incidentOf(late, 'concluded', 'failed')).toMatchObject({
        status: 'concluded',
        outcome: 'decided-too-late',
      });
      await resume();
      const told = await waitFor(
        'the late delivery',
        async () => {
          const { delivery, status } = await world.approval(approval);
          return delivery === 'waiting' ? undefined : { delivery, status };
        },
        { withinMs: 60_000 },
      );
      expect(told).toEqual({ delivery: 'late', status: 'APPROVED' });
      const page = await visit(link);
      expect({ status: page.status, title: titleOf(page.body) }).toEqual({ status: 409, title: 'Decided too late' });
      const kinds = z
        .array(auditEntrySchema)
        .parse(await world.connection.audit.readUnparsed(incidentId))
        .map(({ kind }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(['approval.decided', 'incident.concluded', 'decision.late']));
      expect(kinds).not.toContain('action.started');
      expect(await podFromOutside(world, late)).toMatchObject({ quarantinePolicies: 0, inService: true });
    } finally {
      await resume();
    }
  });
});

const proofSchema = z.object({
  ok: z.boolean(),
  verdicts: z.array(
    z.looseObject({
      entries: z.number(),
      anchored: z.object({ sequence: z.number(), at: z.string() }).optional(),
    }),
  ),
  anchors: z.looseObject({ broken: z.array(z.unknown()) }),
});
