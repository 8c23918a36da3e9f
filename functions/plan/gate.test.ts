import { describe, expect, it } from 'vitest';
import { sampleConfiguration, samplePrepared } from '../../test/fakes/planning.ts';
import { type GateQuestion, gateOf } from './gate.ts';

const question: GateQuestion = {
  action: 'kubernetes.quarantine-pod',
  reversible: true,
  target: samplePrepared().target,
  place: { account: '111122223333', cluster: 'prod-eks', namespace: 'payments', environment: 'production' },
  confirmed: true,
  severity: 'critical',
  verdict: 'malicious',
  now: new Date('2026-01-01T00:01:00.000Z'),
};

describe('gateOf', () => {
  it('asks the eligible approvers when every condition holds', () => {
    expect(gateOf(sampleConfiguration(), question)).toEqual({
      gate: 'ask',
      reasons: ['The rollout phase here is assist: people are asked.'],
      approvers: ['ada'],
      expiresAfterSeconds: 1800,
    });
  });

  it.each([
    ['the alert is unconfirmed - a webhook is a hint, not a fact', { confirmed: false }, /did not confirm/],
    ['the verdict is benign', { verdict: 'benign' as const }, /verdict is benign/],
    ['the verdict is undetermined', { verdict: 'undetermined' as const }, /verdict is undetermined/],
    ['only a vulnerability was found', { verdict: 'vulnerability_only' as const }, /vulnerability_only/],
    ['the severity is below the minimum', { severity: 'low' as const }, /below the configured minimum medium/],
    ['the action has no inverse', { reversible: false }, /cannot be undone/],
    [
      'no rule names the place - what is not named is observed only',
      { place: { cluster: 'prod-eks', namespace: 'other' } },
      /observe/,
    ],
    [
      'nobody may approve there',
      { place: { cluster: 'elsewhere', namespace: 'payments' } },
      /Nobody in the configuration/,
    ],
    [
      'a link may not approve it - nobody else could be proven to have done so',
      { action: 'kubernetes.cordon-node' as const },
      /cannot be approved by a link, because actions of class workload/,
    ],
  ])('only suggests when %s', (_, change, reason) => {
    const answer = gateOf(sampleConfiguration(), { ...question, ...change });
    expect(answer).toMatchObject({ gate: 'suggest', approvers: [] });
    expect(answer.reasons.join(' ')).toMatch(reason);
  });

  it('only suggests an action that cannot be undone where fewer than two people may approve it', () => {
    const actions = { 'kubernetes.delete-pod': { gate: 'ask' } };
    const answer = gateOf(sampleConfiguration({ actions }), {
      ...question,
      action: 'kubernetes.delete-pod',
      reversible: false,
    });
    expect(answer.gate).toBe('suggest');
    expect(answer.reasons.join(' ')).toMatch(
      /2 different people must approve this action, because it cannot be undone/,
    );
  });

  it('only suggests an action the configuration does not name - a new action must be switched on by somebody', () => {
    const answer = gateOf(sampleConfiguration({ actions: {} }), question);
    expect(answer).toMatchObject({
      gate: 'suggest',
      reasons: ['The configuration lets this action be suggested only.'],
    });
  });

  it('still asks in phase automate and says so - no version may act alone before it can prove its agreement with people', () => {
    const config = sampleConfiguration({ rollout: [{ scope: {}, phase: 'automate' }] });
    expect(gateOf(config, question)).toMatchObject({
      gate: 'ask',
      reasons: [expect.stringMatching(/automate.*people are asked/)],
    });
  });

  it('names every reason against an action at once', () => {
    expect(
      gateOf(sampleConfiguration({ rollout: [] }), { ...question, confirmed: false, severity: 'low' }).reasons,
    ).toHaveLength(3);
  });
});
