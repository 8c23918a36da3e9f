import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approverConfiguration, storyIncident, storyPrepared } from '../../test/stories/asked-action.ts';
import type { KubernetesTarget } from '../actions/target.ts';
import { isOnDuty } from './duty.ts';
import { eligiblePeople, idOf, voicesOf } from './eligible.ts';
import { caseOf } from './link.ts';
import { policyFor, whomToAsk } from './policy.ts';
import { stepsOf } from './steps.ts';

const NOW = new Date('2025-10-14T09:20:00.000Z');

function questionOf(
  approvals: Readonly<Record<string, unknown>> = {},
  target: { readonly kind?: KubernetesTarget['kind']; readonly namespace?: undefined } = {},
) {
  const config = approverConfiguration(approvals);
  const own = storyPrepared().target;
  if (own.system !== 'kubernetes') throw new Error('the story acts in a cluster');
  const question = caseOf(config, {
    incident: storyIncident(),
    prepared: storyPrepared({ target: { ...own, ...target } }),
  });
  return { config, question, people: eligiblePeople(config, question, NOW) };
}

describe('how many must approve', () => {
  it('is one person for what is narrow and can be undone', () => {
    const { config, question } = questionOf();
    expect(policyFor(config, question)).toMatchObject({ quorum: 1, expiresAfterSeconds: 1800 });
  });

  it.each([
    ['it cannot be undone', 'kubernetes.delete-pod'],
    ['it reaches further than one replica or one credential', 'kubernetes.scale-to-zero'],
  ] as const)('is two when %s', (quorumReason, action) => {
    const { config, question } = questionOf();
    expect(policyFor(config, { ...question, action })).toMatchObject({ quorum: 2, quorumReason });
  });

  it('is two for what belongs to the whole cluster, but not for a node, which is one machine', () => {
    const ofCluster = (kind: KubernetesTarget['kind']) => {
      const { config, question } = questionOf({}, { kind, namespace: undefined });
      return policyFor(config, question).quorum;
    };
    expect([ofCluster('ClusterRoleBinding'), ofCluster('Node')]).toEqual([2, 1]);
  });

  it('is what the first rule says that matches action or class, place and severity', () => {
    const { config, question } = questionOf({
      policy: [
        { severities: ['low'], quorum: 5 },
        { scope: { namespace: 'other' }, quorum: 4 },
        { actions: ['identity'], quorum: 4 },
        { actions: ['network-isolation'], quorum: 3, expiresAfterSeconds: 600 },
        { quorum: 2 },
      ],
    });
    expect(policyFor(config, question)).toMatchObject({ quorum: 3, expiresAfterSeconds: 600 });
  });
});

describe('who may decide', () => {
  const config = (delegations: readonly object[]) => questionOf({ delegations }).people;
  const period = { starts: '2025-10-14T00:00:00Z', ends: '2025-10-15T00:00:00Z' };

  it('is also whom the right was delegated to, in the period and not outside it', () => {
    const people = config([{ from: 'dana', to: 'elsewhere', ...period }]);
    expect(people.map(({ person, onBehalfOf }) => [person.id, onBehalfOf?.id])).toEqual([
      ['dana', undefined],
      ['sam', undefined],
      ['elsewhere', 'dana'],
    ]);
    expect(
      config([{ from: 'dana', to: 'elsewhere', starts: period.ends, ends: '2025-10-16T00:00:00Z' }]).map(idOf),
    ).toEqual(['dana', 'sam']);
  });

  it('decides by their own right where they have one, and hands on no right that was handed to them', () => {
    const people = config([
      { from: 'dana', to: 'sam', ...period },
      { from: 'elsewhere', to: 'dana', ...period },
    ]);
    expect(people.every(({ onBehalfOf }) => onBehalfOf === undefined)).toBe(true);
    expect(people.map(idOf)).toEqual(['dana', 'sam']);
  });

  it('is one voice together with whoever decides in their place', () => {
    expect(voicesOf(config([{ from: 'dana', to: 'elsewhere', ...period }]))).toBe(2);
  });
});

