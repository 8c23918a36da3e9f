import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { ACTION_TRAITS } from '../../domain/actions/traits.ts';
import { ACTION_WORDS } from '../../domain/actions/words.ts';
import { EXECUTABLE_ACTIONS } from '../../domain/analysis/analysis.ts';
import { desk } from '../../test/desk/desk.ts';

const cluster = (name: string) => ({
  name,
  server: 'https://127.0.0.1:4581',
  readSecret: `${name}/read`,
  writeSecret: `${name}/write`,
});

const folder = mkdtempSync(path.join(tmpdir(), 'parapet-actions-'));
afterAll(async () => (await import('node:fs/promises')).rm(folder, { recursive: true }));

function configured(change: Record<string, unknown> = {}): string {
  const file = path.join(folder, 'parapet.config.json');
  const body = {
    deployment: {},
    sources: {},
    clusters: [cluster('prod-eks')],
    rollout: [{ scope: { namespace: 'payments' }, phase: 'assist' }],
    actions: { 'kubernetes.cordon-node': { gate: 'ask' } },
    ...change,
  };
  writeFileSync(file, JSON.stringify(body));
  return file;
}

describe('actions', () => {
  it('lists the whole catalogue, with the gate this configuration gives each', async () => {
    const one = await desk();
    expect(await one.type('actions', '--json', '--config', configured())).toBe(0);
    const rows: unknown = one.json();
    expect(rows).toHaveLength(EXECUTABLE_ACTIONS.length);
    expect(rows).toContainEqual({
      name: 'kubernetes.cordon-node',
      title: 'Cordon a node',
      system: 'kubernetes',
      class: 'workload',
      reversible: true,
      inverse: ACTION_WORDS['kubernetes.cordon-node'].inverse,
      verification: { what: 'the node is unschedulable and carries our taint', withinSeconds: 20 },
      permissions: catalogue['kubernetes.cordon-node'].action.permissions,
      gate: 'ask',
    });
    expect(rows).toContainEqual(
      expect.objectContaining({ name: 'kubernetes.delete-pod', reversible: false, inverse: null, gate: 'suggest' }),
    );
    one.out.length = 0;
    expect(await one.type('actions', '--config', configured())).toBe(0);
    for (const name of EXECUTABLE_ACTIONS) expect(one.out.join('\n')).toContain(name);
  });

  it('says the same of an action everywhere: catalogue, traits and words', () => {
    for (const name of EXECUTABLE_ACTIONS) {
      const { action } = catalogue[name];
      expect(ACTION_TRAITS[name], name).toMatchObject({ class: action.class, reversible: action.reversible });
      expect(ACTION_WORDS[name].inverse !== null, name).toBe(action.reversible);
    }
  });

  it('prints manifests with the rights of what is switched on and no others', async () => {
    const one = await desk();
    expect(await one.type('actions', '--manifest', '--config', configured())).toBe(0);
    const text = one.out.join('\n');
    expect(text).toContain('resources: ["nodes"]');
    expect(text).not.toContain('"networkpolicies"');
    expect(text).not.toContain('"delete"');
  });

  it('asks which cluster, since rights are given in one', async () => {
    const one = await desk();
    const file = configured({ clusters: [cluster('a'), cluster('b')] });
    expect(await one.type('actions', '--manifest', '--config', file)).toBe(2);
    expect(one.err.join('\n')).toContain('Say which cluster with --cluster: a, b.');
    expect(await one.type('actions', '--manifest', '--cluster', 'b', '--config', file)).toBe(0);
    expect(await one.type('actions', '--manifest', '--cluster', 'c', '--config', file)).toBe(2);
    expect(await one.type('actions', '--manifest', '--config', configured({ clusters: [] }))).toBe(2);
  });
});
