import { present } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { controllerNameOf, parseKubeletContainerName, type Workload } from '../../../domain/workload.ts';
import type { WebhookBody } from './schema.ts';

const IMAGE_DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Labels the kubelet's runtime sets on every container of a pod. */
const POD_NAME_LABEL = 'io.kubernetes.pod.name=';
const POD_NAMESPACE_LABEL = 'io.kubernetes.pod.namespace=';

export interface WorkloadReading {
  readonly workload: Workload;
  readonly notes: readonly string[];
}

/** The vendor's image id when it is a digest; it is the id of the image's configuration, not of its manifest. */
export function imageDigestOf(imageID: string): string | undefined {
  return IMAGE_DIGEST.test(imageID) ? imageID : undefined;
}

/** The only entry of a list; with several nobody can say which one is meant. */
export function onlyOne(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined;
}

export function accountOf(alert: Pick<WebhookBody, 'accountIDs' | 'accountID'>): string | undefined {
  return onlyOne(alert.accountIDs) ?? (alert.accountIDs.length === 0 ? alert.accountID || undefined : undefined);
}

/** What the alert is about; undefined when it names nothing that could be protected. */
export function workloadOf(alert: WebhookBody): WorkloadReading | undefined {
  return readWorkload({ ...alert, ...cappedNames(alert) });
}

/**
 * Where a request to a cluster's API was judged: its namespace, or the cluster for what has none. What it asks for does not exist
 * yet, or not in that form, so it is no pod; and one of several clusters is none.
 */
export function admissionWorkload(alert: WebhookBody): WorkloadReading | undefined {
  const { clusters, namespaces, ...names } = cappedNames(alert);
  const [cluster, namespace] = [onlyOne(clusters), onlyOne(namespaces)];
  if (cluster === undefined) return undefined;
  const place =
    namespace === undefined
      ? { resourceType: 'Kubernetes cluster', name: cluster }
      : { resourceType: 'Kubernetes namespace', name: `${cluster}/${namespace}` };
  return { workload: present({ kind: 'resource', account: accountOf(names), ...place }), notes: [] };
}

/** Names end up in keys and items of tables, which have limits. */
function cappedNames(alert: WebhookBody) {
  const cap = (text: string): string => capped(text, SHORT_TEXT_CAP);
  return {
    container: cap(alert.container),
    containerID: cap(alert.containerID),
    image: cap(alert.image),
    host: cap(alert.host),
    fqdn: cap(alert.fqdn),
    function: cap(alert.function),
    appID: cap(alert.appID),
    region: cap(alert.region),
    accountID: cap(alert.accountID),
    accountIDs: alert.accountIDs.map(cap),
    clusters: alert.clusters.map(cap),
    namespaces: alert.namespaces.map(cap),
  };
}

function readWorkload(alert: WebhookBody): WorkloadReading | undefined {
  const account = accountOf(alert);
  const host = alert.host || alert.fqdn;
  if (alert.container || alert.containerID) return containerWorkload(alert);
  if (alert.function) {
    return {
      workload: present({ kind: 'function', account, region: alert.region || undefined, name: alert.function }),
      notes: [],
    };
  }
  if (alert.appID) {
    return {
      workload: present({ kind: 'container', account, host: host || alert.appID, container: alert.appID }),
      notes: [],
    };
  }
  if (host) return { workload: present({ kind: 'host', account, host }), notes: [] };
  if (alert.image) {
    const imageDigest = imageDigestOf(alert.imageID);
    return { workload: present({ kind: 'image', account, image: alert.image, imageDigest }), notes: [] };
  }
  return undefined;
}

function containerWorkload(alert: WebhookBody): WorkloadReading {
  const host = alert.host || alert.fqdn;
  const common = {
    account: accountOf(alert),
    containerId: alert.containerID || undefined,
    image: alert.image || undefined,
    imageDigest: imageDigestOf(alert.imageID),
  };
  const cluster = onlyOne(alert.clusters);
  const pod = podOf(alert);
  if (cluster !== undefined && pod !== undefined) {
    const controller = controllerNameOf(pod.pod);
    return {
      workload: present({ kind: 'pod', ...common, ...pod, cluster, controller, host: host || undefined }),
      notes: [],
    };
  }
  const container = alert.container.replace(/^\//, '') || alert.containerID;
  const notes =
    pod !== undefined && alert.clusters.length > 1
      ? [
          `the alert names ${alert.clusters.length} clusters, so it is kept as a container and not as a pod of one of them`,
        ]
      : [];
  return { workload: present({ kind: 'container', ...common, host: host || 'unknown', container }), notes };
}

/**
 * The pod, from the kubelet-made container name (dockershim naming) or from the labels the runtime sets. Labels may also
 * come from the image, so they only count when their namespace is the one the vendor itself reports.
 */
export function podOf(
  alert: Pick<WebhookBody, 'container' | 'labels' | 'namespaces'>,
): { readonly container: string; readonly pod: string; readonly namespace: string } | undefined {
  const named = parseKubeletContainerName(alert.container);
  if (named) return named;
  const pod = labelled(alert.labels, POD_NAME_LABEL);
  const namespace = labelled(alert.labels, POD_NAMESPACE_LABEL) ?? onlyOne(alert.namespaces);
  if (!pod || !namespace || onlyOne(alert.namespaces) !== namespace) return undefined;
  return { container: alert.container.replace(/^\//, '') || pod, pod, namespace };
}

function labelled(labels: readonly string[], prefix: string): string | undefined {
  const values = labels.filter((label) => label.startsWith(prefix)).map((label) => label.slice(prefix.length));
  return values.length === 1 ? values[0] || undefined : undefined;
}
