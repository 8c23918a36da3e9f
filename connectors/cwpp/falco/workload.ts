import { present } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { controllerNameOf, type Workload } from '../../../domain/workload.ts';
import type { Fields } from './fields.ts';
import type { FalcoEvent } from './schema.ts';

/** Stands where the sender was not told to name its cluster. No cluster of a configuration is called so, hence no action. */
export const UNKNOWN_CLUSTER = 'unknown';

const NO_CLUSTER =
  'the event names a pod and no cluster; add customfields: cluster: <name> to the configuration of falcosidekick';

export interface WorkloadReading {
  readonly workload: Workload;
  readonly notes: readonly string[];
}

/** What the event is about; undefined when it names nothing that could be protected. */
export function workloadOf(event: FalcoEvent, fields: Fields): WorkloadReading | undefined {
  const account = short(fields.text('aws.account', 'account.id', 'account'));
  // An audit event is made where the audit log is read, not on the node of the pod it tells of.
  const audited = fields.text('ka.target.resource') !== undefined;
  const here = event.hostname || fields.text('evt.hostname');
  const host = short(fields.text('k8s.node.name') ?? (audited ? undefined : here));
  const pod = podOf(fields);
  const container = containerOf(fields);
  if (pod !== undefined) {
    const cluster = clusterOf(fields);
    const workload: Workload = present({
      kind: 'pod',
      account,
      cluster: cluster ?? UNKNOWN_CLUSTER,
      ...pod,
      controller: controllerNameOf(pod.pod),
      ...container,
      host,
    });
    return { workload, notes: cluster === undefined ? [NO_CLUSTER] : [] };
  }
  const name = container?.container ?? container?.containerId;
  if (container !== undefined && name !== undefined) {
    const workload: Workload = present({
      kind: 'container',
      account,
      ...container,
      container: name,
      host: host ?? 'unknown',
    });
    return { workload, notes: [] };
  }
  const object = objectOf(fields);
  if (object !== undefined) return { workload: present({ ...object, account }), notes: [] };
  return host === undefined ? undefined : { workload: present({ kind: 'host', account, host }), notes: [] };
}

/** A pod by its metadata, or as the target of a call of the Kubernetes API. */
function podOf(fields: Fields): { readonly namespace: string; readonly pod: string } | undefined {
  const named = pair(fields.text('k8s.ns.name'), fields.text('k8s.pod.name'));
  if (named !== undefined) return named;
  if (fields.text('ka.target.resource')?.toLowerCase() !== 'pods') return undefined;
  return pair(fields.text('ka.target.namespace'), fields.text('ka.target.name', 'ka.resp.name'));
}

/** Another object of the Kubernetes API that somebody called; all objects of its kind where the call names none. */
function objectOf(fields: Fields) {
  const resource = fields.text('ka.target.resource');
  if (resource === undefined) return undefined;
  const parts = [fields.text('ka.target.namespace'), fields.text('ka.target.name', 'ka.resp.name')];
  const name = parts.filter((part) => part !== undefined).join('/') || 'all';
  const cluster = clusterOf(fields) ?? UNKNOWN_CLUSTER;
  return {
    kind: 'resource' as const,
    resourceType: capped(`Kubernetes ${resource}`, SHORT_TEXT_CAP),
    name: capped(name, SHORT_TEXT_CAP),
    uid: capped(`${cluster}/${resource}/${name}`, SHORT_TEXT_CAP),
  };
}

/** Falco does not know its cluster: it is a custom field of falcosidekick. */
function clusterOf(fields: Fields): string | undefined {
  return short(fields.text('cluster', 'cluster.name', 'k8s.cluster.name', 'clustername'));
}

function pair(namespace: string | undefined, pod: string | undefined) {
  return namespace === undefined || pod === undefined
    ? undefined
    : { namespace: capped(namespace, SHORT_TEXT_CAP), pod: capped(pod, SHORT_TEXT_CAP) };
}

/** Falco says `host` where a process ran in no container. */
function containerOf(fields: Fields) {
  const id = fields.text('container.full_id', 'container.id');
  const name = fields.text('k8s.container.name', 'container.name');
  if (id === undefined || id === 'host' || name === 'host') return undefined;
  return {
    container: short(name),
    containerId: short(id),
    image: short(imageOf(fields)),
    imageDigest: digestOf(fields),
  };
}

function imageOf(fields: Fields): string | undefined {
  const repository = fields.text('container.image.repository');
  const tag = fields.text('container.image.tag');
  if (repository === undefined) return fields.text('container.image');
  return tag === undefined ? (fields.text('container.image') ?? repository) : `${repository}:${tag}`;
}

function digestOf(fields: Fields): string | undefined {
  return /sha256:[0-9a-f]{64}/.exec(fields.text('container.image.digest') ?? '')?.[0];
}

export function isInContainer(workload: Workload): boolean {
  return workload.kind === 'pod' || workload.kind === 'container';
}

function short(text: string | undefined): string | undefined {
  return text === undefined ? undefined : capped(text, SHORT_TEXT_CAP);
}
