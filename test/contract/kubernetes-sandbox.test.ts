import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { kubernetesSandbox } from '../../local/sandbox/kubernetes/sandbox.ts';
import { kubernetesScenario } from '../../local/sandbox/kubernetes/scenario.ts';
import type { SandboxReply } from '../../local/sandbox/system.ts';

const READ = 'read-token';
const WRITE = 'write-token';

const metadataSchema = z.object({
  name: z.string().optional(),
  resourceVersion: z.string().optional(),
  continue: z.string().optional(),
});
const bodySchema = z.object({
  kind: z.string().optional(),
  metadata: metadataSchema.optional(),
  items: z.array(z.object({ kind: z.string().optional(), metadata: metadataSchema })).optional(),
});
type Body = z.infer<typeof bodySchema>;

function fresh() {
  const sandbox = kubernetesSandbox(kubernetesScenario(), { readToken: READ, writeToken: WRITE });
  const call = async (
    method: string,
    target: string,
    options: { token?: string; body?: unknown; type?: string } = {},
  ): Promise<{ status: number; body: Body }> => {
    const url = new URL(target, 'https://sandbox');
    const reply: SandboxReply = await sandbox.handle({
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: {
        authorization: `Bearer ${options.token ?? WRITE}`,
        'content-type': options.type ?? 'application/json',
      },
      body: options.body === undefined ? '' : JSON.stringify(options.body),
    });
    return { status: reply.status, body: bodySchema.parse(JSON.parse(reply.body ?? '{}')) };
  };
  return { sandbox, call };
}

const POLICIES = '/apis/networking.k8s.io/v1/namespaces/payments/networkpolicies';
const POD = '/api/v1/namespaces/payments/pods/checkout-6d9f7c5b8d-x2x9q';
const policy = (spec: unknown = { podSelector: {}, policyTypes: ['Ingress'] }) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'payments' },
  spec,
});
const APPLY = 'application/apply-patch+yaml';
const JSON_PATCH = 'application/json-patch+json';

describe('the sandbox cluster refuses what a real API server refuses', () => {
  it.each([
    ['no such token', 401, 'GET', POD, { token: 'wrong' }],
    ['a write by the reading account', 403, 'PATCH', POD, { token: READ, type: JSON_PATCH, body: [] }],
    ['secrets, which no account may see', 404, 'GET', '/api/v1/namespaces/payments/secrets', {}],
    ['a right nobody rendered', 403, 'GET', '/api/v1/namespaces/payments/serviceaccounts', {}],
    ['an unknown object', 404, 'GET', `${POD}x`, {}],
    ['an unknown group', 404, 'GET', '/apis/example.com/v1/things', {}],
    ['PUT', 405, 'PUT', POD, { body: {} }],
    ['a patch of another content type', 415, 'PATCH', POD, { type: 'application/json', body: [] }],
    ['apply without a field manager', 422, 'PATCH', `${POLICIES}/p`, { type: APPLY, body: policy() }],
    [
      'apply of an unknown field',
      400,
      'PATCH',
      `${POLICIES}/p?fieldManager=x`,
      { type: APPLY, body: policy({ podSelector: {}, denyAll: true }) },
    ],
    [
      'apply of a wrong value',
      422,
      'PATCH',
      `${POLICIES}/p?fieldManager=x`,
      { type: APPLY, body: policy({ podSelector: {}, policyTypes: ['Both'] }) },
    ],
    [
      'a name that differs from the path',
      400,
      'PATCH',
      `${POLICIES}/other?fieldManager=x`,
      { type: APPLY, body: policy() },
    ],
    [
      'a JSON patch whose test fails',
      422,
      'PATCH',
      POD,
      { type: JSON_PATCH, body: [{ op: 'test', path: '/metadata/uid', value: 'other' }] },
    ],
    ['a JSON patch that is none', 400, 'PATCH', POD, { type: JSON_PATCH, body: { op: 'test' } }],
    [
      'removal of a label that is not there',
      422,
      'PATCH',
      POD,
      { type: JSON_PATCH, body: [{ op: 'remove', path: '/metadata/labels/nothing' }] },
    ],
    ['an unsupported dry run', 422, 'POST', `${POLICIES}?dryRun=Some`, { body: policy() }],
    [
      'a deletion whose uid is another',
      409,
      'DELETE',
      `${POLICIES}/allow-checkout`,
      { body: { preconditions: { uid: 'other' } } },
    ],
    [
      'a deletion whose version is another',
      409,
      'DELETE',
      `${POLICIES}/allow-checkout`,
      { body: { preconditions: { resourceVersion: '1' } } },
    ],
    [
      'a creation with a resource version',
      400,
      'POST',
      POLICIES,
      { body: { ...policy(), metadata: { name: 'p', resourceVersion: '1' } } },
    ],
  ] as const)('%s: %i', async (_, status, method, path, options) => {
    const { sandbox, call } = fresh();
    const before = JSON.stringify(sandbox.view());
    const answer = await call(method, path, options);
    expect(answer.status).toBe(status);
    expect(answer.body.kind).toBe('Status');
    expect(JSON.stringify(sandbox.view())).toBe(before);
  });

  it('an apply over what another manager owns, unless it is forced', async () => {
    const { call } = fresh();
    const owned = { ...policy(), metadata: { name: 'allow-checkout', namespace: 'payments' } };
    const path = `${POLICIES}/allow-checkout?fieldManager=x`;
    expect((await call('PATCH', path, { type: APPLY, body: owned })).status).toBe(409);
    expect((await call('PATCH', `${path}&force=true`, { type: APPLY, body: owned })).status).toBe(200);
  });

  it('creating a thing twice', async () => {
    const { call } = fresh();
    expect((await call('POST', POLICIES, { body: policy() })).status).toBe(201);
    expect((await call('POST', POLICIES, { body: policy() })).status).toBe(409);
  });
});

