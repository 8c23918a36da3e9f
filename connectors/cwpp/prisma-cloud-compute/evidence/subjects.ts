import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import type { TimeRange } from '../client.ts';
import { parseReadBack } from '../read-back.ts';

export interface ContainerSubject {
  readonly containerId: string;
  readonly hostname: string | undefined;
  /** `<imageID>_<namespace>_<cluster>`, empty parts leave `__` (reference, section 2); undefined without an image id. */
  readonly profileId: string | undefined;
  /** The vendor's incident about it, when one is among the findings. */
  readonly incidentId: string | undefined;
}

/** What the findings of one incident are about, each thing once. */
export interface Subjects {
  readonly containers: readonly ContainerSubject[];
  readonly images: readonly { readonly imageId: string; readonly name: string | undefined }[];
  readonly hosts: readonly string[];
  /** From the first to the last event. */
  readonly first: number;
  readonly last: number;
}

export function subjectsOf(findings: readonly NormalizedFinding[]): Subjects {
  const containers = new Map<string, ContainerSubject>();
  const images = new Map<string, string | undefined>();
  const hosts = new Set<string>();
  for (const found of findings) {
    const { workload } = found;
    if ('imageDigest' in workload && workload.imageDigest) images.set(workload.imageDigest, workload.image);
    if (workload.kind === 'host') hosts.add(workload.host);
    const subject = containerOf(found);
    if (subject)
      containers.set(subject.containerId, {
        ...subject,
        incidentId: subject.incidentId ?? containers.get(subject.containerId)?.incidentId,
      });
  }
  const times = findings.map(({ finding }) => finding.time);
  return {
    containers: [...containers.values()],
    images: [...images].map(([imageId, name]) => ({ imageId, name })),
    hosts: [...hosts],
    first: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    last: times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  };
}

function containerOf({ workload, readBack }: NormalizedFinding): ContainerSubject | undefined {
  if (workload.kind !== 'pod' && workload.kind !== 'container') return undefined;
  if (!workload.containerId) return undefined;
  const locator = parseReadBack(readBack);
  const [namespace, cluster] = workload.kind === 'pod' ? [workload.namespace, workload.cluster] : ['', ''];
  return {
    containerId: workload.containerId,
    hostname: workload.host,
    profileId: workload.imageDigest && `${workload.imageDigest}_${namespace}_${cluster}`,
    incidentId: locator?.record === 'incident' ? locator.incidentId : undefined,
  };
}

/** The time range of the findings with so many minutes on either side. */
export function rangeOf({ first, last }: Subjects, minutes: number): TimeRange {
  return {
    from: new Date(first - minutes * 60_000).toISOString(),
    to: new Date(last + minutes * 60_000).toISOString(),
  };
}
