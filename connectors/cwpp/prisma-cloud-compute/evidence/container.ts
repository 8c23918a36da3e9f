import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { fromApi } from '../../draft.ts';
import type { ContainerRecord, IncidentRecord, ProfileRecord } from '../records.ts';
import { imageDigestOf } from '../workload.ts';
import { containerEntity, imageEntity } from './entities.ts';

/** Longer lists of learned behaviour are cut; the console has the rest. */
const MAX_LEARNED = 100;

/**
 * The container in question: from the inventory, or (a container younger than the last scan) from the incident the
 * console confirmed.
 */
export function containerDrafts(
  of: {
    readonly containerId: string;
    readonly container: ContainerRecord | undefined;
    readonly incident: IncidentRecord | undefined;
    readonly profile: ProfileRecord | undefined;
  },
  observedAt: string,
): EvidenceDraft[] {
  const { containerId, container, incident, profile } = of;
  const info = container?.info;
  const name = info?.name ?? incident?.containerName;
  const image = info?.imageName ?? info?.image ?? incident?.imageName;
  if (name === undefined || image === undefined) return [];
  const digest = imageDigestOf(info?.imageID ?? incident?.imageID ?? '');
  const fact = present({
    kind: 'container' as const,
    name,
    containerId,
    image,
    imageDigest: digest,
    startedAt: info?.startTime,
    entryPoint: profile?.entrypoint ?? info?.processes[0]?.name,
    listeningPorts: portsOf(info?.network.ports ?? [], profile),
  });
  const field = info ? 'GET /containers [0]' : 'GET /audits/incidents [0]';
  return [fromApi(field, 'vendor', observedAt, fact, [containerEntity(containerId, name), imageEntity(digest, image)])];
}

/** Ports of the inventory (numbers, or objects with a port: the shape differs by release), otherwise the learned ones. */
function portsOf(raw: readonly unknown[], profile: ProfileRecord | undefined): number[] {
  const own = raw.flatMap((item) => {
    const port = typeof item === 'object' && item !== null && 'container' in item ? item.container : item;
    return typeof port === 'number' && Number.isInteger(port) ? [port] : [];
  });
  if (own.length > 0 || profile === undefined) return own;
  const { static: fixed, behavioral } = profile.network;
  const learned = [...fixed.listeningPorts, ...behavioral.listeningPorts].flatMap(
    ({ portsData }) => portsData?.ports ?? [],
  );
  return [...new Set(learned)].slice(0, MAX_LEARNED);
}

/** What the console learned about containers of this image in this namespace. Learned from the workload, so it may have chosen it. */
export function learnedDrafts(profile: ProfileRecord, observedAt: string): EvidenceDraft[] {
  const { processes, network } = profile;
  const paths = [...processes.static, ...processes.behavioral].flatMap(({ path }) => path ?? []);
  const domains = network.behavioral.dnsQueries.flatMap(({ domainName }) => domainName ?? []);
  const fact = present({
    kind: 'learned-behaviour' as const,
    since: profile.created,
    processes: unique(paths),
    outboundPorts: unique(network.behavioral.outboundPorts.ports),
    domains: unique(domains),
  });
  const image = imageEntity(imageDigestOf(profile.imageID ?? ''), profile.imageID);
  return [fromApi('GET /profiles/container [0]', 'attacker_influenced', observedAt, fact, [image])];
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)].slice(0, MAX_LEARNED);
}
