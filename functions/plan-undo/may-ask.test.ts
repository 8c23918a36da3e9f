import { describe, expect, it } from 'vitest';
import type { LoadedAction } from '../../connectors/planned/load.ts';
import { ACTION_TRAITS } from '../../domain/actions/traits.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import { EXECUTABLE_ACTIONS } from '../../domain/analysis/analysis.ts';
import {
  sampleConfiguration,
  sampleIncident,
  samplePlan,
  samplePlanned,
  samplePrepared,
} from '../../test/fakes/planning.ts';
import { whomToAskFor, whyNotHere } from './may-ask.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');

function loaded(action: ExecutableAction = 'kubernetes.quarantine-pod'): LoadedAction {
  const planned = samplePlanned({ prepared: samplePrepared({ action }) });
  return { incident: sampleIncident(), plan: samplePlan([planned]), planned };
}

const approver = (id: string, actions: readonly string[]) => ({
  id,
  name: id,
  mail: `${id}@example.com`,
  may: [{ actions: [...actions], scope: { cluster: 'prod-eks' } }],
});

describe('whether an action is put back here', () => {
  it.each(EXECUTABLE_ACTIONS)('%s is exactly if there is a way back', (action) => {
    const reason = whyNotHere(sampleConfiguration(), loaded(action));
    if (ACTION_TRAITS[action].reversible) expect(reason ?? '').not.toContain('cannot be undone');
    else expect(reason).toBe(`${action} cannot be undone`);
  });

  it('is not where the phase is observe', () => {
    expect(whyNotHere(sampleConfiguration({ rollout: [] }), loaded())).toContain('the rollout phase here is observe');
  });

  it('is also where the configuration lets the action only be suggested by now - what was done must be revocable', () => {
    expect(whyNotHere(sampleConfiguration({ actions: {} }), loaded())).toBeUndefined();
  });
});

describe('who is asked about an undo', () => {
  it('is who may decide about the action', () => {
    const config = sampleConfiguration({
      approvers: [approver('ada', ['network-isolation']), approver('lin', ['identity'])],
    });
    expect(whomToAskFor(config, loaded(), NOW)).toMatchObject({ ok: true, approvers: ['ada'] });
  });

  it('is nobody where nobody has the right', () => {
    const config = sampleConfiguration({ approvers: [approver('lin', ['identity'])] });
    expect(whomToAskFor(config, loaded(), NOW)).toMatchObject({ ok: false, reason: expect.stringMatching(/^nobody/) });
  });

  it('takes as many people as the action does, and says when there are too few', () => {
    const approvals = { policy: [{ actions: ['network-isolation'], quorum: 2 }] };
    const one = { approvals, approvers: [approver('ada', ['*'])] };
    expect(whomToAskFor(sampleConfiguration(one), loaded(), NOW)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('2 different people must approve it'),
    });
    const two = { approvals, approvers: [approver('ada', ['*']), approver('lin', ['*'])] };
    expect(whomToAskFor(sampleConfiguration(two), loaded(), NOW)).toMatchObject({
      ok: true,
      approvers: ['ada', 'lin'],
      reasons: expect.arrayContaining([expect.stringContaining('2 different people must approve')]),
    });
  });
});
