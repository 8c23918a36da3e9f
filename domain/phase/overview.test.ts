import { describe, expect, it } from 'vitest';
import { sampleWorkload } from '../../test/fakes/findings.ts';
import { sampleConfiguration, sampleIncident } from '../../test/fakes/planning.ts';
import { mayTellOutside } from './outside.ts';
import { phaseOverview, scopeWords } from './overview.ts';

const config = sampleConfiguration({
  rollout: [
    { scope: { cluster: 'prod-eks', namespace: 'payments' }, phase: 'assist' },
    { scope: { cluster: 'prod-eks' }, phase: 'observe' },
  ],
});
const payments = sampleWorkload();
const billing = sampleWorkload('billing');

describe('phaseOverview', () => {
  it('counts each incident at the first rule that matches it, and once', () => {
    const incidents = [
      sampleIncident({ workload: payments, outcome: 'contained' }),
      sampleIncident({ workload: payments, outcome: 'contained' }),
      sampleIncident({ workload: payments }),
      sampleIncident({ workload: billing, outcome: 'advice-only' }),
    ];
    expect(phaseOverview(config, incidents)).toEqual([
      {
        scope: { cluster: 'prod-eks', namespace: 'payments' },
        phase: 'assist',
        incidents: 3,
        outcomes: { contained: 2 },
      },
      { scope: { cluster: 'prod-eks' }, phase: 'observe', incidents: 1, outcomes: { 'advice-only': 1 } },
      { scope: undefined, phase: 'observe', incidents: 0, outcomes: {} },
    ]);
  });

  it('says in words what a rule is about', () => {
    expect([{ cluster: 'prod-eks', namespace: 'payments' }, {}, undefined].map(scopeWords)).toEqual([
      'cluster prod-eks, namespace payments',
      'everywhere',
      'everywhere else',
    ]);
  });
});

describe('mayTellOutside', () => {
  it('is no where the phase is observe, and where no rule says anything - closed by default (rule 9)', () => {
    const nowhere = sampleConfiguration({ rollout: [] });
    expect(mayTellOutside(config, { workload: payments })).toBe(true);
    expect(mayTellOutside(config, { workload: billing })).toBe(false);
    expect(mayTellOutside(nowhere, { workload: payments })).toBe(false);
  });
});
