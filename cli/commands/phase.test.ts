import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planSchema } from '../../domain/actions/action.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { desk } from '../../test/desk/desk.ts';
import { PLAN_KEY, storyIncident } from '../../test/stories/asked-action.ts';

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

  describe('--readiness', () => {
    const seeded = async () => {
      const one = await desk();
      const { blobs, incidents } = one.stores;
      const incident = storyIncident({ status: 'concluded', outcome: 'contained' });
      const plan = planSchema.parse(JSON.parse(await blobs.get(PLAN_KEY)));
      const playbook = { playbook: 'quarantine-miner', holds: true, conditions: [] } as const;
      const actions = plan.actions.map((action) => ({ ...action, playbook }));
      await blobs.put(PLAN_KEY, canonicalJson({ ...plan, actions }));
      incidents.seed({ ...incident, headline: '<script>alert(1)</script>' });
      return one;
    };

    it('says for each scope whether it may move up, and why not yet', async () => {
      const one = await seeded();
      expect(await one.type('phase', '--readiness')).toBe(0);
      expect(one.out).toEqual([
        'assist  cluster prod-eks, namespace payments: not yet automate: no playbook may act by itself here yet (incidents: 1, unconfirmed: 0)',
        expect.stringMatching(
          /^ {4}quarantine-miner: agreed 0, disagreed 0, abstained 0, open 1, acted 0; at least 0 %; not yet: 0 decisions so far, of 20/,
        ),
        'observe  everywhere else: not yet assist: 0 of 10 incidents so far (incidents: 0, unconfirmed: 0)',
      ]);
    });

    it('gives the same as one JSON value, and as a page that fetches and runs nothing', async () => {
      const one = await seeded();
      const folder = mkdtempSync(join(tmpdir(), 'parapet-'));
      try {
        const file = join(folder, 'readiness.html');
        expect(await one.type('phase', '--readiness', '--json', '--html', file)).toBe(0);
        expect(one.json()).toMatchObject([
          { where: 'cluster prod-eks, namespace payments', next: 'automate', ready: false, incidents: 1 },
          { where: 'everywhere else', next: 'assist', ready: false },
        ]);
        const page = readFileSync(file, 'utf8');
        expect(page).toContain('<h2>cluster prod-eks, namespace payments: assist</h2>');
        expect(page).toContain('quarantine-miner: Cut off one replica that mines');
        expect(page).not.toMatch(/<script|src=|href=|https?:/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('says what is wrong with a page that cannot be written, or that nobody asked for', async () => {
      const one = await seeded();
      expect(await one.type('phase', '--readiness', '--html', join('nowhere', 'at', 'all.html'))).toBe(2);
      expect(await one.type('phase', '--html', 'readiness.html')).toBe(2);
      expect(one.err.join()).toMatch(/cannot be written: .*--html is written with --readiness/s);
    });
  });
});
