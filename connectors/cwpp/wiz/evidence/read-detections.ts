import { parseReadBack } from '../read-back.ts';
import type { CloudEventRecord, DetectionRecord } from '../records.ts';
import { issuesOf } from './alert-details.ts';
import { firstOf, type PartContext } from './part.ts';

/** Events whose details are read; each costs two calls. */
const MAX_EVENTS = 5;

/** The detections the findings are, and those of their issues, each once. */
export async function readDetections(context: PartContext): Promise<readonly DetectionRecord[]> {
  const { wiz, attempts, findings } = context;
  const detections = new Map<string, DetectionRecord>();
  const keep = (detection: DetectionRecord | undefined): void => {
    if (detection?.id !== undefined) detections.set(detection.id, detection);
  };
  const own = findings.map(({ readBack }) => parseReadBack(readBack)).filter(({ record }) => record === 'detection');
  for (const { id } of firstOf(context, 'detections', own)) {
    keep(await attempts.find('detections', `detection ${id}`, () => wiz.detection(id)));
  }
  const covered = new Set([...detections.values()].map(({ issue }) => issue?.id?.toLowerCase()));
  const open = issuesOf(findings).filter(({ id }) => !covered.has(id.toLowerCase()));
  for (const { id } of firstOf(context, 'issues', open)) {
    const all = await attempts.list('detections', `the detections of issue ${id}`, () => wiz.detectionsOf(id));
    for (const detection of all) keep(detection);
  }
  return [...detections.values()];
}

/** Ids of the events behind the detections, each once, in order. */
export function eventIdsOf(context: PartContext, detections: readonly DetectionRecord[]): readonly string[] {
  const ids = detections.flatMap(({ triggeringEvents }) => triggeringEvents.flatMap(({ id }) => id ?? []));
  return firstOf(context, 'events', [...new Set(ids)], MAX_EVENTS);
}

export type EventDetails = NonNullable<CloudEventRecord['extraDetails']>;
