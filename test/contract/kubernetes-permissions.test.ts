import { describe, expect, it } from 'vitest';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { TargetError } from '../../connectors/targets/errors.ts';
import { renderManifests } from '../../connectors/targets/kubernetes/manifests.ts';
import {
  isClusterWide,
  namespacesOf,
  readRules,
  switchedOn,
  writeRules,
} from '../../connectors/targets/kubernetes/rbac.ts';
import type { PreparedOn, RbacRule } from '../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import type { Rule } from '../../local/sandbox/kubernetes/authority.ts';
import { sampleConfiguration } from '../fakes/planning.ts';
import { INCIDENT_ID, startCluster } from './kubernetes-cluster.ts';
import { ACTION_CASES, type ActionCase, addWorkloads, essenceOfCluster } from './kubernetes-workloads.ts';

const REFUSED = /"denied"|answered 403|could not be read/;
const NAMES = Object.entries(catalogue).flatMap(([name, { system }]) => (system === 'kubernetes' ? [name] : []));

/** The whole tuple with these rights; how it went, in a form that two runs have in common. */
async function run(one: ActionCase, read: readonly Rule[], write: readonly Rule[]): Promise<string> {
  const cluster = await startCluster({ rules: { read, write }, ...(one.mayBind ? { mayBind: one.mayBind } : {}) });
  try {
    addWorkloads(cluster);
    cluster.sandbox.change((store) => one.arrange?.(store));
    const target = one.target(cluster);
    const ask = { incidentId: INCIDENT_ID, actionId: 'A1', target, parameters: one.parameters ?? {} };
    const seen: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>): Promise<void> => {
      seen.push(await work().catch((error: unknown) => `threw ${String(error)}`));
    };
    let made: PreparedOn<KubernetesTarget> | undefined;
    await attempt(async () => {
      const preparation = await one.action.prepare(cluster.read, ask);
      if (!preparation.ok) return preparation;
      made = { ...preparation.prepared, target };
      return preparation.preview;
    });
    const approved = made;
    if (approved !== undefined) {
      await attempt(async () => (await one.action.apply(cluster.write, approved)).outcome);
      await attempt(async () => one.action.verify(cluster.read, approved));
      await attempt(async () => (await one.action.rollBack(cluster.write, approved)).outcome);
    }
    return JSON.stringify(seen)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'uid')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'server');
  } finally {
    await cluster.close();
  }
}

const without = (rules: readonly RbacRule[], left: RbacRule, resource: string, verb: string): RbacRule[] =>
  rules.flatMap((rule) =>
    rule === left
      ? rule.resources.flatMap((name) => ({
          ...rule,
          resources: [name],
          verbs: rule.verbs.filter((other) => name !== resource || other !== verb),
        }))
      : [rule],
  );

describe.each(NAMES)('%s', (name) => {
  const cases = ACTION_CASES.filter(({ action }) => action.name === name);
  const { read, write } = cases[0]?.action.permissions ?? { read: [], write: [] };
  const runs = new Map<ActionCase, Promise<string>>();
  const full = (one: ActionCase): Promise<string> => {
    const known = runs.get(one) ?? run(one, read, [...read, ...write]);
    runs.set(one, known);
    return known;
  };

  it('works with exactly the rights it declares', async () => {
    expect(cases.length).toBeGreaterThan(0);
    for (const one of cases) {
      const seen = await full(one);
      expect(seen, one.name).not.toMatch(REFUSED);
    }
    const applied = await Promise.all(cases.map(full));
    expect(applied.some((seen) => seen.includes('"applied"') && seen.includes('"contained"'))).toBe(true);
  });

  const each = [...read, ...write].flatMap((rule) =>
    rule.resources.flatMap((resource) => rule.verbs.map((verb) => [verb, resource, rule] as const)),
  );
  it.each(each)(
    'is worse without %s on %s - a right that nothing needs is not asked for',
    async (verb, resource, rule) => {
      const differs = await Promise.all(
        cases.map(async (one) => {
          const reading = without(read, rule, resource, verb);
          const writing = without([...read, ...write], rule, resource, verb);
          return (await run(one, reading, writing)) !== (await full(one));
        }),
      );
      expect(differs.some(Boolean)).toBe(true);
    },
  );
});

