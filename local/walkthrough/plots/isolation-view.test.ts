import { describe, expect, it } from 'vitest';
import type { AccountView } from '../account-view.ts';
import { heldIn, isolatedIn, sameAccount } from './isolation-view.ts';

const INSTANCE = 'i-0c0ffee1a2b3c4d5e';
const ISOLATION = 'sg-0150150150150150a';
const OTHER = { id: 'i-0c0ffee1a2b3c4d5f', state: 'running', interfaces: [{ id: 'eni-3', groups: ['sg-a'] }] };
const SESSION = {
  role: 'arn:aws:iam::111122223333:role/parapet-isolate-instance',
  sourceIdentity: 'grace',
  tags: { incident: 'inc-1', action: 'aws.isolate-instance' },
};
const ASKING = { role: 'arn:aws:iam::111122223333:role/parapet-rights', tags: {} };

function accountOf(groups: readonly (readonly string[])[], state: string): AccountView {
  return {
    users: [],
    roles: [],
    instances: [
      {
        id: INSTANCE,
        state: 'running',
        interfaces: groups.map((under, index) => ({ id: `eni-${index + 1}`, groups: [...under] })),
      },
      OTHER,
    ],
    groups: [{ id: ISOLATION, inbound: 0, outbound: 0 }],
    scalingGroups: [
      {
        name: 'render-workers',
        desired: 2,
        members: [
          { instance: INSTANCE, state },
          { instance: OTHER.id, state: 'InService' },
          ...(state === 'Standby' ? [{ instance: 'i-new', state: 'InService' }] : []),
        ],
      },
    ],
    snapshots: [],
    sessions: [ASKING, SESSION],
  };
}

const before = accountOf([['sg-a'], ['sg-b', 'sg-a']], 'InService');
const after = accountOf([[ISOLATION], [ISOLATION]], 'Standby');
const denied = (now: AccountView) => isolatedIn(before, now).flatMap(({ ok, what }) => (ok ? [] : [what]));
const of = { incidentId: 'inc-1', action: 'aws.isolate-instance', approvers: ['ada', 'grace'] };

describe('what the walkthrough sees of an isolation', () => {
  it('holds for a machine that is cut off on both interfaces and on standby', () => {
    expect(denied(after)).toEqual([]);
    expect(heldIn(after, of).map(({ ok }) => ok)).toEqual([true, true]);
  });

  it.each<[string, AccountView, RegExp]>([
    ['one interface that kept its groups', accountOf([[ISOLATION], ['sg-b', 'sg-a']], 'Standby'), /both interfaces/],
    [
      'a second group beside the isolation',
      accountOf([[ISOLATION], [ISOLATION, 'sg-a']], 'Standby'),
      /both interfaces/,
    ],
    ['an interface that is gone', accountOf([[ISOLATION]], 'Standby'), /both interfaces/],
    ['an instance that still serves', accountOf([[ISOLATION], [ISOLATION]], 'InService'), /on standby/],
    [
      'an isolation group with a rule',
      { ...after, groups: [{ id: ISOLATION, inbound: 0, outbound: 1 }] },
      /lets nothing in or out/,
    ],
    ['a copy of a disk nobody approved', { ...after, snapshots: [{ id: 'snap-1' }] }, /everything else/],
    [
      'another instance that was touched',
      {
        ...after,
        instances: after.instances.map((one) =>
          one.id === OTHER.id ? { ...one, interfaces: [{ id: 'eni-3', groups: [ISOLATION] }] } : one,
        ),
      },
      /everything else/,
    ],
    [
      'an instance that was stopped',
      { ...after, instances: after.instances.map((one) => ({ ...one, state: 'stopped' })) },
      /runs on/,
    ],
  ])('does not hold for %s', (_what, now, about) => {
    expect(denied(now)).toContainEqual(expect.stringMatching(about));
  });

  it('does not hold for a session in another name, of another incident, or a second one', () => {
    const wrong = [
      [{ ...SESSION, sourceIdentity: 'parapet' }],
      [{ ...SESSION, tags: { ...SESSION.tags, incident: 'inc-2' } }],
      [SESSION, SESSION],
      [],
    ];
    const seen = wrong.map((sessions) => heldIn({ ...after, sessions: [ASKING, ...sessions] }, of).at(1)?.ok);
    expect(seen).toEqual([false, false, false, false]);
  });

  it('calls an account the same whoever looked at it, and another one where a group differs', () => {
    expect(sameAccount(before, { ...before, sessions: [] }, 'now').ok).toBe(true);
    expect(sameAccount(before, accountOf([['sg-a'], ['sg-b']], 'InService'), 'now').ok).toBe(false);
  });
});
