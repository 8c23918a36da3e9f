import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  approverConfiguration,
  INCIDENT_ID,
  storyAction,
  storyApproval,
  storyIncident,
  storyPlan,
  storyPrepared,
} from '../../test/stories/asked-action.ts';
import { INCIDENT_STATUSES } from '../incident/incident.ts';
import { APPROVAL_STATUSES } from './approval.ts';
import { APPROVAL_ID, approvalIdFor } from './id.ts';
import { approvedAction, deciderFor, isForeign, type LinkClaims, standing } from './link.ts';

const NOW = new Date('2025-10-14T09:25:00.000Z');
const claims = (change: Partial<LinkClaims> = {}): LinkClaims => ({
  sub: storyApproval().approvalId,
  per: 'dana',
  plan: storyApproval().planDigest,
  inc: INCIDENT_ID,
  exp: 1_760_435_400,
  ...change,
});
const ask = (change: Partial<Parameters<typeof standing>[0]> = {}) =>
  standing({
    link: { claims: claims(), expired: false },
    approval: storyApproval(),
    incident: storyIncident(),
    now: NOW,
    ...change,
  });

describe('approval ids', () => {
  it('are the same for the same question and differ for any other, so that retries ask once', () => {
    const id = approvalIdFor(INCIDENT_ID, 'A1', 'digest');
    expect(id).toMatch(APPROVAL_ID);
    expect(approvalIdFor(INCIDENT_ID, 'A1', 'digest')).toBe(id);
    expect(
      new Set([id, approvalIdFor(INCIDENT_ID, 'A2', 'digest'), approvalIdFor(INCIDENT_ID, 'A1', 'other')]).size,
    ).toBe(3);
  });
});

describe('what a link may still do', () => {
  it('opens a pending question of a confirmed incident before it expires', () => {
    expect(ask()).toBeUndefined();
  });

  it.each([
    ['used', { approval: storyApproval({ status: 'APPROVED' }) }],
    ['used', { approval: storyApproval({ status: 'REJECTED' }) }],
    ['expired', { approval: storyApproval({ status: 'EXPIRED' }) }],
    ['replanned', { approval: storyApproval({ status: 'REPLANNED' }) }],
    ['closed', { approval: storyApproval({ status: 'CLOSED' }) }],
    ['replanned', { link: { claims: claims({ plan: 'another digest' }), expired: false } }],
    ['foreign', { link: { claims: claims({ inc: 'inc-other' }), expired: false } }],
    ['foreign', { incident: storyIncident({ incidentId: 'inc-other' }) }],
    ['expired', { link: { claims: claims(), expired: true } }],
    ['expired', { now: new Date(storyApproval().expiresAt) }],
    ['closed', { incident: storyIncident({ status: 'concluded' }) }],
    ['closed', { incident: storyIncident({ status: 'failed' }) }],
    ['closed', { incident: storyIncident({ confirmed: false }) }],
  ] as const)('is refused as %s: %j', (refusal, change) => {
    expect(ask(change)).toBe(refusal);
  });

  it('tells who asks late that it was decided, rather than that time is over - the first is what they need to know', () => {
    const approval = storyApproval({ status: 'APPROVED' });
    expect(ask({ approval, link: { claims: claims(), expired: true } })).toBe('used');
  });

  it('never opens anything but a pending question in time, whatever else is the case', () => {
    const asked = storyApproval();
    const claimed = claims();
    fc.assert(
      fc.property(
        fc.constantFrom(...APPROVAL_STATUSES),
        fc.boolean(),
        fc.date({ noInvalidDate: true }),
        fc.boolean(),
        fc.constantFrom(...INCIDENT_STATUSES),
        fc.constantFrom('apply' as const, 'undo' as const),
        (status, expired, now, confirmed, incidentStatus, purpose) => {
          const refusal = standing({
            approval: { ...asked, status, purpose },
            link: { claims: claimed, expired },
            incident: storyIncident({ confirmed, status: incidentStatus }),
            now,
          });
          // What was done may be put back at any later time.
          const going = confirmed && incidentStatus !== 'concluded' && incidentStatus !== 'failed';
          const open =
            status === 'PENDING' &&
            !expired &&
            (going || purpose === 'undo') &&
            now.getTime() < Date.parse(asked.expiresAt);
          expect(refusal === undefined).toBe(open);
        },
      ),
    );
  });

  it('belongs to one approval', () => {
    expect(isForeign(claims(), storyApproval().approvalId)).toBe(false);
    expect(isForeign(claims({ sub: 'apr-other' }), storyApproval().approvalId)).toBe(true);
  });
});

describe('the action an approval is about', () => {
  it('is found by its digest', () => {
    expect(approvedAction(storyPlan(), storyApproval())).toEqual(storyAction());
  });

  it.each([
    [
      'its stored requests were changed under an unchanged digest',
      storyAction({ prepared: storyPrepared({ requests: [] }), digest: storyAction().digest }),
    ],
    ['its digest is another', storyAction({ digest: 'f'.repeat(64) })],
    ['it is another action of the plan', storyAction({ prepared: storyPrepared({ actionId: 'A2' }) })],
    ['it is of another incident', storyAction({ prepared: storyPrepared({ incidentId: 'inc-other' }) })],
  ])('is not found when %s', (_, action) => {
    expect(approvedAction(storyPlan([action]), storyApproval())).toBeUndefined();
  });
});

describe('who may decide', () => {
  const may = (person: string, change: Partial<Parameters<typeof deciderFor>[1]> = {}) =>
    deciderFor(person, {
      approval: storyApproval(),
      prepared: storyPrepared(),
      incident: storyIncident(),
      config: approverConfiguration(),
      now: NOW,
      ...change,
    }) !== undefined;

  it('is who was asked and has the right at the place of the target', () => {
    expect([may('dana'), may('sam'), may('elsewhere'), may('nobody')]).toEqual([true, true, false, false]);
  });

  it('is not who has the right but was not asked - nobody mailed them the link they hold', () => {
    expect(may('sam', { approval: storyApproval({ approvers: ['dana'] }) })).toBe(false);
  });

  it('is not who was asked but lost the right since', () => {
    expect(may('dana', { config: { ...approverConfiguration(), approvers: [] } })).toBe(false);
  });

  it('follows the target, not the workload: a right for payments does not reach another namespace', () => {
    const target = { ...storyPrepared().target, namespace: 'billing' };
    const prepared = storyPrepared({ target });
    expect([may('dana', { prepared }), may('sam', { prepared })]).toEqual([false, true]);
  });
});
