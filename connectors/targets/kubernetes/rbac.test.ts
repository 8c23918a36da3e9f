import { describe, expect, it } from 'vitest';
import { readRules, renderManifests, writeRules } from './rbac.ts';

const FORBIDDEN_VERBS = ['*', 'escalate', 'bind', 'impersonate', 'deletecollection'];
const FORBIDDEN_RESOURCES = ['*', 'secrets', 'pods/exec', 'pods/attach', 'nodes'];

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
    const writing = writeRules()
      .map(({ resources, verbs }) => [resources[0], verbs.filter((verb) => verb !== 'get' && verb !== 'list')] as const)
      .filter(([, verbs]) => verbs.length > 0);
    expect(Object.fromEntries(writing)).toEqual({
      pods: ['patch'],
      networkpolicies: ['create', 'delete', 'patch'],
      clusterrolebindings: ['create', 'delete', 'patch'],
      rolebindings: ['create', 'delete', 'patch'],
    });
  });
});

describe('the manifests', () => {
  const documents = renderManifests('security').split('---\n').filter(Boolean);

  it('are a namespace and, for each account, the account, its role and their binding', () => {
    const kinds = documents.map((text) => /^kind: (\w+)$/m.exec(text)?.[1]);
    const each = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'];
    expect(kinds).toEqual(['Namespace', ...each, ...each]);
    expect(documents[3]).toBe(
      [
        'apiVersion: rbac.authorization.k8s.io/v1',
        'kind: ClusterRoleBinding',
        'metadata:',
        '  name: parapet-read',
        'roleRef:',
        '  apiGroup: rbac.authorization.k8s.io',
        '  kind: ClusterRole',
        '  name: parapet-read',
        'subjects:',
        '  - kind: ServiceAccount',
        '    name: parapet-read',
        '    namespace: "security"',
        '',
      ].join('\n'),
    );
  });

  it('hold every rule, and nothing but rules', () => {
    const lines = (text: string | undefined) =>
      (text ?? '').split('\n').filter((line) => !line.trimStart().startsWith('#'));
    const rules = readRules().flatMap(({ apiGroups, resources, verbs }) => [
      `  - apiGroups: ${JSON.stringify(apiGroups)}`,
      `    resources: ${JSON.stringify(resources)}`,
      `    verbs: ${JSON.stringify(verbs)}`,
    ]);
    expect(lines(documents[2])).toEqual([
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: ClusterRole',
      'metadata:',
      '  name: parapet-read',
      'rules:',
      ...rules,
      '',
    ]);
  });
});
