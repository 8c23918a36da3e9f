import { describe, expect, it } from 'vitest';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import { playbookFor } from '../../domain/playbooks/registry.ts';
import { sampleConfiguration } from '../../test/fakes/planning.ts';
import { BUCKET, bucketPack } from '../../test/stories/orphaned-bucket.ts';
import { bind } from './bind.ts';

/** From the evidence over the recommendation and its binding to what the playbook says of it. */
function assessed(change: Parameters<typeof bucketPack>[0] = {}) {
  const pack = bucketPack(change);
  const recommended = analyseByRules(pack).actions.find(({ action }) => action === 'aws.tag-resource');
  if (recommended === undefined) return 'not recommended';
  const bound = bind(recommended, pack);
  if (!bound.ok) return bound.reason;
  const config = sampleConfiguration({ playbooks: [{ name: 'orphaned-bucket' }] });
  const assessment = playbookFor(config, bound.action, { account: BUCKET.account })?.assess({
    pack,
    target: bound.target,
    source: 'prisma-cloud',
    confirmed: true,
    severity: 'medium',
    verdict: 'misconfiguration',
  });
  return { target: bound.target, assessment };
}

describe('an open bucket that nobody is named for', () => {
  it('is bound by its ARN, region and account, and marked where all conditions hold', () => {
    expect(assessed()).toMatchObject({
      target: { system: 'aws', kind: 'resource', arn: BUCKET.uid, name: BUCKET.name, region: 'eu-central-1' },
      assessment: {
        playbook: 'orphaned-bucket',
        holds: true,
        conditions: [
          { holds: true, evidence: ['E1'] },
          { holds: true, evidence: ['E2'] },
          { holds: true, evidence: [] },
          { holds: true, evidence: [] },
          { holds: true, evidence: ['E3'] },
        ],
      },
    });
  });

  it.each([
    ['somebody owns it', { team: 'payments-team' }],
    ['the vendor does not confirm the alert', { confirmed: false }],
    ['the policy is about something else', { policy: 'AWS S3 bucket versioning is disabled' }],
    ['the alert names it by something else than an ARN', { uid: 'exports-example' }],
    ['the name leaves the bucket', { uid: 'arn:aws:s3:::exports-example/key' }],
  ])('is left to people where %s', (_, change) => {
    expect(assessed(change)).toBe('not recommended');
  });
});