describe('whom a question goes to first', () => {
  const duty = {
    timeZone: 'UTC',
    windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }],
  };
  const groups = [
    { id: 'day', members: ['dana'], duty },
    { id: 'night', members: ['sam'], duty: { ...duty, outside: true } },
    { id: 'always', members: ['sam'] },
  ];
  const ask = (at: Date, quorum = 1, list = ['day', 'night', 'always']) => {
    const { config, question, people } = questionOf({ groups, policy: [{ ask: list, quorum }] });
    const asking = whomToAsk(policyFor(config, question), people, at);
    return { now: asking.now.map(idOf), later: asking.later };
  };
  const night = new Date('2025-10-14T22:00:00Z');

  it('is the group on duty, and the others later', () => {
    expect(ask(NOW)).toEqual({ now: ['dana'], later: ['night', 'always'] });
    expect(ask(night)).toEqual({ now: ['sam'], later: ['day', 'always'] });
  });

  it('is as many groups as the quorum needs', () => {
    expect(ask(NOW, 2)).toEqual({ now: ['dana', 'sam'], later: ['night'] });
  });

  it('is everybody of the groups when none is on duty - a question that reaches nobody would be a rejection nobody chose', () => {
    expect(ask(night, 1, ['day'])).toEqual({ now: ['dana'], later: [] });
  });
});

describe('hours of duty', () => {
  const at = (iso: string) => new Date(iso);
  const berlin = (from: string, to: string, outside = false) => ({
    timeZone: 'Europe/Berlin',
    windows: [{ days: ['mon' as const, 'fri' as const], from, to }],
    outside,
  });

  it.each([
    ['begin on the minute', '09:00', '17:00', '2026-01-05T08:00:00Z', true],
    ['end on the minute', '09:00', '17:00', '2026-01-05T16:00:00Z', false],
    ['follow the time zone through summer time', '09:00', '17:00', '2026-07-06T07:00:00Z', true],
    ['are of the local day', '00:00', '17:00', '2026-01-04T23:30:00Z', true],
    ['may run over midnight', '22:00', '06:00', '2026-01-06T04:00:00Z', true],
    ['do not begin on a day that is not named', '22:00', '06:00', '2026-01-06T22:00:00Z', false],
    ['are not on other days', '09:00', '17:00', '2026-01-06T10:00:00Z', false],
  ])('%s', (_, from, to, iso, expected) => {
    expect(isOnDuty(berlin(from, to), at(iso))).toBe(expected);
    expect(isOnDuty(berlin(from, to, true), at(iso))).toBe(!expected);
  });

  it('leave no moment at which neither a group nor the one outside its hours is on duty', () => {
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
    fc.assert(
      fc.property(
        clock,
        clock,
        fc.date({ noInvalidDate: true, min: at('2020-01-01'), max: at('2030-01-01') }),
        (from, to, now) => {
          expect(isOnDuty(berlin(from, to), now)).not.toBe(isOnDuty(berlin(from, to, true), now));
        },
      ),
    );
  });
});

describe('what happens while nobody decides', () => {
  const question = { createdAt: '2025-10-14T09:20:00.000Z', expiresAt: '2025-10-14T09:50:00.000Z', later: ['b', 'c'] };
  const none = { remindBeforeExpirySeconds: undefined, escalateAfterSeconds: undefined };

  it('is one reminder when a third of the time is left, unless the time is short anyway', () => {
    expect(stepsOf(none, question)).toEqual([{ kind: 'remind', at: '2025-10-14T09:40:00.000Z' }]);
    expect(stepsOf(none, { ...question, expiresAt: '2025-10-14T09:30:00.000Z' })).toEqual([]);
  });

  it('is asking group after group, and what the policy says of reminders, in order of time and only before the end', () => {
    expect(stepsOf({ remindBeforeExpirySeconds: [900, 900, 3600], escalateAfterSeconds: 600 }, question)).toEqual([
      { kind: 'escalate', at: '2025-10-14T09:30:00.000Z', group: 'b' },
      { kind: 'remind', at: '2025-10-14T09:35:00.000Z' },
      { kind: 'escalate', at: '2025-10-14T09:40:00.000Z', group: 'c' },
    ]);
    expect(stepsOf({ remindBeforeExpirySeconds: [], escalateAfterSeconds: undefined }, question)).toEqual([]);
  });
});
