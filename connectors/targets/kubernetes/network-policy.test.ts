import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deniesEverything, isolationOf } from './network-policy.ts';
import { networkPolicySchema } from './schema.ts';

const policy = (name: string, spec: unknown) =>
  networkPolicySchema.parse({ metadata: { name, uid: name, namespace: 'payments' }, spec });
const POD = { app: 'checkout', tier: 'backend' };
const denyAll = policy('deny-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });

type Row = readonly [
  what: string,
  policies: readonly unknown[],
  expected: readonly [boolean, boolean, readonly string[]],
];

/** Expected: isolated for ingress, isolated for egress, what is still allowed. */
const TABLE: readonly Row[] = [
  ['no policy leaves everything open', [], [false, false, []]],
  [
    'a policy without rules for both directions denies everything',
    [{ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }],
    [true, true, []],
  ],
  ['without policyTypes only ingress is isolated', [{ podSelector: {} }], [true, false, []]],
  ['an empty list of policyTypes counts as missing', [{ podSelector: {}, policyTypes: [] }], [true, false, []]],
  [
    'without policyTypes an egress rule isolates egress, too',
    [{ podSelector: {}, egress: [{}] }],
    [true, true, ['egress to anywhere on all ports']],
  ],
  ['without policyTypes an empty list of egress rules does not', [{ podSelector: {}, egress: [] }], [true, false, []]],
  ['policyTypes Egress alone leaves ingress open', [{ podSelector: {}, policyTypes: ['Egress'] }], [false, true, []]],
  [
    'rules of a direction that policyTypes leaves out mean nothing',
    [{ podSelector: {}, policyTypes: ['Egress'], ingress: [{}] }],
    [false, true, []],
  ],
  ['a missing podSelector selects every pod', [{ policyTypes: ['Ingress'] }], [true, false, []]],
  [
    'a policy of other pods does nothing',
    [{ podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress', 'Egress'] }],
    [false, false, []],
  ],
  [
    'all labels of a selector must match',
    [{ podSelector: { matchLabels: { app: 'checkout', tier: 'web' } } }],
    [false, false, []],
  ],
  [
    'In selects',
    [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'checkout'] }] } }],
    [true, false, []],
  ],
  [
    'NotIn selects a pod without the label',
    [{ podSelector: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] } }],
    [true, false, []],
  ],
  [
    'NotIn does not select a listed value',
    [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['checkout'] }] } }],
    [false, false, []],
  ],
  ['Exists selects', [{ podSelector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] } }], [true, false, []]],
  [
    'DoesNotExist does not select a pod with the label',
    [{ podSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } }],
    [false, false, []],
  ],
  [
    'a selector for a name every object inherits selects nothing',
    [{ podSelector: { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] } }],
    [false, false, []],
  ],
  [
    'a rule without peers and ports allows everything',
    [{ podSelector: {}, ingress: [{}] }],
    [true, false, ['ingress from anywhere on all ports']],
  ],
  [
    'empty lists of peers and ports do, too',
    [{ podSelector: {}, ingress: [{ from: [], ports: [] }] }],
    [true, false, ['ingress from anywhere on all ports']],
  ],
  [
    'a network with exceptions is still an allow',
    [
      {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '169.254.0.0/16'] } }] }],
      },
    ],
    [false, true, ['egress to 0.0.0.0/0 except 10.0.0.0/8 and 169.254.0.0/16 on all ports']],
  ],
  [
    'peers and ports are told',
    [
      {
        podSelector: {},
        ingress: [
          {
            from: [
              { namespaceSelector: { matchLabels: { name: 'web' } } },
              { podSelector: { matchLabels: { app: 'probe' } } },
              { namespaceSelector: {}, podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } },
            ],
            ports: [
              { port: 8080 },
              { protocol: 'UDP', port: 1000, endPort: 2000 },
              { protocol: 'SCTP' },
              { port: 'http' },
            ],
          },
        ],
      },
    ],
    [
      true,
      false,
      [
        'ingress from all pods of namespaces with name=web, pods with app=probe, pods with a Exists of all namespaces on TCP 8080, UDP 1000-2000, every SCTP port, TCP http',
      ],
    ],
  ],
  [
    'a policy cannot take away what another allows',
    [
      { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      {
        podSelector: { matchLabels: { app: 'checkout' } },
        egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }],
      },
    ],
    [true, true, ['egress to 203.0.113.0/24 on all ports']],
  ],
];

describe('the union of network policies', () => {
  it.each(TABLE)('%s', (_, specs, [isolatedIngress, isolatedEgress, allows]) => {
    const isolation = isolationOf(
      POD,
      specs.map((spec, index) => policy(`p${index}`, spec)),
    );
    expect({
      ...isolation,
      remainingAllows: isolation.remainingAllows.map(({ direction, description }) => `${direction} ${description}`),
    }).toEqual({ isolatedIngress, isolatedEgress, remainingAllows: allows });
  });

  it('names the policy that still allows something', () => {
    const { remainingAllows } = isolationOf(POD, [denyAll, policy('leak', { podSelector: {}, egress: [{}] })]);
    expect(remainingAllows.map(({ policy: name }) => name)).toEqual(['leak']);
  });

  it('denies everything only when both directions are isolated and nothing is allowed', () => {
    expect(deniesEverything(isolationOf(POD, [denyAll]))).toBe(true);
    expect(deniesEverything(isolationOf(POD, [policy('p', { podSelector: {} })]))).toBe(false);
    expect(deniesEverything(isolationOf(POD, [denyAll, policy('leak', { podSelector: {}, ingress: [{}] })]))).toBe(
      false,
    );
  });

  const specs = fc.record(
    {
      podSelector: fc.constantFrom({}, { matchLabels: { app: 'checkout' } }, { matchLabels: { app: 'web' } }),
      policyTypes: fc.subarray(['Ingress', 'Egress']),
      ingress: fc.constantFrom([], [{}], [{ from: [{ podSelector: {} }] }]),
      egress: fc.constantFrom([], [{}], [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }]),
    },
    { requiredKeys: [] },
  );

  it('never isolates less and never allows less with one policy more - policies only add', () => {
    fc.assert(
      fc.property(fc.array(specs, { maxLength: 5 }), specs, (some, more) => {
        const before = isolationOf(
          POD,
          some.map((spec, index) => policy(`p${index}`, spec)),
        );
        const after = isolationOf(
          POD,
          [...some, more].map((spec, index) => policy(`p${index}`, spec)),
        );
        expect(Number(after.isolatedIngress)).toBeGreaterThanOrEqual(Number(before.isolatedIngress));
        expect(Number(after.isolatedEgress)).toBeGreaterThanOrEqual(Number(before.isolatedEgress));
        expect(after.remainingAllows.length).toBeGreaterThanOrEqual(before.remainingAllows.length);
      }),
    );
  });
});
