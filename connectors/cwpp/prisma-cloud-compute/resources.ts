import type { DetectionFinding } from '../../../domain/ocsf/detection-finding.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import type { Workload } from '../../../domain/workload.ts';
import { meaningOf } from './categories.ts';
import { imageOf, short, shorts } from './common.ts';
import type { WebhookBody } from './schema.ts';
import { onlyOne } from './workload.ts';

/** What is affected, the nearest thing first. */
export function resourcesOf(alert: WebhookBody, workload: Workload): DetectionFinding['resources'] {
  const labels = shorts(alert.labels);
  const image = imageOf(alert.image, alert.imageID);
  const imageResource = image ? [{ type: 'Image', uid: image.uid, name: short(alert.image) ?? image.uid }] : [];
  switch (workload.kind) {
    case 'pod':
      return [
        named('Container', workload.container, {
          uid: short(alert.containerID),
          namespace: workload.namespace,
          labels,
        }),
        named('Pod', workload.pod, { namespace: workload.namespace }),
        named('Namespace', workload.namespace),
        named('Cluster', workload.cluster),
        ...imageResource,
      ].flatMap((resource) => resource ?? []);
    case 'container':
      return [
        named('Container', workload.container, { uid: short(alert.containerID), labels }),
        ...imageResource,
      ].flatMap((resource) => resource ?? []);
    case 'host':
      return [named('Host', workload.host, { labels })].flatMap((resource) => resource ?? []);
    case 'function':
      return [named('Function', workload.name, { labels })].flatMap((resource) => resource ?? []);
    case 'image':
      return imageResource;
    case 'resource':
      return [named('Namespace', onlyOne(alert.namespaces)), named('Cluster', onlyOne(alert.clusters))].flatMap(
        (resource) => resource ?? [],
      );
  }
}

function named(type: string, name: string | undefined, more: Readonly<Record<string, unknown>> = {}) {
  const shown = name === undefined ? undefined : short(name);
  return shown === undefined ? undefined : present({ type, name: shown, ...more });
}

/** What OCSF has no attribute for, in the vendor's names. */
export function unmappedOf(alert: WebhookBody): DetectionFinding['unmapped'] {
  return anyOf({
    collections: shorts(alert.collections),
    clusters: shorts(alert.clusters),
    namespaces: shorts(alert.namespaces),
    accountIDs: alert.accountIDs.length > 1 ? shorts(alert.accountIDs) : undefined,
    dropped: alert.dropped > 0 ? alert.dropped : undefined,
    fqdn: short(alert.fqdn),
    osDistro: short(alert.osDistro),
    osRelease: short(alert.osRelease),
    runtime: short(alert.runtime),
    tags: short(alert.tags),
    vendorTechniques: some(meaningOf(alert.category)?.techniques ?? []),
    templateVersion: short(alert.templateVersion),
  });
}
