import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
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
afterEach(() => world.behave());

const policiesSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** Somebody with rights in the cluster undoes what Parapet did, as `kubectl delete networkpolicy` would. */
async function undo(namespace: string): Promise<void> {
  const { api, token } = inject('clusterAdmin');
  const path = `${api}/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
  const as = { ca: inject('clusterCa'), headers: { authorization: `Bearer ${token}` } };
  const { items } = policiesSchema.parse(JSON.parse((await visit(path, as)).body));
  const ours = items.filter(({ metadata }) => metadata.name.startsWith('parapet-quarantine'));
  expect(ours).toHaveLength(1);
  for (const { metadata } of ours) {
    expect((await visit(`${path}/${metadata.name}`, { ...as, method: 'DELETE' })).status).toBe(200);
  }
}

describe('what was contained', () => {
  it('is looked at again on the schedule as deployed, and people hear when somebody undid it', async () => {
    const drifted = story('drifted');
    expect(await world.send(drifted.body)).toBe(202);
    const { incidentId } = await world.incidentOf(drifted, 'awaiting-decision');
    for (const approval of await world.approvals(incidentId, 2)) {
      const decision = approval.action === 'kubernetes.quarantine-pod' ? 'approved' : 'rejected';
      expect((await decide(await world.page(approval), decision, '')).status).toBe(200);
    }
    expect(await world.incidentOf(drifted, 'concluded', 'failed')).toMatchObject({ outcome: 'contained' });
    const [planned, ...more] = await world.connection.watches.ofIncident(incidentId);
    expect([planned?.watch, planned?.seen, more]).toEqual(['40s', undefined, []]);
    await undo(drifted.namespace);
    expect(await podFromOutside(world, drifted)).toMatchObject({ quarantinePolicies: 0 });

    const seen = await waitFor(
      'the later look',
      async () => (await world.connection.watches.ofIncident(incidentId))[0]?.seen,
      { withinMs: 150_000, everyMs: 1000 },
    );
    expect(seen.result).toBe('failed');
    const log = z.array(auditEntrySchema).parse(await world.connection.audit.readUnparsed(incidentId));
    const looks = log.filter(({ kind }) => kind === 'action.verified');
    expect(looks.map(({ actor, data }) => [actor.id, data['watch'], data['result']])).toEqual([
      ['verify', undefined, 'contained'],
      ['watch', '40s', 'failed'],
    ]);
    const told = await waitFor(
      'ticket and chat',
      async () => {
        const entries = z.array(auditEntrySchema).parse(await world.connection.audit.readUnparsed(incidentId));
        const published = entries.filter(({ kind, data }) => kind === 'published' && data['stage'] === 'drifted');
        return published.length === 3
          ? published.map(({ data }) => [data['destination'], data['state']]).sort()
          : undefined;
      },
      { withinMs: 60_000 },
    );
    expect(told).toEqual([
      ['chat', 'created'],
      ['chat', 'updated'],
      ['ticket', 'updated'],
    ]);
    const shown = await parapet('incident', incidentId);
    expect(shown.out.replace(/\s+/g, ' ')).toContain('A1 kubernetes.quarantine-pod after 40s: no longer holds');
    expect((await parapet('audit', 'verify', incidentId)).status).toBe(0);
  });
});
