import type { DetectionFinding, NormalizedFinding, OcsfProcess } from '../ocsf/detection-finding.ts';
import type { Workload } from '../workload.ts';
import { workloadKey } from '../workload.ts';
import { networkOf } from './network.ts';

export const DIMENSIONS = ['process', 'network', 'domain', 'file-area', 'user'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** One thing a workload did or used, in the coarseness a baseline compares. */
export interface Observation {
  readonly dimension: Dimension;
  readonly value: string;
}

/** A longer value is cut: it is compared, not shown in full. */
const MAX_VALUE = 160;
/** Of one finding; a finding that shows more is a report, not a behaviour. */
const MAX_OBSERVATIONS = 40;

/** What one finding shows of its workload, each thing once. The start-up process counts: it is what usually runs. */
export function observationsOf({ finding }: Pick<NormalizedFinding, 'finding'>): Observation[] {
  const all = [
    ...(finding.evidences ?? []).flatMap(ofEvidence),
    ...ofProcess(finding.actor?.process),
    ...observed('user', finding.actor?.user?.name),
  ];
  return distinct(all).slice(0, MAX_OBSERVATIONS);
}

type Evidence = NonNullable<DetectionFinding['evidences']>[number];

function ofEvidence(evidence: Evidence): Observation[] {
  const { dst_endpoint: destination } = evidence;
  return [
    ...ofProcess(evidence.process),
    ...ofProcess(evidence.actor?.process),
    ...observed('user', evidence.actor?.user?.name),
    ...observed('network', destination?.ip === undefined ? undefined : networkOf(destination.ip)),
    ...observed('domain', domainOf(destination?.domain ?? destination?.hostname)),
    ...observed('domain', domainOf(evidence.query?.hostname)),
    ...observed('file-area', areaOf(evidence.file?.path)),
  ];
}

/** A process and the chain above it; a cycle cannot be written in JSON, a long chain ends at the limit. */
function ofProcess(process: OcsfProcess | undefined): Observation[] {
  const found: Observation[] = [];
  for (let one = process; one !== undefined && found.length < MAX_OBSERVATIONS; one = one.parent_process) {
    found.push(...observed('process', one.path ?? one.name), ...observed('user', one.user?.name));
  }
  return found;
}

function observed(dimension: Dimension, value: string | undefined): Observation[] {
  const text = value?.trim().toWellFormed().slice(0, MAX_VALUE).toWellFormed();
  return text ? [{ dimension, value: text }] : [];
}

function domainOf(name: string | undefined): string | undefined {
  return name?.trim().toLowerCase().replace(/\.+$/, '');
}

/** `/usr/local/bin/x` -> `/usr/local`: where a workload writes, not what it calls its files. */
export function areaOf(path: string | undefined): string | undefined {
  if (!path?.startsWith('/')) return undefined;
  const folders = path.split('/').slice(1, -1).filter(Boolean);
  return `/${folders.slice(0, 2).join('/')}`;
}

export function distinct(observations: readonly Observation[]): Observation[] {
  const found = new Map(observations.map((one) => [`${one.dimension} ${one.value}`, one]));
  return [...found.values()];
}

/** Whose habits are compared: the controller (or host, function) and the image by name, so that a new version keeps its past. */
export function baselineKeyOf(workload: Workload): string {
  const image = 'image' in workload && workload.image !== undefined ? imageNameOf(workload.image) : '-';
  return `${workloadKey(workload)}|${encodeURIComponent(image.toWellFormed()).slice(0, 400)}`;
}

/** `registry:5000/shop/checkout:1.42.0@sha256:…` -> `registry:5000/shop/checkout`. */
function imageNameOf(reference: string): string {
  const plain = reference.split('@', 1)[0] ?? '';
  const colon = plain.lastIndexOf(':');
  return colon > plain.lastIndexOf('/') ? plain.slice(0, colon) : plain;
}
