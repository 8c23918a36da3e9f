import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyJsonPatch } from '../../../local/sandbox/kubernetes/json-patch.ts';
import { gitOpsManagerOf, managerOf } from './gitops.ts';
import { quote } from './kubectl.ts';
import { resourcePath } from './names.ts';
import { pointer } from './requests.ts';
import { labelSelectorSchema } from './schema.ts';
import { keysMatchedBy, selects, serviceSelects } from './selector.ts';
import { accountOfSubject, givesRightsTo, isFullControl, namesAccount } from './subjects.ts';

describe('paths', () => {
  it('go to the group, namespace and name that were asked for', () => {
    expect(resourcePath({ group: '', version: 'v1', plural: 'pods', namespace: 'a', name: 'b.c' })).toBe(
      '/api/v1/namespaces/a/pods/b.c',
    );
    expect(
      resourcePath({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles', name: 'system:node' }),
    ).toBe('/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode');
  });

  it('never have more segments than they were given, whatever the names are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (namespace, name) => {
        let path: string;
        try {
          path = resourcePath({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'roles', namespace, name });
        } catch {
          return;
        }
        expect(path.split('/')).toHaveLength(8);
        expect(new URL(path, 'https://cluster.example.com').pathname).toBe(path);
      }),
      { numRuns: 500 },
    );
  });
});

describe('pointers', () => {
  it('find the label they were made for, whatever its key is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (key) => {
        const patch = [{ op: 'replace', path: pointer('metadata', 'labels', key), value: 'found' }];
        const labels = Object.fromEntries([[key, 'here']]);
        expect(applyJsonPatch({ metadata: { labels } }, patch)).toEqual({
          metadata: { labels: Object.fromEntries([[key, 'found']]) },
        });
      }),
    );
  });
});

describe('shell quoting', () => {
  it('gives the shell back exactly the text - people paste these lines', () => {
    const hostile = ["a'b", '$(id)', '`id`', 'a b', '; rm -rf ~', '"', '\\', '{"a":"b"}', 'plain-text', '*', '\n'];
    for (const text of hostile)
      expect(execFileSync('sh', ['-c', `printf %s ${quote(text)}`], { encoding: 'utf8' })).toBe(text);
  });
});

describe('selectors', () => {
  it('lose their match when the keys they match by are removed', () => {
    const keys = ['a', 'b', 'c'];
    const values = fc.constantFrom('x', 'y');
    const selectors = fc.record({
      matchLabels: fc.dictionary(fc.constantFrom(...keys), values),
      matchExpressions: fc.array(
        fc.record({
          key: fc.constantFrom(...keys),
          operator: fc.constantFrom('In', 'Exists'),
          values: fc.constant(['x']),
        }),
        { maxLength: 2 },
      ),
    });
    fc.assert(
      fc.property(selectors, fc.dictionary(fc.constantFrom(...keys), values), (raw, labels) => {
        const selector = labelSelectorSchema.parse(raw);
        const matched = new Set(keysMatchedBy(selector));
        fc.pre(selects(selector, labels) && matched.size > 0);
        const left = Object.fromEntries(Object.entries(labels).filter(([key]) => !matched.has(key)));
        expect(selects(selector, left)).toBe(false);
      }),
    );
  });

  it('of a Service select nothing when they are empty - its endpoints are made by hand', () => {
    expect(serviceSelects({}, { app: 'checkout' })).toBe(false);
    expect(serviceSelects({ app: 'checkout' }, { app: 'checkout', tier: 'x' })).toBe(true);
    expect(serviceSelects({ app: 'checkout', tier: 'y' }, { app: 'checkout', tier: 'x' })).toBe(false);
  });
});

describe('subjects', () => {
  const account = { namespace: 'payments', name: 'checkout' };
  it.each([
    [{ kind: 'ServiceAccount', name: 'checkout', namespace: 'payments' }, true, true],
    [{ kind: 'ServiceAccount', name: 'checkout', namespace: 'web' }, false, false],
    [{ kind: 'ServiceAccount', name: 'checkout' }, true, true],
    [{ kind: 'User', name: 'system:serviceaccount:payments:checkout' }, true, true],
    [{ kind: 'Group', name: 'system:serviceaccounts' }, true, false],
    [{ kind: 'Group', name: 'system:serviceaccounts:payments' }, true, false],
    [{ kind: 'Group', name: 'system:serviceaccounts:web' }, false, false],
    [{ kind: 'Group', name: 'system:authenticated' }, true, false],
    [{ kind: 'Group', name: 'checkout' }, false, false],
    [{ kind: 'Something', name: 'checkout' }, false, false],
  ])('%j gives rights: %s, is the account: %s', (subject, gives, is) => {
    expect(givesRightsTo(subject, account, 'payments')).toBe(gives);
    expect(namesAccount(subject, account, 'payments')).toBe(is);
  });

  it.each([
    'ServiceAccount/payments/checkout',
    'payments/checkout',
    'system:serviceaccount:payments:checkout',
    'User/system:serviceaccount:payments:checkout',
  ])('reads %s as the account', (text) => {
    expect(accountOfSubject(text)).toEqual(account);
  });

  it.each(['', 'checkout', 'a/b/c', 'Group/system:masters', 'system:serviceaccount:a', '../x', 'payments/CHECKOUT'])(
    'reads no account from "%s"',
    (text) => {
      expect(accountOfSubject(text)).toBeUndefined();
    },
  );

  it('sees full control in the name and in one rule, not in several rules together', () => {
    const star = ['*'];
    expect(isFullControl('cluster-admin', undefined)).toBe(true);
    expect(isFullControl('ops', [{ verbs: star, apiGroups: star, resources: star }])).toBe(true);
    expect(
      isFullControl('ops', [
        { verbs: star, apiGroups: [''], resources: star },
        { verbs: ['get'], apiGroups: star, resources: star },
      ]),
    ).toBe(false);
  });
});

describe('tools that put things back', () => {
  const metadata = { name: 'x', uid: 'x', labels: {}, annotations: {}, ownerReferences: [], managedFields: [] };
  it.each([
    ['Argo CD', { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } }],
    ['Argo CD', { managedFields: [{ manager: 'argocd-controller' }] }],
    ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'x' } }],
    ['Flux', { managedFields: [{ manager: 'helm-controller' }] }],
  ])('are known by their marks: %s', (tool, marks) => {
    expect(gitOpsManagerOf({ ...metadata, ...marks })).toBe(tool);
  });

  it('are told from those that only install', () => {
    const helm = { ...metadata, labels: { 'app.kubernetes.io/managed-by': 'Helm' } };
    expect(gitOpsManagerOf(helm)).toBeUndefined();
    expect(managerOf(helm)).toBe('Helm');
  });
});
