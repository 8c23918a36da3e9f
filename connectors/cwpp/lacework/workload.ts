import { present } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { controllerNameOf, type Workload } from '../../../domain/workload.ts';
import type { LaceworkAlert } from './alert.ts';
import type { EntityMap } from './entity-map.ts';

export interface WorkloadReading {
  readonly workload: Workload;
  readonly notes: readonly string[];
}

const AWS_ACCOUNT = /^\d{12}$/;
const IMAGE_DIGEST = /^sha256:[0-9a-f]{64}$/;
const INSTANCE_ID = /^i-[0-9a-f]{8,17}$/;

function cap(value: string | undefined): string | undefined {
  return value ? capped(value, SHORT_TEXT_CAP) : undefined;
}

/** The only one of a list; with several nobody can say which one is meant. */
export function onlyOne(values: readonly string[]): string | undefined {
  return values.length === 1 ? cap(values[0]) : undefined;
}

/**
 * The customer's account: the recommendation's, the user's, that of an ARN, the first twelve digits of the description, in
 * this order (reference 1.2). The account of the EventBridge envelope is the vendor's own and never used.
 */
export function accountOf({ entities, description }: Pick<LaceworkAlert, 'entities' | 'description'>) {
  const named = [
    ...entities.texts('RecId', 'ACCOUNT_ID'),
    ...entities.texts('RecId_Azure', 'ACCOUNT_ID'),
    ...entities.texts('CT_User', 'ACCOUNT_ID', 'account'),
    ...entities.texts('Machine', 'ACCOUNT_ID'),
  ];
  const inArn = resourcesOf(entities).flatMap((resource) => /:(\d{12}):/.exec(resource)?.[1] ?? []);
  return cap(named[0] ?? inArn[0] ?? /\b\d{12}\b/.exec(description)?.[0]);
}

export function isAwsAccount(account: string): boolean {
  return AWS_ACCOUNT.test(account);
}

/** ARNs (also malformed ones, as the vendor's own tests have them) and ids of cloud resources, each once. */
export function resourcesOf(entities: EntityMap): readonly string[] {
  const arns = [...entities.texts('NewViolation', 'RESOURCE'), ...entities.texts('Resource', 'VALUE')];
  return [...new Set(arns)];
}

export interface PodName {
  readonly pod: string;
  readonly namespace: string;
}

/** Pod and namespace stand in separate lists without a key that joins them: only what leaves no choice is a pod. */
export function podsOf(entities: EntityMap): readonly PodName[] {
  const pods = new Map<string, PodName>();
  const add = (pod: string, namespaces: readonly string[]): void => {
    const [namespace] = namespaces;
    if (pod && namespace && namespaces.length === 1) pods.set(`${namespace}/${pod}`, { pod, namespace });
  };
  for (const row of entities.rows('K8Pod')) {
    for (const pod of row.list('POD', 'POD_NAME')) add(pod, row.list('NAMESPACE', 'POD_NAMESPACE'));
  }
  for (const row of entities.rows('k8_pod')) {
    for (const pod of row.list('pod_name')) add(pod, row.list('pod_namespace'));
  }
  for (const row of entities.rows('K8Namespace')) {
    for (const pod of row.list('POD')) add(pod, row.list('NAMESPACE'));
  }
  return [...pods.values()];
}

export function clustersOf(entities: EntityMap): readonly string[] {
  return [
    ...new Set([
      ...entities.texts('Container', 'CLUSTER_NAME'),
      ...entities.texts('K8Pod', 'CLUSTER', 'CLUSTER_NAME'),
      ...entities.texts('k8_pod', 'cluster_id'),
      ...entities.texts('K8Namespace', 'CLUSTER'),
      ...entities.texts('K8Cluster', 'CLUSTER NAME'),
    ]),
  ];
}

export function hostsOf(entities: EntityMap): readonly string[] {
  return entities.texts('Machine', 'HOSTNAME');
}

export function imageOf(entities: EntityMap): {
  readonly image?: string | undefined;
  readonly imageDigest?: string | undefined;
} {
  const rows = [...entities.rows('Container'), ...entities.rows('ImageId')];
  const images = new Set(
    rows.flatMap((row) => {
      const repo = row.text('IMAGE_REPO', 'repo');
      const tag = onlyOne(row.list('IMAGE_TAG'));
      return repo ? [tag ? `${repo}:${tag}` : repo] : [];
    }),
  );
  for (const repo of entities.texts('container_repo', 'repo')) images.add(repo);
  const digest = onlyOne(entities.texts('ImageId', 'IMAGE_ID').filter((id) => IMAGE_DIGEST.test(id)));
  return present({ image: onlyOne([...images]), imageDigest: digest });
}

