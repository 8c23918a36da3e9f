import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../test/fakes/configuration.ts';
import { sampleWorkload } from '../../test/fakes/findings.ts';
import { placementOf, rolloutOf, scopeMatches } from './scope.ts';

const payments = { account: '111122223333', cluster: 'prod-eks', namespace: 'payments', environment: 'production' };

describe('placementOf', () => {
  it('names the environment of the cluster, which the alert does not', () => {
    expect(placementOf(sampleConfiguration(), sampleWorkload())).toEqual(payments);
  });

  it('knows no environment of a cluster that is not configured, and no cluster of a host', () => {
    const config = sampleConfiguration({ clusters: [] });
    expect(placementOf(config, sampleWorkload())).toEqual({ ...payments, environment: undefined });
    expect(placementOf(config, { kind: 'host', account: '1', host: 'h' })).toEqual({ account: '1' });
  });
});

describe('scopeMatches', () => {
  it.each([
    ['an empty scope matches everything', {}, true],
    ['a given field must be equal', { namespace: 'payments' }, true],
    ['a different field does not match', { namespace: 'payments', cluster: 'stage-eks' }, false],
    ['* matches any', { account: '*', cluster: '*', namespace: '*', environment: '*' }, true],
    ['a part of a name is not the name', { namespace: 'pay' }, false],
    ['case counts', { namespace: 'Payments' }, false],
  ])('%s', (_, scope, expected) => {
    expect(scopeMatches(scope, payments)).toBe(expected);
  });

  it('does not match a named field of a place where it is unknown - closed by default', () => {
    expect(scopeMatches({ environment: 'production' }, { account: '1' })).toBe(false);
    expect(scopeMatches({ environment: '*' }, { account: '1' })).toBe(true);
  });
});

describe('rolloutOf', () => {
  it('takes the first rule that matches, in the order of the file', () => {
    const config = sampleConfiguration({
      rollout: [
        { scope: { namespace: 'payments' }, phase: 'assist', approvalExpiresAfterSeconds: 60 },
        { scope: {}, phase: 'automate' },
      ],
    });
    expect(rolloutOf(config, payments)).toEqual({ phase: 'assist', expiresAfterSeconds: 60 });
    expect(rolloutOf(config, { ...payments, namespace: 'shop' })).toEqual({
      phase: 'automate',
      expiresAfterSeconds: 1800,
    });
  });

  it('only observes where no rule matches', () => {
    expect(rolloutOf(sampleConfiguration({ rollout: [] }), payments).phase).toBe('observe');
  });
});
