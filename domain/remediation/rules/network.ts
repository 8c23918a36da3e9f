import { claim, entitiesIn, enumerate, factsOf, type Piece, quote } from '../../analysis/rules/facts.ts';
import { type Context, type Draft, guide, type Outcome, urgencyOf } from '../context.ts';
import type { Step } from '../guidance.ts';
import { type Management, managementOf } from '../management.ts';
import { fixed, Joined, object, pairs, type Tree } from '../patch/tree.ts';
import { type Slot, Unrepresentable } from '../slots.ts';
import { command, hint, yamlPatch } from '../steps.ts';

const PRIVATE =
  /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[789]\d|1[01]\d|12[0-7])\.|0\.|f[cd]|fe80|::1$)/i;
const MAX_PEERS = 20;

/** Addresses outside that the workload reached, except on ports it is known to use. */
function peersOf({ investigation: { pack } }: Context): Piece<'connection'>[] {
  const learned = new Set(factsOf(pack, 'learned-behaviour').flatMap(({ fact }) => fact.outboundPorts));
  const bad = new Set(
    factsOf(pack, 'threat-intel')
      .filter(({ fact }) => fact.answers.some(({ verdict }) => verdict === 'malicious'))
      .map(({ fact }) => fact.indicator),
  );
  const seen = factsOf(pack, 'connection').filter(
    ({ fact }) =>
      fact.direction === 'outbound' &&
      !PRIVATE.test(fact.destinationIp) &&
      (bad.has(fact.destinationIp) || !learned.has(fact.destinationPort)),
  );
  return seen.filter(
    ({ fact }, index) => seen.findIndex((other) => other.fact.destinationIp === fact.destinationIp) === index,
  );
}

/** A NetworkPolicy that lets the pods reach everything but the addresses that were seen. */
export function denyEgress(context: Context): Outcome[] {
  const { affected, pack } = context.investigation;
  const peers = peersOf(context).slice(0, MAX_PEERS);
  const [pod] = affected;
  if (!context.underAttack || peers.length === 0 || pod === undefined) return [];
  return [
    guide(context, 'deny-egress', pod.entity, () => {
      const { slots } = context;
      const namespace = slots.take('namespace', pod.piece.fact.namespace);
      const addresses = peers.map(({ fact }) => slots.take('ip', fact.destinationIp));
      const names = [...new Set(factsOf(pack, 'dns-query').map(({ fact }) => quote(fact.domain, 120)))].slice(0, 5);
      return {
        title: `Cut the pods of ${quote(pod.piece.fact.namespace)}/${pack.workload.kind === 'pod' ? quote(pack.workload.controller, 120) : 'the workload'} off from the addresses that were seen`,
        why: [
          claim(
            'observed',
            `The workload reached ${enumerate(peers.slice(0, 5).map(({ fact }) => `${quote(fact.destinationIp, 60)} port ${fact.destinationPort}`))}${peers.length > 5 ? ` and ${peers.length - 5} more` : ''}.`,
            peers.map(({ item }) => item),
          ),
        ],
        steps: [
          yamlPatch(
            'kubernetes-manifest',
            'Deny these addresses to every replica',
            `a file parapet-deny-egress.yaml${gitOps(context)}`,
            policy(context, namespace, addresses, pod.piece),
          ),
          command(slots, 'Try it: the API server checks the policy and keeps nothing', [
            'kubectl',
            'apply',
            '-f',
            'parapet-deny-egress.yaml',
            '--dry-run=server',
          ]),
          command(slots, 'Bring it in', ['kubectl', 'apply', '-f', 'parapet-deny-egress.yaml']),
          command(slots, 'See which policies select the pods: what another one allows stays allowed', [
            'kubectl',
            'get',
            'networkpolicies',
            '-n',
            namespace,
            '-o',
            'yaml',
          ]),
          hint(
            'A cluster whose network plug-in enforces no policies accepts this one all the same, and connections that are open may live on. An intruder changes addresses: a list of what the service needs, and nothing else, is the lasting form.',
          ),
          ...(names.length === 0
            ? []
            : [
                hint(
                  'A NetworkPolicy cannot name domains: those of the evidence must be denied by the DNS resolver or a proxy.',
                ),
              ]),
        ],
        urgency: urgencyOf(context),
      };
    }),
  ];
}

function management({ investigation: { pack } }: Context): Management {
  const [controller] = factsOf(pack, 'controller').filter(({ fact }) => fact.managedBy !== undefined);
  return managementOf(controller?.fact ?? {});
}

function gitOps(context: Context): string {
  const { by, tool } = management(context);
  return by === 'gitops'
    ? `, and in the Git repository that ${tool} deploys from`
    : ', and wherever the manifests are kept';
}

/** Labels that say which build or replica it is select too little; those that say what it is select the workload. */
const TELLING = ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app', 'k8s-app', 'name', 'component'];
const GENERATED =
  /^(?:pod-template-hash|pod-template-generation|controller-revision-hash|controller-uid|job-name|batch\.kubernetes\.io\/|statefulset\.kubernetes\.io\/|apps\.kubernetes\.io\/)/;

