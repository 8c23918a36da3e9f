import { describe, expect, it } from 'vitest';
import { sampleConfiguration, sampleIncident, samplePrepared } from '../../test/fakes/planning.ts';
import type { Answer } from '../playbooks/agreement.ts';
import { type ReadinessCase, readinessOf } from './readiness.ts';

const PAYMENTS = { cluster: 'prod-eks', namespace: 'payments' };
const at = (phase: 'observe' | 'assist' | 'automate') => sampleConfiguration({ rollout: [{ scope: PAYMENTS, phase }] });

/** Newest first. */
function cases(answers: readonly Answer[], confirmed = true): ReadinessCase[] {
  return answers.map((answer) => ({
    incident: sampleIncident({ confirmed }),
    shadows: [{ actionId: 'A1', playbook: 'quarantine-miner', target: samplePrepared().target, answer }],
  }));
}
const many = (count: number, answer: Answer) => Array.from({ length: count }, () => answer);
const row = (phase: 'observe' | 'assist' | 'automate', given: readonly ReadinessCase[]) =>
  readinessOf(at(phase), given)[0];

describe('readinessOf', () => {
  it('lets a scope move to automate when people agreed often enough, and counts abstentions apart', () => {
    const answers = [...many(20, 'agreed'), ...many(7, 'abstained'), ...many(2, 'open'), ...many(1, 'acted')] as const;
    expect(row('assist', cases(answers))).toEqual({
      scope: PAYMENTS,
      phase: 'assist',
      next: 'automate',
      incidents: 30,
      unverified: 0,
      ready: true,
      reasons: [],
      playbooks: [
        {
          playbook: 'quarantine-miner',
          answers: { agreed: 20, disagreed: 0, abstained: 7, open: 2, acted: 1 },
          decided: 20,
          atLeast: expect.closeTo(0.8389, 3),
          ready: true,
          reasons: [],
        },
      ],
    });
  });

  it.each([
    [
      'too few decided, however many abstained',
      [...many(19, 'agreed'), ...many(50, 'abstained')],
      /19 decisions so far, of 20/,
    ],
    [
      'people disagreed too often',
      [...many(30, 'agreed'), ...many(6, 'disagreed')],
      /at least 68 % of cases .* of 80 %/,
    ],
    [
      'one of the newest disagreed',
      [...many(9, 'agreed'), 'disagreed', ...many(90, 'agreed')],
      /newest 10 decisions disagreed/,
    ],
  ] as const)('says why not yet where %s', (_, answers, reason) => {
    const { ready, reasons, playbooks } = row('assist', cases(answers)) ?? {};
    expect({ ready, reasons }).toEqual({ ready: false, reasons: ['no playbook may act by itself here yet'] });
    expect(playbooks?.[0]?.reasons.join()).toMatch(reason);
  });

  it('forgives a disagreement that is long ago', () => {
    expect(row('assist', cases([...many(99, 'agreed'), 'disagreed']))?.ready).toBe(true);
  });

  it('keeps a scope where it is whose alerts are often not confirmed', () => {
    const given = [...cases(many(20, 'agreed')), ...cases(many(6, 'abstained'), false)];
    expect(row('assist', given)).toMatchObject({
      ready: false,
      reasons: ['6 of 26 incidents not confirmed by their vendor'],
    });
  });

  it('lets a scope leave observe after some incidents, of which nobody was asked', () => {
    expect(row('observe', cases(many(9, 'abstained')))).toMatchObject({
      next: 'assist',
      ready: false,
      reasons: ['9 of 10 incidents so far'],
    });
    expect(row('observe', cases(many(10, 'abstained')))?.ready).toBe(true);
  });

  it('knows nothing beyond automate', () => {
    expect(row('automate', cases(many(30, 'acted')))).toMatchObject({
      ready: false,
      reasons: ['there is no further phase'],
    });
    expect(row('automate', [])?.next).toBeUndefined();
  });

  it('counts what no rule names apart, and each incident once', () => {
    const rows = readinessOf(at('assist'), [
      ...cases(many(2, 'agreed')),
      { incident: sampleIncident({ workload: { kind: 'host', host: 'elsewhere' } }), shadows: [] },
    ]);
    expect(rows.map(({ scope, incidents }) => [scope, incidents])).toEqual([
      [PAYMENTS, 2],
      [undefined, 1],
    ]);
  });
});
