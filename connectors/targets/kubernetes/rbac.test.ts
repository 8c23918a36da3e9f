import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../../test/fakes/planning.ts';
import { namespacesOf, readRules, switchedOn, writeRules } from './rbac.ts';

const FORBIDDEN_VERBS = ['*', 'escalate', 'bind', 'impersonate', 'deletecollection'];
const FORBIDDEN_RESOURCES = ['*', 'secrets', 'pods/exec', 'pods/attach', 'pods/log', 'nodes/proxy'];

describe('the rights Parapet asks for', () => {
  it('are for reading only in the reading account', () => {
    for (const { verbs } of readRules()) expect(verbs.every((verb) => verb === 'get' || verb === 'list')).toBe(true);
  });

  it('never let anybody see secrets, run commands in pods or give rights away', () => {
    for (const { verbs, resources, apiGroups } of [...readRules(), ...writeRules()]) {
      for (const verb of verbs) expect(FORBIDDEN_VERBS).not.toContain(verb);
      for (const resource of resources) expect(FORBIDDEN_RESOURCES).not.toContain(resource);
      expect(apiGroups).not.toContain('*');
    }
  });

  it('name each resource once, with its reason', () => {
    const names = writeRules().map(({ apiGroups, resources }) => `${apiGroups}/${resources}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { why } of writeRules()) expect(why).not.toBe('');
  });

  it('write only what the actions write', () => {
    expect(writing(writeRules())).toEqual({
      pods: ['delete', 'patch'],
      nodes: ['patch'],
      networkpolicies: ['create', 'delete', 'patch'],
      deployments: ['patch'],
      'deployments/scale': ['patch'],
      'statefulsets/scale': ['patch'],
      daemonsets: ['patch'],
      cronjobs: ['patch'],
      jobs: ['patch'],
      clusterrolebindings: ['create', 'delete', 'patch'],
      rolebindings: ['create', 'delete', 'patch'],
    });
  });

  it('shrink to the actions that somebody switched on', () => {
    const config = sampleConfiguration({
      actions: { 'kubernetes.scale-to-zero': { gate: 'ask' }, 'kubernetes.delete-pod': { gate: 'suggest' } },
    });
    expect(switchedOn(config)).toEqual(['kubernetes.scale-to-zero']);
    expect(writing(writeRules(switchedOn(config)))).toEqual({
      'deployments/scale': ['patch'],
      'statefulsets/scale': ['patch'],
      daemonsets: ['patch'],
      cronjobs: ['patch'],
      jobs: ['patch'],
    });
    expect(writeRules(switchedOn(sampleConfiguration({ actions: {} })))).toEqual([]);
  });
});

function writing(rules: ReturnType<typeof writeRules>): Record<string, readonly string[]> {
  return Object.fromEntries(
    rules
      .map(({ resources, verbs }) => [resources[0], verbs.filter((verb) => verb !== 'get' && verb !== 'list')] as const)
      .filter(([, verbs]) => verbs.length > 0),
  );
}

describe('where anything may be executed', () => {
  const clusters = [
    {
      name: 'prod-eks',
      server: 'https://127.0.0.1:1',
      readSecret: 'a',
      writeSecret: 'b',
      protectedNamespaces: ['vault'],
    },
  ];
  const of = (rollout: readonly unknown[]) => namespacesOf(sampleConfiguration({ rollout, clusters }), 'prod-eks');

  it('is every namespace a rule beyond observe names, and none that is protected', () => {
    expect(
      of([
        { scope: { cluster: 'prod-eks', namespace: 'payments' }, phase: 'assist' },
        { scope: { namespace: 'web' }, phase: 'automate' },
        { scope: { namespace: 'kube-system' }, phase: 'assist' },
        { scope: { namespace: 'vault' }, phase: 'assist' },
        { scope: { namespace: 'shop' }, phase: 'observe' },
        { scope: { cluster: 'other', namespace: 'batch' }, phase: 'assist' },
        { scope: { environment: 'test', namespace: 'lab' }, phase: 'assist' },
      ]),
    ).toEqual(['payments', 'web']);
  });

  it('is anywhere when a rule names no namespace', () => {
    expect(of([{ scope: { cluster: 'prod-eks' }, phase: 'assist' }])).toBeUndefined();
    expect(of([{ scope: { namespace: '*' }, phase: 'assist' }])).toBeUndefined();
  });

  it('is nowhere when everything is observed', () => {
    expect(of([{ scope: {}, phase: 'observe' }])).toEqual([]);
  });
});
