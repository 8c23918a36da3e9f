import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import type { Approval } from '../../domain/approval/approval.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import { auditEntrySchema } from '../../domain/audit/entry.ts';
import { visit } from '../../local/laptop/visit.ts';
import { waitFor } from '../../local/laptop/wait.ts';
import { decide } from '../../local/walkthrough/approver.ts';
import { parapet } from './hands.ts';
import { podFromOutside } from './outside.ts';
import { story } from './stories.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterEach(async () => {
  await world.behave();
  await parapet('resume');
});

const policiesSchema = z.object({ items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })) });

/** Somebody with rights in the cluster deletes the policy and makes it again, as a GitOps controller might. */
async function replacePolicy(namespace: string): Promise<void> {
  const { api, token } = inject('clusterAdmin');
  const path = `${api}/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
  const as = { ca: inject('clusterCa'), headers: { authorization: `Bearer ${token}` } };
  const { items } = policiesSchema.parse(JSON.parse((await visit(path, as)).body));
  const ours = items.filter(({ metadata }) => metadata.name.startsWith('parapet-quarantine'));
  expect(ours).toHaveLength(1);
  for (const { metadata, ...policy } of ours) {
    const { name, labels, annotations } = metadata;
    expect((await visit(`${path}/${name}`, { ...as, method: 'DELETE' })).status).toBe(200);
    const applied = await visit(`${path}/${name}?fieldManager=admin&force=true`, {
      ca: as.ca,
      headers: { ...as.headers, 'content-type': 'application/apply-patch+yaml' },
      method: 'PATCH',
      body: JSON.stringify({
        ...policy,
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name, namespace, labels, annotations },
      }),
    });
    expect([applied.status, applied.body]).toEqual([201, expect.any(String)]);
  }
}

async function question(incidentId: string, attempt: number): Promise<Approval> {
  return await waitFor(
    `the question about undo ${attempt}`,
    async () =>
      (await world.connection.approvals.forIncident(incidentId)).find(
        (one) => purposeOf(one) === 'undo' && one.planKey.endsWith(`-${attempt}.json`),
      ),
    { withinMs: 60_000 },
  );
}

const resultSchema = z.object({ result: z.string(), reason: z.string() });

describe('what was executed', () => {
  it('is put back on demand: as it was approved, or not at all', async () => {
    const revoked = story('revoked');
    const before = await podFromOutside(world, revoked);
    expect(await world.send(revoked.body)).toBe(202);
    const { incidentId } = await world.incidentOf(revoked, 'awaiting-decision');
    for (const approval of await world.approvals(incidentId, 2)) {
      const decision = approval.action === 'kubernetes.quarantine-pod' ? 'approved' : 'rejected';
      expect((await decide(await world.page(approval), decision, '')).status).toBe(200);
    }
    expect(await world.incidentOf(revoked, 'concluded', 'failed')).toMatchObject({ outcome: 'contained' });
    const contained = await podFromOutside(world, revoked);
    expect(contained).toMatchObject({ quarantinePolicies: 1, inService: false });

    const never = await parapet('rollback', incidentId, 'A2');
    expect(never.status).toBe(1);

    /** Asks, lets something happen while people think, and has it approved. */
    const askedAndApproved = async (attempt: number, meanwhile: () => Promise<unknown>) => {
      const typed = parapet('rollback', incidentId, 'A1', '--json', '--reason', 'It was a test.');
      const asked = await question(incidentId, attempt);
      await meanwhile();
      expect((await decide(await world.page(asked), 'approved', '')).status).toBe(200);
      const { status, out } = await typed;
      return { status, ...resultSchema.parse(JSON.parse(out)) };
    };
    expect(await askedAndApproved(1, () => replacePolicy(revoked.namespace))).toEqual({
      status: 1,
      result: 'refused',
      reason: expect.stringContaining('the target has changed since people were asked'),
    });
    expect(await podFromOutside(world, revoked)).toEqual(contained);

    expect(await askedAndApproved(2, () => parapet('stop', '--all'))).toEqual({
      status: 1,
      result: 'refused',
      reason: expect.stringContaining('Every execution is stopped'),
    });
    expect(await podFromOutside(world, revoked)).toEqual(contained);
    const stopped = await parapet('rollback', incidentId, 'A1', '--json');
    expect([stopped.status, resultSchema.parse(JSON.parse(stopped.out)).result]).toEqual([1, 'refused']);
    await parapet('resume');

    expect(await askedAndApproved(4, async () => undefined)).toMatchObject({ status: 0, result: 'undone' });
    expect(await podFromOutside(world, revoked)).toEqual(before);
    expect(await world.connection.incidents.get(incidentId)).toMatchObject({
      status: 'concluded',
      outcome: 'rolled-back',
    });
    expect((await world.connection.watches.ofIncident(incidentId)).map(({ seen }) => seen?.result)).toEqual(['undone']);

    const told = await waitFor(
      'ticket and chat',
      async () => {
        const entries = z.array(auditEntrySchema).parse(await world.connection.audit.readUnparsed(incidentId));
        const published = entries.filter(({ kind, data }) => kind === 'published' && data['stage'] === 'undone');
        return published.length >= 3 ? published : undefined;
      },
      { withinMs: 60_000 },
    );
    expect(told.map(({ data }) => `${data['destination']} ${data['state']}`).sort()).toEqual([
      'chat created',
      'chat updated',
      'ticket updated',
    ]);
    const shown = await parapet('incident', incidentId);
    expect(shown.out.replace(/\s+/g, ' ')).toContain('A1: put back, and read back');
    const listed = await parapet('approvals');
    expect(listed.out).toContain('undo of A1 kubernetes.quarantine-pod');
    expect((await parapet('audit', 'verify', incidentId)).status).toBe(0);
  });
});