function selector({ slots }: Context, { fact }: Piece<'pod'>): Tree {
  const all = Object.entries(fact.labels).filter(([key]) => !GENERATED.test(key));
  const telling = all.filter(([key]) => TELLING.includes(key));
  const chosen = (telling.length > 0 ? telling : all).slice(0, 4).sort(([a], [b]) => (a < b ? -1 : 1));
  // Without labels a policy would select every pod of the namespace.
  if (chosen.length === 0) throw new Unrepresentable('the pod carries no label that a policy could select it by');
  return pairs(chosen.map(([key, value]) => [slots.take('label-key', key), slots.take('label-value', value)] as const));
}

function policy(context: Context, namespace: Slot, addresses: readonly Slot[], pod: Piece<'pod'>): Tree {
  const six = addresses.filter(({ text }) => text.includes(':'));
  const four = addresses.filter(({ text }) => !text.includes(':'));
  const block = (cidr: string, except: readonly Joined[]): Tree =>
    object({
      ipBlock: object({ cidr: fixed(cidr), ...(except.length === 0 ? {} : { except }) }),
    });
  return object({
    apiVersion: fixed('networking.k8s.io/v1'),
    kind: fixed('NetworkPolicy'),
    metadata: object({ name: fixed('parapet-deny-egress'), namespace }),
    spec: object({
      podSelector: object({ matchLabels: selector(context, pod) }),
      policyTypes: [fixed('Egress')],
      egress: [
        // Some plug-ins do not match pods of the cluster by address block: they are allowed by themselves.
        object({ to: [object({ namespaceSelector: object({}) })] }),
        object({
          to: [
            block(
              '0.0.0.0/0',
              four.map((address) => new Joined(address, '/32')),
            ),
            block(
              '::/0',
              six.map((address) => new Joined(address, '/128')),
            ),
          ],
        }),
      ],
    }),
  });
}

/** A Service that is open to the outside, in front of a workload that is under attack or wrongly configured. */
export function closeService(context: Context): Outcome[] {
  const { pack, affected } = context.investigation;
  const pods = affected.flatMap(({ entity }) => entity?.id ?? []);
  const open = factsOf(pack, 'service').filter(
    ({ fact, item }) => fact.exposed && (pods.length === 0 || item.entities.some((id) => pods.includes(id))),
  );
  return open
    .slice(0, 3)
    .map((one) =>
      guide(context, 'close-service', entitiesIn(pack, one.item, 'service')[0], () => serviceDraft(context, one)),
    );
}

function serviceDraft(context: Context, { fact, item }: Piece<'service'>): Draft {
  const { slots } = context;
  const namespace = slots.take('namespace', fact.namespace);
  const name = slots.take('service', fact.name);
  const ports = fact.ports.slice(0, 5).map(String);
  return {
    title: `Make Service ${namespace.text}/${name.text} reachable only from within the cluster`,
    why: [
      claim(
        'observed',
        `Service ${namespace.text}/${name.text} is of type ${quote(fact.type, 40)} and open to the outside${ports.length === 0 ? '' : ` on ports ${enumerate(ports)}`}.`,
        [item],
      ),
    ],
    steps: serviceSteps(context, namespace, name),
    urgency: urgencyOf(context),
  };
}

const SERVICE_PURPOSE =
  'Make it a Service of the cluster; who must come from outside comes through an Ingress with authentication, or by loadBalancerSourceRanges';

function serviceSteps(context: Context, namespace: Slot, name: Slot): Step[] {
  const { slots } = context;
  const { by, tool } = management(context);
  const manifest = (where: string): Step =>
    yamlPatch(
      'kubernetes-manifest',
      SERVICE_PURPOSE,
      where,
      object({
        apiVersion: fixed('v1'),
        kind: fixed('Service'),
        metadata: object({ name, namespace }),
        spec: object({ type: fixed('ClusterIP') }),
      }),
    );
  const apply = (purpose: string, emergency: boolean): Step =>
    command(
      slots,
      purpose,
      ['kubectl', 'patch', 'service', name, '-n', namespace, '--patch-file', 'parapet-service.yaml'],
      { emergency },
    );
  switch (by) {
    case 'helm':
      return [
        yamlPatch(
          'helm-values',
          SERVICE_PURPOSE,
          'the values of the release; the names are those of the usual chart, compare them with yours',
          object({ service: object({ type: fixed('ClusterIP') }) }),
        ),
        manifest('a file parapet-service.yaml, for an emergency'),
        apply(`Only to win time: ${tool} will put its own state back`, true),
      ];
    case 'gitops':
      return [
        manifest(`the manifest in the Git repository that ${tool} deploys from; also as parapet-service.yaml`),
        apply(`Only to win time: ${tool} will put its own state back`, true),
      ];
    case 'nobody':
      return [
        manifest('a file parapet-service.yaml, and wherever the manifest is kept'),
        apply('Bring it in; its users outside lose it at once', false),
      ];
  }
}
