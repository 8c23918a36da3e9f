import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../domain/playbooks/assessment.ts';
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

  describe('of an action that a link may not approve, where approvers can sign in', () => {
    const cordon = { ...question, action: 'kubernetes.cordon-node' as const };
    const withSignIn = (subject: Readonly<Record<string, string>>) => {
      const config = sampleConfiguration({ actions: { 'kubernetes.cordon-node': { gate: 'ask' } } });
      const signIn = { issuer: 'https://login.example.com', clientId: 'parapet', maxAgeSeconds: 900 };
      const approvers = config.approvers.map((approver) => ({ ...approver, may: anything, ...subject }));
      return { ...config, approvals: { ...config.approvals, signIn }, approvers };
    };
    const anything = [{ actions: ['*' as const], scope: {} }];

    it('asks those who can prove who they are', () => {
      const config = withSignIn({ oidcSubject: 'subject-of-ada' });
      expect(gateOf(config, cordon)).toMatchObject({ gate: 'ask', approvers: config.approvers.map(({ id }) => id) });
    });

    it('only suggests while nobody can, and says what is missing', () => {
      expect(gateOf(withSignIn({}), cordon)).toMatchObject({
        gate: 'suggest',
        reasons: ['Nobody in the configuration may approve this action here and can sign in.'],
      });
    });
  });

  it('only suggests an action the configuration does not name - a new action must be switched on by somebody', () => {
    const answer = gateOf(sampleConfiguration({ actions: {} }), question);
    expect(answer).toMatchObject({
      gate: 'suggest',
      reasons: ['The configuration lets this action be suggested only.'],
    });
  });

  describe('in phase automate', () => {
    const config = (change: Record<string, unknown> = {}) =>
      sampleConfiguration({
        rollout: [{ scope: {}, phase: 'automate' }],
        destinations: { chat: { system: 'slack', channel: 'C0123456789', secret: 'parapet/slack' } },
        ...change,
      });
    const assessment: Assessment = {
      playbook: 'quarantine-miner',
      holds: true,
      conditions: [{ what: 'it mines', holds: true, evidence: ['E1'] }],
    };
    const given = { ...question, assessment };

    it('lets a playbook act by itself, and says whom to ask if it may not after all', () => {
      expect(gateOf(config(), given)).toEqual({
        gate: 'automatic',
        reasons: ['Playbook quarantine-miner acts by itself here, because it mines.'],
        approvers: ['ada'],
        expiresAfterSeconds: 1800,
      });
    });

    it('asks where no playbook is named, or one of its conditions does not hold, and says so', () => {
      const conditions = [{ what: 'it mines', holds: false, evidence: [] }];
      for (const [one, why] of [
        [question, /No playbook is named/],
        [{ ...given, assessment: { ...assessment, holds: false, conditions } }, /does not hold that it mines/],
      ] as const)
        expect(gateOf(config(), one)).toMatchObject({ gate: 'ask', reasons: [expect.stringMatching(why)] });
    });

    it('acts where nobody could be asked, but never where nobody would be told', () => {
      expect(gateOf(config({ approvers: [] }), given)).toMatchObject({ gate: 'automatic', approvers: [] });
      expect(gateOf(config({ destinations: {} }), given)).toMatchObject({ gate: 'ask' });
    });

    it.each([
      ['unconfirmed', { confirmed: false }],
      ['of a severity below the minimum', { severity: 'low' as const }],
    ])('suggests what is %s, whatever a playbook says', (_, change) => {
      expect(gateOf(config(), { ...given, ...change }).gate).toBe('suggest');
    });

    it('never lets what is wide act by itself, not even with a playbook', () => {
      const wide = gateOf(config({ actions: { 'kubernetes.scale-to-zero': { gate: 'ask' } } }), {
        ...given,
        action: 'kubernetes.scale-to-zero',
      });
      expect(wide.gate).toBe('suggest');
    });
  });

  it('asks about a misconfiguration only where a playbook is about it', () => {
    const conditions = [{ what: 'nobody uses it', holds: true, evidence: [] }];
    const misconfigured = { ...question, verdict: 'misconfiguration' as const };
    expect(gateOf(sampleConfiguration(), misconfigured).gate).toBe('suggest');
    const held = { playbook: 'quarantine-miner' as const, holds: true, conditions };
    expect(gateOf(sampleConfiguration(), { ...misconfigured, assessment: held }).gate).toBe('ask');
  });

  it('names every reason against an action at once', () => {
    expect(
      gateOf(sampleConfiguration({ rollout: [] }), { ...question, confirmed: false, severity: 'low' }).reasons,
    ).toHaveLength(3);
  });
});
