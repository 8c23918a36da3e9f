import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../../test/fakes/planning.ts';
import { renderManifests } from './manifests.ts';
import { readRules, switchedOn } from './rbac.ts';

const documentsOf = (change: Record<string, unknown> = {}) =>
  renderManifests(sampleConfiguration(change), 'prod-eks').split('---\n').filter(Boolean);
const kindOf = (text: string) => /^kind: (\w+)$/m.exec(text)?.[1];
const nameOf = (text: string) => /^ {2}name: (.+)$/m.exec(text)?.[1];
const named = (documents: readonly string[], kind: string, name: string) =>
  documents.filter((text) => kindOf(text) === kind && nameOf(text) === name);

describe('the manifests', () => {
  it('bind what contains in the namespaces of the rollout alone - the API server then refuses every other', () => {
    const documents = documentsOf();
    expect(documents.map((text) => `${kindOf(text)} ${nameOf(text)}`)).toEqual([
      'Namespace parapet',
      'ServiceAccount parapet-read',
      'ClusterRole parapet-read',
      'ClusterRoleBinding parapet-read',
      'ServiceAccount parapet-contain',
      'ClusterRole parapet-contain',
      'RoleBinding parapet-contain',
      'ClusterRole parapet-contain-cluster',
      'ClusterRoleBinding parapet-contain-cluster',
      'ServiceAccount parapet-rights',
      'ClusterRole parapet-rights',
      'ClusterRoleBinding parapet-rights',
    ]);
    expect(named(documents, 'RoleBinding', 'parapet-contain')).toEqual([
      [
        'apiVersion: rbac.authorization.k8s.io/v1',
        'kind: RoleBinding',
        'metadata:',
        '  name: parapet-contain',
        '  namespace: "payments"',
        'roleRef:',
        '  apiGroup: rbac.authorization.k8s.io',
        '  kind: ClusterRole',
        '  name: parapet-contain',
        'subjects:',
        '  - kind: ServiceAccount',
        '    name: parapet-contain',
        '    namespace: parapet',
        '',
      ].join('\n'),
    ]);
  });

  it('give it everywhere only where a rule of the rollout says so', () => {
    const documents = documentsOf({ rollout: [{ scope: {}, phase: 'assist' }] });
    expect(named(documents, 'ClusterRoleBinding', 'parapet-contain')).toHaveLength(1);
    expect(documents.some((text) => kindOf(text) === 'RoleBinding')).toBe(false);
  });

  it.each([
    ['every action is only suggested', { actions: {} }],
    ['everything is only observed', { rollout: [] }],
  ])('give no right to change anything when %s', (_, change) => {
    const documents = documentsOf(change);
    const roles = documents.filter((text) => kindOf(text) === 'ClusterRole').map(nameOf);
    expect(roles).toEqual(['parapet-read', 'parapet-rights']);
    expect(documents.join('')).not.toMatch(/"(?:patch|delete)"/);
  });

  it('hold every rule, and nothing but rules', () => {
    const config = sampleConfiguration();
    const [role] = named(documentsOf(), 'ClusterRole', 'parapet-read');
    const lines = (role ?? '').split('\n').filter((line) => !line.trimStart().startsWith('#'));
    expect(lines).toEqual([
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: ClusterRole',
      'metadata:',
      '  name: parapet-read',
      'rules:',
      ...readRules(switchedOn(config)).flatMap(({ apiGroups, resources, verbs }) => [
        `  - apiGroups: ${JSON.stringify(apiGroups)}`,
        `    resources: ${JSON.stringify(resources)}`,
        `    verbs: ${JSON.stringify(verbs)}`,
      ]),
      '',
    ]);
  });
});
