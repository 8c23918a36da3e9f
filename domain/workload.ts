import * as z from 'zod';
import { sha256Hex } from './json/canonical.ts';

/** What is protected: a pod with its controller, a container outside Kubernetes, a host, a function, an image at rest, or another resource of a cloud. */
export const workloadSchema = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('pod'),
      account: z.string().optional(),
      cluster: z.string(),
      namespace: z.string(),
      /** Pod name; one incident may hold several pods of one controller. */
      pod: z.string(),
      /** Controller name derived from the pod name (see `controllerNameOf`); the pod name itself for a bare pod. */
      controller: z.string(),
      container: z.string().optional(),
      containerId: z.string().optional(),
      image: z.string().optional(),
      imageDigest: z.string().optional(),
      host: z.string().optional(),
    }),
    z.object({
      kind: z.literal('container'),
      account: z.string().optional(),
      host: z.string(),
      container: z.string(),
      containerId: z.string().optional(),
      image: z.string().optional(),
      imageDigest: z.string().optional(),
    }),
    z.object({
      kind: z.literal('host'),
      account: z.string().optional(),
      host: z.string(),
      instanceId: z.string().optional(),
    }),
    z.object({
      kind: z.literal('function'),
      account: z.string().optional(),
      region: z.string().optional(),
      name: z.string(),
    }),
    z.object({
      kind: z.literal('image'),
      account: z.string().optional(),
      image: z.string(),
      imageDigest: z.string().optional(),
    }),
    /** Anything else of a cloud that an alert can be about: a bucket, a load balancer, a role. */
    z.object({
      kind: z.literal('resource'),
      account: z.string().optional(),
      region: z.string().optional(),
      /** As the vendor calls its type. */
      resourceType: z.string(),
      name: z.string(),
      /** ARN or the vendor's id. */
      uid: z.string().optional(),
    }),
  ]),
);
export type Workload = z.infer<typeof workloadSchema>;

/**
 * The identity findings are clustered by. Two replicas of one controller share it (one incident, two pods in it);
 * the same name in another cluster, namespace or account does not.
 */
export function workloadKey(workload: Workload): string {
  const account = workload.account ?? '-';
  switch (workload.kind) {
    case 'pod':
      return join('pod', account, workload.cluster, workload.namespace, workload.controller);
    case 'container':
      return join('container', account, workload.host, workload.container);
    case 'host':
      return join('host', account, workload.instanceId ?? workload.host);
    case 'function':
      return join('function', account, workload.region ?? '-', workload.name);
    case 'image':
      return join('image', account, workload.imageDigest ?? workload.image);
    case 'resource':
      return join('resource', account, workload.resourceType, workload.uid ?? workload.name);
  }
}

/** Parts are percent-encoded so that a hostile name containing the separator cannot pose as another workload. */
function join(...parts: readonly string[]): string {
  const key = parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/');
  // DynamoDB allows 2,048 bytes of partition key; a longer one keeps its readable head and ends in a digest.
  return key.length <= 512 ? key : `${key.slice(0, 440)}~${sha256Hex(key)}`;
}

/** A short name for people: `payments/checkout in prod-eks`. */
export function workloadLabel(workload: Workload): string {
  switch (workload.kind) {
    case 'pod':
      return `${workload.namespace}/${workload.controller} in ${workload.cluster}`;
    case 'container':
      return `container ${workload.container} on ${workload.host}`;
    case 'host':
      return `host ${workload.host}`;
    case 'function':
      return `function ${workload.name}`;
    case 'image':
      return `image ${workload.image}`;
    case 'resource':
      return `${workload.resourceType} ${workload.name}`;
  }
}

// Kubernetes generates suffixes from this alphabet only (apimachinery util/rand: no vowels, no 0, 1 and 3), which makes
// them recognisable without guessing.
const GENERATED = '[bcdfghjklmnpqrstvwxz2456789]';
const DEPLOYMENT_POD = new RegExp(`^(.+)-${GENERATED}{6,10}-${GENERATED}{5}$`);
const GENERATED_POD = new RegExp(`^(.+)-${GENERATED}{5}$`);
const STATEFUL_POD = /^(.+)-\d+$/;

/**
 * The controller's name as far as the pod's name tells: `checkout-6d9f7c5b8d-x2x9q` belongs to `checkout`.
 * Only used to group alerts; the true owner chain is read from the API server when evidence is gathered.
 */
export function controllerNameOf(pod: string): string {
  return DEPLOYMENT_POD.exec(pod)?.[1] ?? GENERATED_POD.exec(pod)?.[1] ?? STATEFUL_POD.exec(pod)?.[1] ?? pod;
}

/** Parts of a kubelet-made container name, `/k8s_<container>_<pod>_<namespace>_<attempt or uid_attempt>`; undefined for any other. */
export function parseKubeletContainerName(
  name: string,
): { readonly container: string; readonly pod: string; readonly namespace: string } | undefined {
  const parts = name.replace(/^\//, '').split('_');
  const [marker, container, pod, namespace] = parts;
  if (marker !== 'k8s' || !container || !pod || !namespace) return undefined;
  return { container, pod, namespace };
}
