import type { RecommendedAction } from '../analysis.ts';
import type { Call } from './calls.ts';
import type { Verb } from './verbs.ts';

/** What somebody could do something to, in the words people use for it. `other` stands for all an action is never aimed at. */
const THINGS = [
  ['pod', ['pod', 'pods']],
  ['container', ['container', 'containers', 'sidecar', 'sidecars', 'sandbox']],
  [
    'workload',
    [
      ...[
        'deployment',
        'deployments',
        'statefulset',
        'statefulsets',
        'daemonset',
        'daemonsets',
        'replicaset',
        'replicasets',
      ],
      ...[
        'workload',
        'workloads',
        'controller',
        'controllers',
        'job',
        'jobs',
        'cronjob',
        'cronjobs',
        'replica',
        'replicas',
      ],
      ...['application', 'applications', 'app', 'apps', 'microservice', 'microservices'],
    ],
  ],
  ['rollout', ['rollout', 'rollouts', 'release', 'releases', 'revision', 'revisions', 'change']],
  ['image', ['image', 'images']],
  ['package', ['package', 'packages', 'library', 'libraries', 'dependency', 'dependencies']],
  ['node', ['node', 'nodes']],
  [
    'instance',
    [
      ...['instance', 'instances', 'host', 'hosts', 'machine', 'machines', 'server', 'servers', 'vm', 'vms'],
      ...['computer', 'computers'],
    ],
  ],
  ['volume', ['volume', 'volumes', 'disk', 'disks']],
  ['binding', ['binding', 'bindings', 'rolebinding', 'rolebindings', 'clusterrolebinding', 'clusterrolebindings']],
  ['role', ['role', 'roles', 'clusterrole', 'clusterroles']],
  [
    'principal',
    [
      ...['account', 'accounts', 'serviceaccount', 'serviceaccounts', 'user', 'users', 'identity', 'identities'],
      ...['principal', 'principals'],
    ],
  ],
  [
    'credential',
    [
      ...['credential', 'credentials', 'token', 'tokens', 'key', 'keys', 'password', 'passwords', 'secret', 'secrets'],
      ...['certificate', 'certificates'],
    ],
  ],
  ['session', ['session', 'sessions']],
  ['entry', ['entry', 'entries']],
  [
    'other',
    [
      ...['namespace', 'namespaces', 'cluster', 'clusters', 'service', 'services', 'ingress', 'ingresses', 'gateway'],
      ...[
        'database',
        'databases',
        'bucket',
        'buckets',
        'table',
        'tables',
        'queue',
        'queues',
        'data',
        'backup',
        'backups',
      ],
      ...[
        'snapshot',
        'snapshots',
        'policy',
        'policies',
        'rule',
        'rules',
        'webhook',
        'webhooks',
        'alert',
        'alerts',
        'log',
      ],
      ...['logs', 'logging', 'agent', 'agents', 'sensor', 'sensors', 'defender', 'defenders', 'firewall', 'firewalls'],
      ...[
        'vpc',
        'subnet',
        'subnets',
        'network',
        'networks',
        'group',
        'groups',
        'repository',
        'repositories',
        'registry',
      ],
      ...[
        'configmap',
        'configmaps',
        'environment',
        'environments',
        'system',
        'systems',
        'project',
        'projects',
        'stack',
      ],
      ...[
        'stacks',
        'resource',
        'resources',
        'everything',
        'production',
        'organization',
        'organisation',
        'domain',
        'zone',
      ],
      ...[
        'function',
        'functions',
        'pipeline',
        'pipelines',
        'incident',
        'incidents',
        'evidence',
        'quarantine',
        'crd',
        'crds',
      ],
    ],
  ],
] as const;
export type Thing = (typeof THINGS)[number][0];

const BY_WORD: ReadonlyMap<string, Thing> = new Map(
  THINGS.flatMap(([thing, words]) => words.map((word): [string, Thing] => [word, thing])),
);

/** Every word for a thing, for the property test. */
export const THING_WORDS: readonly (readonly [word: string, thing: Thing])[] = [...BY_WORD];

interface Allowed {
  readonly verbs: readonly Verb[];
  /** What the verb may be followed by; a word for anything else makes it another call. */
  readonly things: readonly Thing[];
  /** Whether the target's own name will do for a word. */
  readonly byName: boolean;
  /** What the part must say too, so that it is this action and not one like it. */
  readonly says?: RegExp;
}

