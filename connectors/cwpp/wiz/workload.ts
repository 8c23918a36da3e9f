import { present } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { controllerNameOf, type Workload } from '../../../domain/workload.ts';
import type { Resource, SeenContainer } from './alert.ts';
import { type KubernetesPath, parseKubernetesPath } from './kubernetes-path.ts';

export interface WorkloadReading {
  readonly workload: Workload;
  /** The resource the workload was read from. */
  readonly resource: Resource;
  readonly notes: readonly string[];
}

const CONTROLLERS = new Set(['deployment', 'replicaset', 'statefulset', 'daemonset', 'job', 'cronjob']);
const DIGEST = /sha256:[0-9a-f]{64}/;
const INSTANCE = /\bi-[0-9a-f]{8,17}\b/;
const AWS = /^(?:aws|eks)$/i;

/** What the alert is about: the nearest thing that runs, else the first resource; undefined when it names none. */
export function workloadOf(
  resources: readonly Resource[],
  container: SeenContainer | undefined,
): WorkloadReading | undefined {
  const named = resources.filter(({ name, externalId, providerId }) => name ?? externalId ?? providerId).map(short);
  const [nearest] = named
    .map((resource, index) => ({ resource, index, rank: rankOf(resource) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index);
  if (nearest === undefined) return undefined;
  return read(nearest.resource, named, container);
}

/** Names end up in keys and items of tables, which have limits. */
function short(resource: Resource): Resource {
  // Hardly ever, and copying every resource is a tenth of an alert.
  if (Object.values(resource).every((value) => typeof value !== 'string' || value.length <= SHORT_TEXT_CAP))
    return resource;
  const entries = Object.entries(resource).map(([key, value]) => [
    key,
    typeof value === 'string' ? capped(value, SHORT_TEXT_CAP) : value,
  ]);
  return { ...resource, ...Object.fromEntries(entries) };
}

type Kind = 'container' | 'pod' | 'controller' | 'function' | 'host' | 'image' | 'other';
const RANKS: Readonly<Record<Kind, number>> = {
  container: 0,
  pod: 1,
  controller: 2,
  function: 3,
  host: 4,
  image: 5,
  other: 6,
};

function rankOf(resource: Resource): number {
  return RANKS[kindOf(resource)];
}

/** What the words of a type mean, once spaces and underscores are gone; the first that fits. */
const TYPE_WORDS: readonly (readonly [RegExp, Kind])[] = [
  [/^container$|containerinstance/, 'container'],
  [/^pod$/, 'pod'],
  [/^(?:deployment|replicaset|statefulset|daemonset|job|cronjob)$/, 'controller'],
  [/^serverless$|lambda|function/, 'function'],
  [/virtualmachine|ec2instance|computeinstance/, 'host'],
  [/^containerimage$/, 'image'],
];

/** Graph types (`VIRTUAL_MACHINE`), display names of them (`Virtual Machine`) and native types (`virtualMachine`) alike. */
export function kindOf(resource: Resource): Kind {
  const path = pathOf(resource);
  if (path) return kindOfPath(path.kind);
  for (const type of [resource.type, resource.nativeType]) {
    const word = type?.toLowerCase().replace(/[\s_]+/g, '') ?? '';
    const kind = TYPE_WORDS.find(([pattern]) => pattern.test(word))?.[1];
    if (kind) return kind;
  }
  return 'other';
}

function kindOfPath(kind: string): Kind {
  if (kind === 'container' || kind === 'pod') return kind;
  return CONTROLLERS.has(kind) ? 'controller' : 'other';
}

function pathOf({ externalId, providerId }: Resource): KubernetesPath | undefined {
  return parseKubernetesPath(externalId) ?? parseKubernetesPath(providerId);
}

function read(resource: Resource, all: readonly Resource[], container: SeenContainer | undefined): WorkloadReading {
  const account = accountOf(resource);
  const name = resource.name ?? resource.externalId ?? resource.providerId ?? 'unknown';
  const plain = (workload: Workload): WorkloadReading => ({ workload: present(workload), resource, notes: [] });
  switch (kindOf(resource)) {
    case 'container':
    case 'pod':
    case 'controller':
      return running(resource, all, container);
    case 'function':
      return plain({ kind: 'function', account, region: resource.region, name });
    case 'host':
      return plain({ kind: 'host', account, host: name, instanceId: instanceOf(resource) });
    case 'image':
      return plain({
        kind: 'image',
        account,
        image: name,
        imageDigest: DIGEST.exec(`${resource.externalId} ${resource.providerId}`)?.[0],
      });
    case 'other':
      return plain({
        kind: 'resource',
        account,
        region: resource.region,
        resourceType: resource.nativeType ?? resource.type ?? 'resource',
        name,
        uid: resource.providerId ?? resource.externalId ?? resource.id,
      });
  }
}

function running(resource: Resource, all: readonly Resource[], seen: SeenContainer | undefined): WorkloadReading {
  const kind = kindOf(resource);
  const account = accountOf(resource);
  const path = pathOf(resource);
  const pod = podOf(resource, path, all);
  const cluster = resource.clusterName ?? path?.cluster;
  const namespace = path?.namespace ?? resource.namespace;
  const container = kind === 'container' ? (path?.container ?? resource.name) : seen?.name;
  const image = seen?.image;
  const common = {
    account,
    image,
    imageDigest: DIGEST.exec(image ?? '')?.[0],
    containerId:
      containerIdOf(seen?.externalId) ?? (kind === 'container' ? containerIdOf(resource.externalId) : undefined),
  };
  if (cluster !== undefined && namespace !== undefined && pod !== undefined) {
    const controller = kind === 'controller' ? pod : controllerNameOf(pod);
    return {
      workload: present({
        kind: 'pod',
        ...common,
        cluster,
        namespace,
        pod,
        controller,
        container,
        host: resource.node,
      }),
      resource,
      notes: [
        ...(resource.clusterName === undefined
          ? ["the body names the cluster only by Wiz's own id; the recommended template sends its name"]
          : []),
        ...(kind === 'controller'
          ? ['the alert names a controller and no pod, so nothing in the cluster can be acted on']
          : []),
      ],
    };
  }
  const name = container ?? resource.name ?? resource.externalId ?? 'unknown';
  return {
    workload: present({
      kind: 'container',
      ...common,
      host: resource.node ?? hostBeside(all) ?? 'unknown',
      container: name,
    }),
    resource,
    notes: namespace === undefined ? [] : ['the alert names no pod, so it is kept as a container'],
  };
}

/** The pod of a container: its own path, or the only pod among the other resources. */
function podOf(resource: Resource, path: KubernetesPath | undefined, all: readonly Resource[]): string | undefined {
  if (path) return path.name;
  if (kindOf(resource) !== 'container') return resource.name;
  const pods = all.filter((other) => kindOf(other) === 'pod');
  const [only] = pods;
  return pods.length === 1 && only ? (pathOf(only)?.name ?? only.name) : undefined;
}

function hostBeside(all: readonly Resource[]): string | undefined {
  const hosts = all.filter((other) => kindOf(other) === 'host');
  return hosts.length === 1 ? (hosts[0]?.name ?? hosts[0]?.externalId) : undefined;
}

const CONTAINER_ID = /^(?:[a-z-]+:\/\/)?([0-9a-f]{64})$/;

/** Runtime ids only; a path is a name, not an id. */
function containerIdOf(id: string | undefined): string | undefined {
  return CONTAINER_ID.exec(id ?? '')?.[1];
}

function instanceOf({ externalId, providerId }: Resource): string | undefined {
  return INSTANCE.exec(externalId ?? '')?.[0] ?? INSTANCE.exec(providerId ?? '')?.[0];
}

/** Some pipelines make a number of an AWS account, which then loses its leading zeros. */
export function accountOf({ account, platform, providerId }: Resource): string | undefined {
  if (account === undefined) return undefined;
  const isAws = AWS.test(platform ?? '') || providerId?.startsWith('arn:aws') === true;
  return isAws && /^\d{1,12}$/.test(account) ? account.padStart(12, '0') : account;
}
