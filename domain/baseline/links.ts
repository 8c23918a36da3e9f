import type { DetectionFinding, NormalizedFinding, OcsfProcess } from '../ocsf/detection-finding.ts';
import { isExternalAddress } from './network.ts';

export const LINK_KINDS = ['image', 'ip', 'domain', 'hash', 'identity'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/** A value by which two incidents may belong together. */
export interface Link {
  readonly what: LinkKind;
  readonly value: string;
}

/** Of one finding: each is a write. Kinds are listed by how much they say. */
export const MOST_LINKS = 6;
const MAX_VALUE = 512;

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const HASH = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/;
const IDENTITY = /^(?:arn:aws[\w-]*:|system:serviceaccount:)\S+$|^[^\s@]+@[^\s@]+\.[^\s@]+$/;
/** Names of a cluster or a private network mean another thing in each. */
const INTERNAL = /(?:^|\.)(?:local|localhost|internal|svc|lan|home|corp|arpa|localdomain)$/;
const DOMAIN = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}$/;

/** What a finding shares with others if they have it too. Private addresses and internal names are no links. */
export function linksOf({ finding, workload }: Pick<NormalizedFinding, 'finding' | 'workload'>): Link[] {
  const evidences = finding.evidences ?? [];
  const found: Link[] = [
    ...evidences.flatMap(hashesOf),
    ...evidences.flatMap(({ src_endpoint: source, dst_endpoint: destination }) =>
      [destination?.ip, source?.ip].flatMap(addressLink),
    ),
    ...identitiesOf(finding),
    ...evidences.flatMap(({ query, dst_endpoint: destination }) =>
      [query?.hostname, destination?.domain, destination?.hostname].flatMap(domainLink),
    ),
    ...('imageDigest' in workload ? digestLink(workload.imageDigest) : []),
  ];
  const distinct = new Map(found.map((link) => [`${link.what} ${link.value}`, link]));
  return [...distinct.values()].filter(({ value }) => value.length <= MAX_VALUE).slice(0, MOST_LINKS);
}

type Evidence = NonNullable<DetectionFinding['evidences']>[number];

function hashesOf({ file, process }: Evidence): Link[] {
  const hashes = [...(file?.hashes ?? []), ...processHashes(process)];
  return hashes.flatMap(({ value }) => (HASH.test(value.toLowerCase()) ? [link('hash', value.toLowerCase())] : []));
}

/** Of the process itself: its parents are what every container of the image runs. */
function processHashes(process: OcsfProcess | undefined) {
  return process?.file?.hashes ?? [];
}

function addressLink(ip: string | undefined): Link[] {
  return ip !== undefined && isExternalAddress(ip) ? [link('ip', ip.trim().toLowerCase())] : [];
}

function domainLink(name: string | undefined): Link[] {
  const domain = name?.trim().toLowerCase().replace(/\.+$/, '') ?? '';
  return domain.length <= 253 && DOMAIN.test(domain) && !INTERNAL.test(domain) ? [link('domain', domain)] : [];
}

function digestLink(digest: string | undefined): Link[] {
  return digest !== undefined && DIGEST.test(digest) ? [link('image', digest)] : [];
}

/** Only names that mean the same everywhere: `root` is somebody else in every container. */
function identitiesOf({ actor, evidences }: DetectionFinding): Link[] {
  const users = [actor?.user, ...(evidences ?? []).map((evidence) => evidence.actor?.user)];
  return users.flatMap((user) =>
    [user?.uid, user?.name].flatMap((name) =>
      name !== undefined && IDENTITY.test(name) ? [link('identity', name)] : [],
    ),
  );
}

function link(what: LinkKind, value: string): Link {
  return { what, value };
}
