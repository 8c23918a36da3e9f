import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountRights } from '../../connectors/rights/aws/account-rights.ts';
import { clusterRights } from '../../connectors/rights/kubernetes/cluster-rights.ts';
import { liveRights } from '../../connectors/rights/live-rights.ts';
import { creation, deletion, jsonPatch, serverSideApply } from '../../connectors/targets/kubernetes/requests.ts';
import type { PlannedRequest } from '../../domain/actions/action.ts';
import type { ApproverConfiguration, ClusterConfiguration } from '../../domain/config/schema.ts';
import { type KubernetesSandbox, kubernetesSandbox } from '../../local/sandbox/kubernetes/sandbox.ts';
import { kubernetesScenario } from '../../local/sandbox/kubernetes/scenario.ts';
import { type SandboxCertificates, sandboxCertificates } from '../../local/sandbox/kubernetes/tls.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { sampleConfiguration, samplePrepared } from '../fakes/planning.ts';
import { memorySecrets } from '../fakes/secrets.ts';

/** Nobody is somebody in an account here. */
const NO_ACCOUNTS: AccountRights = { check: async () => ({ right: 'not-configured' }) };
const RIGHTS_TOKEN = 'rights-token-of-the-sandbox';
const POD = '/api/v1/namespaces/payments/pods/checkout-1';
const POLICY = '/apis/networking.k8s.io/v1/namespaces/payments/networkpolicies/parapet-1';
const REQUESTS = [serverSideApply(POLICY, {}, 'deny'), jsonPatch(POD, 'uid-1', [], 'label')];

const rbac = (kind: string, name: string, more: object, namespace?: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...more,
});
const rule = (group: string, resources: string[], verbs: string[], resourceNames?: string[]) => ({
  apiGroups: [group],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});
const binding = (kind: string, name: string, role: [string, string], subject: object, namespace?: string) =>
  rbac(
    kind,
    name,
    { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role[0], name: role[1] }, subjects: [subject] },
    namespace,
  );
const user = (name: string) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name });
const group = (name: string) => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name });

const QUARANTINER = rbac('ClusterRole', 'quarantiner', {
  rules: [rule('networking.k8s.io', ['networkpolicies'], ['create', 'patch']), rule('', ['pods'], ['patch'])],
});
const OBJECTS = [
  QUARANTINER,
  binding('RoleBinding', 'on-call', ['ClusterRole', 'quarantiner'], group('on-call'), 'payments'),
  binding('RoleBinding', 'elsewhere', ['ClusterRole', 'quarantiner'], user('eve'), 'shop'),
  rbac('Role', 'patcher', { rules: [rule('', ['pods'], ['patch'], ['checkout-1'])] }, 'payments'),
  binding('RoleBinding', 'patcher', ['Role', 'patcher'], user('pat'), 'payments'),
];

let certificates: SandboxCertificates;
let sandbox: KubernetesSandbox;
let server: SandboxServer;
let cluster: ClusterConfiguration;
let token = RIGHTS_TOKEN;

beforeAll(async () => {
  certificates = await sandboxCertificates();
  const scenario = kubernetesScenario();
  sandbox = kubernetesSandbox(
    { ...scenario, objects: [...scenario.objects, ...OBJECTS] },
    { readToken: 'read-token', writeToken: 'write-token', rightsToken: RIGHTS_TOKEN },
  );
  server = await serve({ systems: { kubernetes: sandbox }, mount: 'root', tls: certificates.server });
  const [first] = sampleConfiguration().clusters;
  if (first === undefined) throw new Error('the sample configuration names no cluster');
  cluster = { ...first, server: server.url, rightsSecret: 'rights' };
});
afterAll(async () => {
  await server.close();
});

function approver(
  id: string,
  identity?: { readonly username: string; readonly groups: string[] },
): ApproverConfiguration {
  return {
    id,
    name: id,
    mail: `${id}@example.com`,
    may: [{ actions: ['*'], scope: {} }],
    ...(identity === undefined ? {} : { kubernetes: { 'prod-eks': identity } }),
  };
}
const person = (username: string, ...groups: string[]) => approver(username, { username, groups });

