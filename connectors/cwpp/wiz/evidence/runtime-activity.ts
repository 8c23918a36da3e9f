import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { fromApi } from '../../draft.ts';
import type { PartContext, PartReader } from './part.ts';
import { containerDrafts, placeOf, processDrafts } from './processes.ts';
import { type EventDetails, eventIdsOf, readDetections } from './read-detections.ts';
import { actorDrafts } from './surroundings.ts';

/** Processes with their parents, containers, who acted, and whether the sensor already stopped something. */
export const readRuntimeActivity: PartReader = async (context) => {
  const { wiz, attempts, now } = context;
  const detections = await readDetections(context);
  const drafts: EvidenceDraft[] = detections.flatMap((detection, index) => actorDrafts(detection, index, now()));
  for (const [index, id] of eventIdsOf(context, detections).entries()) {
    const field = `cloudEvent[${index}]`;
    const event = await attempts.find(field, `event ${id}`, () => wiz.cloudEvent(id));
    const details = event?.extraDetails;
    if (details === undefined) continue;
    drafts.push(...containerDrafts(details, field, now()), ...processDrafts(details, field, now()));
    drafts.push(...(await sensorResponse(context, id, field)));
  }
  return drafts;
};

/** What the sensor did by itself, so that nobody contains what is contained already. Only newer tenants tell. */
async function sensorResponse(context: PartContext, id: string, field: string): Promise<EvidenceDraft[]> {
  const { wiz, attempts, now } = context;
  const event = await attempts.find(field, `the sensor's own response to event ${id}`, () => wiz.cloudEventNewer(id));
  const details: EventDetails | undefined = event?.extraDetails;
  return (details?.processTree ?? []).slice(0, 5).flatMap((process, index): EvidenceDraft[] => {
    const { wizResponse, enforcementResult } = process;
    const action = enforcementResult?.action ?? wizResponse;
    if (details === undefined || action === undefined || /^none$/i.test(action)) return [];
    const failed = enforcementResult?.errorMessage;
    return [
      fromApi(
        `${field}.processTree[${index}].enforcementResult`,
        'vendor',
        now().toISOString(),
        {
          kind: 'related-finding',
          uid: id,
          title: `The Runtime Sensor responded with ${action}${failed === undefined ? '' : `, which failed: ${failed}`}`,
          category: 'response of the sensor',
          severity: 'informational',
        },
        [placeOf(details, process).entity].filter((ref) => ref !== undefined),
      ),
    ];
  });
}