/** What the alert is about. Always something: an alert that names nothing is still an alert. */
export function workloadOf(alert: LaceworkAlert): WorkloadReading {
  const account = accountOf(alert);
  const { entities } = alert;
  const host = hostsOf(entities)[0];
  const { image, imageDigest } = imageOf(entities);
  const pods = podsOf(entities);
  const cluster = onlyOne(clustersOf(entities));
  const [pod] = pods;
  if (pod && pods.length === 1 && cluster) return { workload: podWorkload(pod, cluster, alert), notes: [] };
  const notes =
    pods.length > 1
      ? [`the alert names ${pods.length} pods, and which one is meant is not said; no pod is taken for it`]
      : pod
        ? ['the alert names a pod without saying in which one cluster; no pod is taken for it']
        : [];
  if (image && host) {
    const workload = present({
      kind: 'container' as const,
      account,
      host: cap(host) ?? host,
      container: image,
      image,
      imageDigest,
    });
    return { workload, notes };
  }
  if (entities.count('Machine') > 0)
    return { workload: machineWorkload(alert, account), notes: [...notes, ...several(alert)] };
  if (image) return { workload: present({ kind: 'image' as const, account, image, imageDigest }), notes };
  const rest = resourceWorkload(alert, account);
  return { workload: rest.workload, notes: [...notes, ...rest.notes] };
}

function podWorkload({ pod, namespace }: PodName, cluster: string, alert: LaceworkAlert): Workload {
  const name = capped(pod, SHORT_TEXT_CAP);
  return present({
    kind: 'pod' as const,
    account: accountOf(alert),
    cluster,
    namespace: capped(namespace, SHORT_TEXT_CAP),
    pod: name,
    controller: controllerNameOf(name),
    ...imageOf(alert.entities),
    host: onlyOne(hostsOf(alert.entities)),
  });
}

function machineWorkload({ entities, id }: LaceworkAlert, account: string | undefined): Workload {
  const [machine] = entities.rows('Machine');
  const instanceId = cap(machine?.text('INSTANCE_ID'));
  const host = cap(machine?.text('HOSTNAME')) ?? instanceId ?? cap(machine?.text('MID')) ?? `machine of alert ${id}`;
  return present({ kind: 'host' as const, account, host, instanceId });
}

function several({ entities }: LaceworkAlert): string[] {
  const count = entities.count('Machine');
  return count > 1 ? [`the alert names ${count} machines; the first one stands for them`] : [];
}

/** Cloud resources, accounts, and alerts that name nothing at all: an alert is always about something. */
function resourceWorkload(alert: LaceworkAlert, account: string | undefined): WorkloadReading {
  const resources = resourcesOf(alert.entities);
  const [resource] = resources;
  if (resource !== undefined && resources.length === 1) {
    return { workload: ofResource(resource, alert.entities.texts('Resource', 'NAME'), account), notes: [] };
  }
  if (resources.length > 1) {
    return {
      workload: other(account, 'AWS account', account ?? `of alert ${alert.id}`),
      notes: [`the alert names ${resources.length} resources; they are listed in the finding`],
    };
  }
  const user = onlyOne(alert.entities.texts('CT_User', 'USERNAME'));
  if (user) return { workload: other(account, 'cloud user', user), notes: [] };
  const host = hostInText(alert.description);
  if (host) return { workload: present({ kind: 'host' as const, account, host }), notes: [] };
  const missing =
    alert.form === 'webhook'
      ? 'the webhook names no workload; the EventBridge channel does'
      : 'the alert names no workload';
  return { workload: other(account, 'Lacework alert', alert.id), notes: [missing] };
}

function other(account: string | undefined, resourceType: string, name: string): Workload {
  return present({ kind: 'resource' as const, account, resourceType, name });
}

const LAMBDA = /^arn:[\w-]+:lambda:([\w-]*):\d*:function:([\w-]+)/;

/** @param names the vendor's types beside the resources, `s3:bucket` */
function ofResource(resource: string, names: readonly string[], account: string | undefined): Workload {
  const lambda = LAMBDA.exec(resource);
  if (lambda?.[2])
    return present({ kind: 'function' as const, account, region: lambda[1] || undefined, name: lambda[2] });
  const last = resource.slice(Math.max(resource.lastIndexOf('/'), resource.lastIndexOf(':')) + 1) || resource;
  if (INSTANCE_ID.test(last)) return present({ kind: 'host' as const, account, host: last, instanceId: last });
  const region = resource.startsWith('arn:aws') ? resource.split(':')[3] || undefined : undefined;
  return present({
    kind: 'resource' as const,
    account,
    region,
    resourceType: onlyOne(names) ?? 'cloud resource',
    name: cap(last) ?? 'unnamed',
    uid: cap(resource),
  });
}

const HOST = /\b[Hh]ost(?:name)?:? ([A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63}){0,6})\b/g;

/**
 * The one host a description speaks of. A host only, never a pod: the text may be chosen by a workload, and a pod could be
 * the target of an action.
 */
function hostInText(description: string): string | undefined {
  const hosts = [...description.slice(0, 2_000).matchAll(HOST)].map((match) => match[1] ?? '');
  return onlyOne([...new Set(hosts.filter((host) => host.includes('-') || host.includes('.')))]);
}
