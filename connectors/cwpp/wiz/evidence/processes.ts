import type { EntityRef, EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';
import { fromApi } from '../../draft.ts';
import {
  containerEntity,
  fileEntity,
  hostEntity,
  imageEntity,
  processEntity,
} from '../../prisma-cloud-compute/evidence/entities.ts';
import type { ProcessRecord } from '../records.ts';
import type { EventDetails } from './read-detections.ts';
import { isoTime } from './times.ts';

/** Command lines, paths, users and names are what the workload did and could have chosen, whoever reports them. */
const TRUST = 'attacker_influenced';
const MAX_PROCESSES = 50;
const DIGEST = /sha256:[0-9a-f]{64}/;

/** The process tree of one event: the process first, then what started it, up to the entry point. */
export function processDrafts(details: EventDetails, field: string, now: Date): EvidenceDraft[] {
  const tree = details.processTree.slice(0, MAX_PROCESSES);
  return tree.flatMap((process, index): EvidenceDraft[] => {
    const { path } = process;
    if (path === undefined) return [];
    const place = placeOf(details, process);
    const fact = present({
      kind: 'process' as const,
      pid: pidOf(process),
      parentPid: parentOf(tree, index),
      path: capped(path, LONG_TEXT_CAP),
      commandLine: process.command === undefined ? undefined : capped(process.command, LONG_TEXT_CAP),
      user: process.userName ?? process.userId,
      startedAt: isoTime(process.executionTime, now),
    });
    return [
      fromApi(`${field}.processTree[${index}]`, TRUST, now.toISOString(), fact, [
        processEntity(place.id, fact.pid, path),
        fileEntity(path),
        place.entity,
      ]),
    ];
  });
}

/** The containers of the tree, each once. */
export function containerDrafts(details: EventDetails, field: string, now: Date): EvidenceDraft[] {
  const drafts = new Map<string, EvidenceDraft>();
  for (const [index, { container }] of details.processTree.slice(0, MAX_PROCESSES).entries()) {
    const id = container?.externalId ?? container?.id;
    if (container === undefined || id === undefined || drafts.has(id)) continue;
    const image = container.image?.externalId ?? 'unknown';
    const digest = DIGEST.exec(image)?.[0];
    const fact = present({
      kind: 'container' as const,
      name: container.name ?? nameOf(id),
      containerId: id,
      image: capped(image, SHORT_TEXT_CAP),
      imageDigest: digest,
      // The last of the tree is what the sensor saw first of this container; whether it is the entry point is not said.
      listeningPorts: [],
    });
    drafts.set(
      id,
      fromApi(`${field}.processTree[${index}].container`, TRUST, now.toISOString(), fact, [
        containerEntity(id, fact.name),
        imageEntity(digest, image),
      ]),
    );
  }
  return [...drafts.values()];
}

/** `k8s/container/<cluster>/<namespace>/<pod>/<container>` is known by its last part. */
function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1) || id;
}

export function placeOf(
  details: EventDetails,
  process: ProcessRecord | undefined,
): { readonly id: string | undefined; readonly entity: EntityRef | undefined } {
  const container = process?.container;
  const id = container?.externalId ?? container?.id;
  if (id !== undefined) return { id, entity: containerEntity(id, container?.name ?? nameOf(id)) };
  const host = details.host?.hostname ?? details.host?.externalId;
  return { id: host, entity: hostEntity(host) };
}

function pidOf({ id }: ProcessRecord): number | undefined {
  return /^\d{1,10}$/.test(id ?? '') ? Number(id) : undefined;
}

/** The next process with another pid: a process that replaced itself (exec) stands in the list twice under one pid. */
function parentOf(tree: readonly ProcessRecord[], index: number): number | undefined {
  const own = tree[index] && pidOf(tree[index]);
  return tree
    .slice(index + 1)
    .map(pidOf)
    .find((pid) => pid !== undefined && pid !== own);
}