describe('the sandbox cluster lives', () => {
  it('raises the resource version with each change, and not without one', async () => {
    const { call } = fresh();
    const apply = () => call('PATCH', `${POLICIES}/p?fieldManager=x`, { type: APPLY, body: policy() });
    const version = (answer: { body: Body }) => answer.body.metadata?.resourceVersion;
    const first = await apply();
    expect(first.status).toBe(201);
    const second = await apply();
    expect(second.status).toBe(200);
    expect(version(second)).toBe(version(first));
    const change = [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }];
    expect(Number(version(await call('PATCH', `${POLICIES}/p`, { type: JSON_PATCH, body: change })))).toBeGreaterThan(
      Number(version(first)),
    );
  });

  it('stores nothing in a dry run, but checks everything', async () => {
    const { sandbox, call } = fresh();
    const before = JSON.stringify(sandbox.view());
    expect((await call('POST', `${POLICIES}?dryRun=All`, { body: policy() })).status).toBe(201);
    expect((await call('DELETE', `${POLICIES}/allow-checkout?dryRun=All`)).status).toBe(200);
    const inBody = { body: { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] } };
    expect((await call('DELETE', `${POLICIES}/allow-checkout`, inBody)).status).toBe(200);
    expect(JSON.stringify(sandbox.view())).toBe(before);
  });

  it('starts a replacement for a pod that left its ReplicaSet, and removes the newest when it comes back', async () => {
    const { sandbox, call } = fresh();
    const names = () =>
      sandbox
        .objects('pods')
        .filter(({ metadata }) => metadata.namespace === 'payments')
        .map(({ metadata }) => metadata.name);
    const before = names();
    await call('PATCH', POD, { type: JSON_PATCH, body: [{ op: 'remove', path: '/metadata/labels/app' }] });
    expect(names()).toHaveLength(3);
    await call('PATCH', POD, {
      type: JSON_PATCH,
      body: [{ op: 'add', path: '/metadata/labels/app', value: 'checkout' }],
    });
    expect(names()).toEqual(before);
  });

  it('lists in pages and by label, without kind on the items, as the real one does', async () => {
    const { call } = fresh();
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
    const first = await call('GET', `${path}?limit=2`);
    const next = first.body.metadata?.continue;
    const rest = await call('GET', `${path}?limit=2&continue=${next}`);
    const items = [...(first.body.items ?? []), ...(rest.body.items ?? [])];
    expect(items.map(({ metadata }) => metadata.name)).toEqual([
      'checkout-cluster-admin',
      'cluster-admin',
      'system:basic-user',
    ]);
    expect(items[0]?.kind).toBeUndefined();
    const labelled = await call('GET', `${path}?labelSelector=kubernetes.io/bootstrapping%3Drbac-defaults`);
    expect(labelled.body.items).toHaveLength(2);
  });
});