/** How a person is asked for each action of the catalogue. */
export const ASKED_FOR: Readonly<Record<RecommendedAction['action'], Allowed>> = {
  'kubernetes.annotate': { verbs: [], things: ['pod'], byName: false },
  'kubernetes.cordon-node': { verbs: ['cordon'], things: ['node'], byName: true },
  'kubernetes.quarantine-pod': { verbs: ['quarantine', 'isolate', 'contain'], things: ['pod'], byName: true },
  'kubernetes.scale-to-zero': {
    verbs: ['scale'],
    things: ['workload'],
    byName: true,
    says: /\bto (?:zero|0|no replicas?)\b/,
  },
  'kubernetes.delete-pod': { verbs: ['delete', 'remove'], things: ['pod'], byName: true },
  'kubernetes.rollout-undo': { verbs: ['undo', 'revert', 'roll'], things: ['workload', 'rollout'], byName: true },
  'kubernetes.remove-role-binding': { verbs: ['remove', 'delete', 'unbind'], things: ['binding'], byName: true },
  'aws.tag-resource': { verbs: [], things: [], byName: false },
  'aws.snapshot-volumes': { verbs: [], things: ['volume'], byName: false },
  'aws.isolate-instance': { verbs: ['isolate', 'quarantine', 'contain'], things: ['instance'], byName: true },
  'aws.revoke-role-sessions': { verbs: ['revoke', 'invalidate'], things: ['session'], byName: false },
  'aws.deny-all': { verbs: [], things: [], byName: false },
  'aws.deactivate-access-key': { verbs: ['deactivate', 'disable'], things: ['credential'], byName: true },
  'aws.remove-eks-access-entry': { verbs: ['remove', 'delete'], things: ['entry'], byName: true },
  'prisma-cloud-compute.acknowledge-incident': { verbs: [], things: [], byName: false },
  'prisma-cloud.snooze-alert': { verbs: [], things: [], byName: false },
  'prisma-cloud.dismiss-alert': { verbs: [], things: [], byName: false },
  'wiz.acknowledge-issue': { verbs: [], things: [], byName: false },
  'wiz.comment-issue': { verbs: [], things: [], byName: false },
  'wiz.resolve-issue': { verbs: [], things: [], byName: false },
  'wiz.forensics-copy': { verbs: [], things: [], byName: false },
  'lacework.comment-alert': { verbs: [], things: [], byName: false },
  'lacework.close-alert': { verbs: [], things: [], byName: false },
  'advice.update-image': {
    verbs: ['update', 'upgrade', 'patch', 'rebuild', 'redeploy'],
    things: ['image', 'package', 'workload', 'container'],
    byName: true,
    says: /\bimages?\b/,
  },
  'advice.rotate-credentials': {
    verbs: ['rotate', 'revoke', 'renew', 'invalidate', 'replace'],
    things: ['credential'],
    byName: false,
  },
  'advice.investigate': { verbs: [], things: [], byName: false },
};

/** Two words that are one thing. */
const COMPOUNDS: readonly (readonly [RegExp, string])[] = [
  [/\bcluster[ -]?role[ -]?bindings?\b/g, 'clusterrolebinding'],
  [/\brole[ -]?bindings?\b/g, 'rolebinding'],
  [/\bcluster[ -]?roles?\b/g, 'clusterrole'],
  [/\bservice[ -]accounts?\b/g, 'serviceaccount'],
];

/** The verb's object as a reader takes it: several things where several are named, each by the last of its words. */
export function thingsIn(object: string): { readonly things: readonly Thing[]; readonly words: readonly string[] } {
  const plain = COMPOUNDS.reduce((text, [two, one]) => text.replace(two, one), object);
  const things: Thing[] = [];
  const words: string[] = [];
  for (const phrase of plain.split(/[,/&+]|\b(?:and|or|plus|including|along|together|besides|with|as well as)\b/)) {
    const tokens = phrase.split(/[^\p{L}\p{N}._:@-]+/u).filter((token) => token !== '' && token !== 's');
    words.push(...tokens);
    for (const [index, token] of tokens.entries()) {
      const thing = thingOf(token);
      const next = tokens[index + 1];
      // `the deployment's pod`, `the container image`: what only tells which one.
      if (thing !== undefined && (next === undefined || thingOf(next) === undefined)) things.push(thing);
    }
  }
  return { things, words };
}

function thingOf(token: string): Thing | undefined {
  return BY_WORD.get(token.replace(/^[._:@-]+|[._:@-]+$/g, ''));
}

/**
 * Whether an action is what a call asks for: by its verb, and by what it is done to. The object must name the kind of thing the
 * action is for, or its target; and it may name nothing else.
 * @param names of the target, in lower case
 */
export function isMeant(call: Call, action: RecommendedAction['action'], names: readonly string[]): boolean {
  const { verbs, things: allowed, byName, says } = ASKED_FOR[action];
  if (!verbs.includes(call.verb) || (says !== undefined && !says.test(call.part))) return false;
  const { things, words } = thingsIn(call.object);
  const isNamed = byName && words.some((word) => names.includes(word));
  if (action === 'kubernetes.remove-role-binding' && takesOut(call, things)) return true;
  const known: readonly Thing[] = allowed;
  return things.every((thing) => known.includes(thing)) && (things.length > 0 || isNamed);
}

/** `Remove the service account from the binding`: what the action does, said from the other side. */
function takesOut({ part }: Call, things: readonly Thing[]): boolean {
  return (
    things.length > 0 &&
    things.every((thing) => thing === 'principal') &&
    /\bfrom\b[^,;]{0,60}\b(?:role-?)?bindings?\b/.test(part)
  );
}
