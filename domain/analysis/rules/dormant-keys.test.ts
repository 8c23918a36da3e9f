import { describe, expect, it } from 'vitest';
import { dormantDrafts, dormantPack } from '../../../test/stories/dormant-key.ts';
import { analyseByRules } from './analyse.ts';

const recommended = (change: Parameters<typeof dormantDrafts>[0] = {}) =>
  analyseByRules(dormantPack(dormantDrafts(change))).actions.filter(({ action }) => action.startsWith('aws.'));

describe('a key that nobody uses', () => {
  it('is recommended to be deactivated where the vendor’s record and IAM agree', () => {
    expect(recommended()).toEqual([
      expect.objectContaining({
        action: 'aws.deactivate-access-key',
        urgency: 'planned',
        rationale: expect.stringMatching(/user report-bot unusable: IAM knows of no use for 200 days/),
        evidence: ['E4', 'E3', 'E2'],
      }),
    ]);
  });

  it.each([
    ['the vendor does not confirm the alert', { confirmed: false }],
    ['only the webhook calls it unused - anybody can write one', { recordTrust: 'attacker_influenced' as const }],
    ['the policy is about something else', { policy: 'AWS access keys are not rotated for 90 days' }],
    ['it was used yesterday', { lastUsedAt: '2026-01-31T10:00:00.000Z' }],
    ['it is inactive already', { status: 'inactive' as const }],
    ['IAM did not list it', { status: undefined }],
  ])('is left alone where %s', (_, change) => {
    expect(recommended(change)).toEqual([]);
  });
});