/** Applies and undoes with all rights to read and these to write. undefined: the case is one that is refused when planned. */
async function attempt(one: ActionCase, read: readonly Rule[], write: readonly Rule[]) {
  const cluster = await startCluster({ rules: { read, write }, ...(one.mayBind ? { mayBind: one.mayBind } : {}) });
  try {
    addWorkloads(cluster);
    cluster.sandbox.change((store) => one.arrange?.(store));
    const target = one.target(cluster);
    const ask = { incidentId: INCIDENT_ID, actionId: 'A1', target, parameters: one.parameters ?? {} };
    const preparation = await one.action.prepare(cluster.read, ask);
    if (!preparation.ok) return undefined;
    const approved = { ...preparation.prepared, target };
    const before = JSON.stringify(essenceOfCluster(cluster));
    const { outcome } = await one.action.apply(cluster.write, approved).catch(deniedOnly);
    const changed = JSON.stringify(essenceOfCluster(cluster)) !== before;
    const undone = await one.action.rollBack(cluster.write, approved).catch(deniedOnly);
    return { outcome, changed, undone: undone.outcome };
  } finally {
    await cluster.close();
  }
}

function deniedOnly(error: unknown): { readonly outcome: string } {
  if (error instanceof TargetError) return { outcome: error.kind };
  throw error;
}

const WRITING = ACTION_CASES.flatMap(({ action }) => action.permissions.write)
  .filter((rule, index, all) => all.indexOf(rule) === index)
  .flatMap((rule) =>
    rule.resources.flatMap((resource) =>
      rule.verbs
        .filter((verb) => !['get', 'list', 'watch'].includes(verb))
        .map((verb) => [verb, resource, rule] as const),
    ),
  );

describe('an action that lacks a right to write', () => {
  it.each(WRITING)('%s on %s is denied and changes nothing, there or on its way back', async (verb, resource, rule) => {
    const using = ACTION_CASES.filter(({ action }) => action.permissions.write.includes(rule));
    const tried = await Promise.all(
      using.map(({ action, ...one }) => {
        const { read, write } = action.permissions;
        return attempt({ action, ...one }, read, without([...read, ...write], rule, resource, verb));
      }),
    );
    const those = tried.flatMap((one) => one ?? []);
    for (const { outcome, changed } of those) {
      if (outcome !== 'applied') expect({ outcome, changed }).toEqual({ outcome: 'denied', changed: false });
    }
    const felt = those.filter(({ outcome, undone }) => outcome === 'denied' || undone === 'failed');
    expect(felt.length).toBeGreaterThan(0);
  });
});

describe('the rendered roles', () => {
  const config = sampleConfiguration();
  const actions = switchedOn(config);
  const namespaces = namespacesOf(config, 'prod-eks');
  const contain: Rule[] = writeRules(actions).map((rule) => (isClusterWide(rule) ? rule : { ...rule, namespaces }));

  it('let what is switched on work in the namespaces of the rollout', async () => {
    for (const one of ACTION_CASES.filter(({ action }) => actions.includes(action.name)))
      expect(await run(one, readRules(actions), contain), one.name).not.toMatch(REFUSED);
  });

  it('let the API server itself refuse every other namespace, kube-system before all', async () => {
    const cluster = await startCluster({ rules: { read: readRules(actions), write: contain } });
    try {
      const [pod] = cluster.sandbox.objects('pods').filter(({ metadata }) => metadata.namespace === 'kube-system');
      await expect(cluster.write.getPod('kube-system', pod?.metadata.name ?? '')).rejects.toThrow(/403/);
    } finally {
      await cluster.close();
    }
    expect(renderManifests(config, 'prod-eks')).not.toContain('kube-system');
  });

  it('do not let an action work that is not switched on', async () => {
    const off = ACTION_CASES.filter(
      ({ action }) => !actions.includes(action.name) && action.name !== 'kubernetes.annotate',
    );
    for (const one of off) expect(await run(one, readRules(actions), contain), one.name).not.toContain('"applied"');
  });
});
