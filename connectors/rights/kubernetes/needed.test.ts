import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedRequest } from '../../../domain/actions/action.ts';
import { resourcePath } from '../../targets/kubernetes/names.ts';
import { APPLY_PATCH } from '../../targets/kubernetes/requests.ts';
import { neededRights, UnknownPathError } from './needed.ts';

const request = (method: PlannedRequest['method'], path: string, contentType?: string): PlannedRequest => ({
  method,
  path,
  purpose: 'a test',
  ...(contentType === undefined ? {} : { contentType }),
});

describe('the rights a request needs', () => {
  it.each([
    [
      'PATCH',
      '/api/v1/namespaces/a/pods/p?fieldManager=x',
      [{ verb: 'patch', group: '', version: 'v1', resource: 'pods', namespace: 'a', name: 'p' }],
    ],
    [
      'DELETE',
      '/api/v1/namespaces/a/pods/p',
      [{ verb: 'delete', group: '', version: 'v1', resource: 'pods', namespace: 'a', name: 'p' }],
    ],
    [
      'DELETE',
      '/api/v1/namespaces/a/pods',
      [{ verb: 'deletecollection', group: '', version: 'v1', resource: 'pods', namespace: 'a' }],
    ],
    [
      'POST',
      '/api/v1/namespaces/a/pods/p/eviction',
      [
        {
          verb: 'create',
          group: '',
          version: 'v1',
          resource: 'pods',
          subresource: 'eviction',
          namespace: 'a',
          name: 'p',
        },
      ],
    ],
    [
      'PATCH',
      '/apis/apps/v1/namespaces/a/deployments/d/scale',
      [
        {
          verb: 'patch',
          group: 'apps',
          version: 'v1',
          resource: 'deployments',
          subresource: 'scale',
          namespace: 'a',
          name: 'd',
        },
      ],
    ],
    ['PUT', '/api/v1/nodes/n', [{ verb: 'update', group: '', version: 'v1', resource: 'nodes', name: 'n' }]],
    [
      'GET',
      '/api/v1/namespaces/a',
      [{ verb: 'get', group: '', version: 'v1', resource: 'namespaces', namespace: 'a', name: 'a' }],
    ],
    [
      'PATCH',
      '/api/v1/namespaces/a/status',
      [
        {
          verb: 'patch',
          group: '',
          version: 'v1',
          resource: 'namespaces',
          subresource: 'status',
          namespace: 'a',
          name: 'a',
        },
      ],
    ],
    ['GET', '/apis/batch/v1/jobs', [{ verb: 'list', group: 'batch', version: 'v1', resource: 'jobs' }]],
  ] as const)('%s %s', (method, path, expected) => {
    expect(neededRights([request(method, path)])).toEqual(expected);
  });

  it('are also those to create what a server-side apply may have to make', () => {
    const path = '/apis/networking.k8s.io/v1/namespaces/a/networkpolicies/n';
    expect(neededRights([request('PATCH', path, APPLY_PATCH)]).map(({ verb }) => verb)).toEqual(['patch', 'create']);
  });

  it('are named once each', () => {
    const one = request('PATCH', '/api/v1/namespaces/a/pods/p');
    expect(neededRights([one, one])).toHaveLength(1);
  });

  it.each([
    '/healthz',
    '/api',
    '/api/v1',
    '/apis/apps/v1',
    '/api/v1/namespaces/a/pods/p/log/x',
    '/api/v1//pods',
    '',
    'api/v1/pods',
    '/api/v1/namespaces/%zz/pods/p',
  ])('cannot be told of %j, which must not look like a right to nothing', (path) => {
    expect(() => neededRights([request('GET', path)])).toThrow(UnknownPathError);
  });

  it('are those of the very object a path was made for, whatever it is called', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(label, label, (namespace, object) => {
        const path = resourcePath({ group: 'apps', version: 'v1', plural: 'deployments', namespace, name: object });
        expect(neededRights([request('PATCH', path)])).toEqual([
          { verb: 'patch', group: 'apps', version: 'v1', resource: 'deployments', namespace, name: object },
        ]);
      }),
    );
  });
});
