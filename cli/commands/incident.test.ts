import { describe, expect, it } from 'vitest';
import { watchesOf } from '../../domain/watch/watch.ts';
import { desk } from '../../test/desk/desk.ts';
import { INCIDENT_ID, PLAN_KEY, storyApproval, storyIncident } from '../../test/stories/asked-action.ts';

const ESC = String.fromCharCode(0x1b);

describe('incidents and incident', () => {
  it('lists an incident with what a person looks for', async () => {
    const one = await desk();
    expect(await one.type('incidents')).toBe(0);
    expect(one.out[0]).toMatch(/^INCIDENT +OPENED +SEVERITY/);
    expect(one.out[1]).toContain(INCIDENT_ID);
    expect(one.out[1]).toContain('payments/checkout in prod-eks');
  });

  it('shows narrative with evidence, plan, approvals', async () => {
    const one = await desk();
    expect(await one.type('incident', INCIDENT_ID)).toBe(0);
    const text = one.out.join('\n');
    expect(text).toMatch(/\[E\d+\]/);
    expect(text).toContain('Response plan');
    expect(text).toContain(storyApproval().approvalId);
    expect(one.err).toEqual([]);
  });

  it('gives everything as one JSON value, so that a program needs no second question', async () => {
    const one = await desk();
    expect(await one.type('incident', INCIDENT_ID, '--json')).toBe(0);
    expect(one.json()).toMatchObject({
      incident: { incidentId: INCIDENT_ID },
      analysis: { incidentId: INCIDENT_ID },
      plan: { actions: [{ prepared: { actionId: 'A1' } }] },
      approvals: [{ approvalId: storyApproval().approvalId, status: 'PENDING' }],
      publications: [],
      watches: [],
      questions: [],
      unread: [],
    });
  });

  it('shows what was looked at again, and what is still to come', async () => {
    const one = await desk();
    const of = {
      incidentId: INCIDENT_ID,
      actionId: 'A1',
      action: 'kubernetes.quarantine-pod',
      planKey: PLAN_KEY,
    } as const;
    for (const look of watchesOf(of, '2025-10-14T09:20:00.000Z', [900, 3600])) await one.stores.watches.plan(look);
    const seen = { result: 'failed', at: '2025-10-14T09:35:02.000Z', detail: 'label: the label is gone' } as const;
    await one.stores.watches.record({ ...of, watch: '15m' }, seen);
    expect(await one.type('incident', INCIDENT_ID)).toBe(0);
    const text = one.out.join(' ').replace(/ +/g, ' ');
    expect(text).toContain(
      'A1 kubernetes.quarantine-pod after 15m: no longer holds (2025-10-14T09:35:02.000Z): label: the label is gone',
    );
    expect(text).toContain('A1 kubernetes.quarantine-pod after 1h: due at 2025-10-14T10:20:00.000Z');
  });

  it('answers no for an incident that does not exist', async () => {
    const one = await desk();
    expect(await one.type('incident', 'inc-nothing')).toBe(1);
    expect(one.err).toEqual(['There is no incident inc-nothing.']);
  });

  it('shows the rest when a body cannot be read, and says which one', async () => {
    const one = await desk();
    await one.stores.blobs.put(PLAN_KEY, '{"not":"a plan"}');
    expect(await one.type('incident', INCIDENT_ID)).toBe(0);
    expect(one.err).toEqual(['The plan of this incident is recorded but could not be read.']);
  });

  it('shows hostile text without its terminal sequences, which could hide the line above', async () => {
    const one = await desk();
    const headline = `${ESC}[2A${ESC}[2Kall good\u202e\u009b1m`;
    one.stores.incidents.seed(storyIncident({ headline }));
    for (const argv of [['incidents'], ['incidents', '--json']]) {
      one.out.length = 0;
      expect(await one.type(...argv)).toBe(0);
      expect(one.out.join('')).not.toMatch(/[\p{Cc}\p{Cf}](?<!\n)/u);
    }
    expect(one.json()).toMatchObject([{ headline }]);
  });
});

describe('approvals', () => {
  it('lists who is asked about what, without any link or token', async () => {
    const one = await desk();
    expect(await one.type('approvals', '--pending')).toBe(0);
    expect(one.out.join('\n')).toContain(storyApproval().approvalId);
    expect(one.out.join('\n')).not.toMatch(/token|http/i);
  });
});
