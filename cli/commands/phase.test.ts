import { describe, expect, it } from 'vitest';
import { desk } from '../../test/desk/desk.ts';
import { storyIncident } from '../../test/stories/asked-action.ts';

describe('phase', () => {
  it('shows each rule of the configuration with its phase and how incidents ended there', async () => {
    const one = await desk();
    one.stores.incidents.seed(storyIncident({ status: 'concluded', outcome: 'contained' }));
    expect(await one.type('phase')).toBe(0);
    expect(one.out.map((line) => line.replace(/ {2,}/g, ' | ').trim())).toEqual([
      'PHASE | SCOPE | INCIDENTS | ENDED AS',
      'assist | cluster prod-eks, namespace payments | 1 | contained 1',
      'observe | everywhere else | 0 | -',
    ]);
  });

  it('gives the same as one JSON value', async () => {
    const one = await desk();
    expect(await one.type('phase', '--json')).toBe(0);
    expect(one.json()).toEqual([
      {
        scope: { cluster: 'prod-eks', namespace: 'payments' },
        phase: 'assist',
        incidents: 1,
        outcomes: {},
        where: 'cluster prod-eks, namespace payments',
      },
      { phase: 'observe', incidents: 0, outcomes: {}, where: 'everywhere else' },
    ]);
  });

  it('says what is wrong with a configuration that cannot be read, instead of showing phases nobody set', async () => {
    const one = await desk({ connection: { configuration: 'nowhere.json' } });
    expect(await one.type('phase')).toBe(2);
    expect(one.err.join()).toContain('nowhere.json');
  });
});