async function ask(
  who: ApproverConfiguration,
  requests: readonly PlannedRequest[] = REQUESTS,
  onBehalfOf?: ApproverConfiguration,
) {
  const secrets = memorySecrets({ rights: { token, caPem: certificates.caPem } });
  const rights = liveRights({ kubernetes: clusterRights([cluster], secrets), aws: NO_ACCOUNTS });
  const one = { person: who, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
  return await rights.check(one, samplePrepared({ requests: [...requests] }));
}

describe('what the cluster says somebody may do', () => {
  it('is yes for whom RBAC lets do every request of the plan, by name or by group', async () => {
    expect(await ask(person('root', 'system:masters'))).toEqual({ right: 'yes' });
    expect(await ask(person('kim', 'on-call'))).toEqual({ right: 'yes' });
  });

  it('is no where one right is missing, and names exactly which', async () => {
    expect(await ask(person('pat'))).toEqual({
      right: 'no',
      reason:
        'In cluster prod-eks, pat may not patch networkpolicies (networking.k8s.io) parapet-1 in namespace payments, and not create networkpolicies (networking.k8s.io) parapet-1 in namespace payments.',
    });
    expect(await ask(person('pat'), [jsonPatch(POD, 'uid-1', [], 'label')])).toEqual({ right: 'yes' });
  });

  it('is no in another namespace, for another object, and for what belongs to the whole cluster', async () => {
    const name = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/checkout-cluster-admin';
    for (const [who, request] of [
      [person('eve'), jsonPatch(POD, 'uid-1', [], 'label')],
      [person('pat'), jsonPatch(POD.replace('checkout-1', 'checkout-2'), 'uid-2', [], 'label')],
      [person('kim', 'on-call'), deletion(name, { uid: 'b' }, 'remove')],
      [person('kim', 'on-call'), creation('/api/v1/namespaces/payments/pods', {}, 'make')],
    ] as const) {
      expect((await ask(who, [request])).right).toBe('no');
    }
  });

  it('follows the cluster: what was withdrawn is gone with the next question', async () => {
    const kim = person('kim', 'on-call');
    expect((await ask(kim)).right).toBe('yes');
    sandbox.change((store) => {
      const found = store.get('rolebindings', 'payments', 'on-call');
      if (found) store.remove('rolebindings', found);
    });
    expect((await ask(kim)).right).toBe('no');
    sandbox.change((store) => {
      store.put('rolebindings', {
        ...binding('RoleBinding', 'on-call', ['ClusterRole', 'quarantiner'], group('on-call'), 'payments'),
        metadata: { name: 'on-call', namespace: 'payments', uid: '', resourceVersion: '', creationTimestamp: '' },
      });
    });
  });

  it('is not asked about who has no identity there', async () => {
    expect(await ask(approver('nobody'))).toEqual({ right: 'not-configured' });
  });

  it('is asked about whose right it is too - nobody can hand on what was taken from them', async () => {
    const [kim, eve] = [person('kim', 'on-call'), person('eve')];
    expect(await ask(kim, REQUESTS, eve)).toMatchObject({
      right: 'no',
      reason: expect.stringContaining('eve may not'),
    });
    expect(await ask(approver('nobody'), REQUESTS, eve)).toMatchObject({ right: 'no' });
    expect(await ask(kim, REQUESTS, approver('nobody'))).toEqual({ right: 'yes' });
  });
});

describe('a guard that cannot be evaluated refuses (rule 9)', () => {
  const kim = person('kim', 'on-call');
  const unknown = (why: RegExp) => ({ right: 'no', reason: expect.stringMatching(why) });

  it('when the account may not ask', async () => {
    for (const other of ['read-token', 'write-token', 'nonsense']) {
      token = other;
      expect(await ask(kim)).toEqual(unknown(/could not be found out/));
    }
    token = RIGHTS_TOKEN;
  });

  it('when the cluster does not answer', async () => {
    const [closed] = [cluster];
    cluster = { ...cluster, server: 'https://127.0.0.1:9' };
    expect(await ask(kim)).toEqual(unknown(/could not be found out/));
    cluster = closed;
  });

  it('when the cluster has no secret for asking', async () => {
    const { rightsSecret: _none, ...without } = cluster;
    const before = cluster;
    cluster = without;
    expect(await ask(kim)).toEqual(unknown(/cannot be asked/));
    cluster = before;
  });

  it('when a request is none of a resource, or there is none', async () => {
    const odd: PlannedRequest = { method: 'GET', path: '/healthz', purpose: 'look' };
    expect(await ask(kim, [...REQUESTS, odd])).toEqual(unknown(/no path of a resource/));
    expect(await ask(kim, [])).toEqual(unknown(/holds no request/));
  });

  it.each([
    ['says nothing of use', { kind: 'SubjectAccessReview' }, /without a usable status/],
    ['could not evaluate it', { status: { allowed: false, evaluationError: 'webhook down' } }, /webhook down/],
    ['denies what it allows', { status: { allowed: true, denied: true } }, /may not/],
  ])('when its answer %s', async (_, answer, why) => {
    const secrets = memorySecrets();
    const rights = clusterRights([cluster], secrets, () => ({ call: async () => answer }));
    expect(await rights.check(kim, 'prod-eks', REQUESTS)).toEqual(unknown(why));
  });
});
