import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth, IN_PROPORTION } from '../test/growth.ts';
import {
  controllerNameOf,
  parseKubeletContainerName,
  type Workload,
  workloadKey,
  workloadLabel,
  workloadSchema,
} from './workload.ts';

const pod: Extract<Workload, { kind: 'pod' }> = {
  kind: 'pod',
  account: '111122223333',
  cluster: 'prod-eks',
  namespace: 'payments',
  pod: 'checkout-6d9f7c5b8d-x2x9q',
  controller: 'checkout',
};
const workloads: readonly Workload[] = [
  pod,
  { kind: 'container', account: '111122223333', host: 'ip-10-0-12-34', container: 'checkout' },
  { kind: 'host', account: '111122223333', host: 'ip-10-0-12-34', instanceId: 'i-0123' },
  { kind: 'function', account: '111122223333', region: 'us-east-1', name: 'resize' },
  { kind: 'image', account: '111122223333', image: 'shop/checkout:1.42.0', imageDigest: 'sha256:3f' },
  { kind: 'resource', account: '111122223333', region: 'eu-west-1', resourceType: 'bucket', name: 'exports' },
];

describe('workloadKey', () => {
  it('is the same for two replicas of one controller, and for a pod seen with or without its container', () => {
    const other = { ...pod, pod: 'checkout-6d9f7c5b8d-k7m4p', container: 'checkout', host: 'ip-10-0-12-99' };
    expect(workloadKey(other)).toBe(workloadKey(pod));
  });

  it('tells the same name in another cluster, namespace or account apart', () => {
    const keys = [
      pod,
      { ...pod, cluster: 'stage-eks' },
      { ...pod, namespace: 'shop' },
      { ...pod, account: '444455556666' },
      { ...pod, account: undefined },
    ].map(workloadKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('tells every kind of workload apart, and labels each for people', () => {
    expect(new Set(workloads.map(workloadKey)).size).toBe(workloads.length);
    expect(workloads.map(workloadLabel)).toEqual([
      'payments/checkout in prod-eks',
      'container checkout on ip-10-0-12-34',
      'host ip-10-0-12-34',
      'function resize',
      'image shop/checkout:1.42.0',
      'bucket exports',
    ]);
    for (const workload of workloads) expect(workloadSchema.parse(workload)).toEqual(workload);
  });

  it('cannot be forged by a name that contains the separator', () => {
    const a = workloadKey({ ...pod, namespace: 'payments/checkout', controller: 'x' });
    const b = workloadKey({ ...pod, namespace: 'payments', controller: 'checkout/x' });
    expect(a).not.toBe(b);
  });

  it('is one key for one identity and two for two, for any names an attacker may choose', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const identity = fc.tuple(name, name, name, name);
    const keyOf = ([account, cluster, namespace, controller]: readonly [string, string, string, string]) =>
      workloadKey({ ...pod, account, cluster, namespace, controller });
    fc.assert(
      fc.property(identity, identity, (a, b) => {
        const same = a.every((part, index) => part === b[index]);
        expect(keyOf(a) === keyOf(b)).toBe(same);
      }),
    );
  });

  it('fits a database key for names of any length, and stays unique', () => {
    const long = (end: string) => workloadKey({ ...pod, controller: `${'ü'.repeat(5000)}${end}` });
    expect(long('a').length).toBeLessThanOrEqual(512);
    expect(long('a')).not.toBe(long('b'));
  });

  it('takes a lone surrogate, which percent-encoding alone would throw on', () => {
    expect(workloadKey({ ...pod, controller: '\ud800' })).toContain('%EF%BF%BD');
  });
});

describe('controllerNameOf', () => {
  it.each([
    ['a pod of a Deployment', 'checkout-6d9f7c5b8d-x2x9q', 'checkout'],
    ['a pod of a Deployment with dashes', 'checkout-api-v2-6d9f7c5b8d-x2x9q', 'checkout-api-v2'],
    ['a pod of a DaemonSet', 'node-exporter-x2x9q', 'node-exporter'],
    ['a pod of a StatefulSet', 'postgres-0', 'postgres'],
    ['a bare pod', 'debug', 'debug'],
    ['a name with a word that could not be generated', 'checkout-aeiou', 'checkout-aeiou'],
    ['a name that only ends like a generated one', '-x2x9q', '-x2x9q'],
  ])('of %s', (_, name, controller) => {
    expect(controllerNameOf(name)).toBe(controller);
  });

  it('ends in time on hostile names', () => {
    expect(growth((size) => controllerNameOf(`${'b-'.repeat(size)}!`))).toBeLessThan(IN_PROPORTION);
  });
});

describe('parseKubeletContainerName', () => {
  it('reads the parts of a name the kubelet made, with or without the leading slash', () => {
    const parts = { container: 'checkout', pod: 'checkout-6d9f7c5b8d-x2x9q', namespace: 'payments' };
    expect(parseKubeletContainerName('/k8s_checkout_checkout-6d9f7c5b8d-x2x9q_payments_0')).toEqual(parts);
    expect(parseKubeletContainerName('k8s_checkout_checkout-6d9f7c5b8d-x2x9q_payments_5e1f0c9a_0')).toEqual(parts);
  });

  it.each(['checkout', 'k8s_', 'k8s_a_b', 'k8s_a__payments_0', 'k9s_a_b_c_0', ''])('does not read %j', (name) => {
    expect(parseKubeletContainerName(name)).toBeUndefined();
  });
});
