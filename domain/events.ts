import * as z from 'zod';
import { severitySchema } from './severity.ts';
import { channelSchema, sourceSchema } from './source.ts';

/** EventBridge `source` of everything Parapet puts on its bus. */
export const EVENT_SOURCE = 'parapet';

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** Where a body too large for the bus waits: an object of the evidence bucket. */
export const blobPointerSchema = z.object({
  key: z.string().min(1),
  sha256: sha256Schema,
  bytes: z.number().int().nonnegative(),
});
export type BlobPointer = z.infer<typeof blobPointerSchema>;

/**
 * `Alert Received`: producers `receive` and `collect` (and a quarantine replay), consumer `normalize`.
 * The body is the text as it came, untouched, inline or by pointer; sha256 and bytes are those of what came. Without
 * `refused` it was found to be JSON within caps.
 */
export const alertReceivedSchema = z.lazy(() =>
  z.object({
    deliveryId: z.string().min(1),
    source: sourceSchema,
    channel: channelSchema.default('webhook'),
    receivedAt: z.iso.datetime(),
    sha256: sha256Schema,
    bytes: z.number().int().nonnegative(),
    /** The body is no text: what is inline or lies in the store is its base64. */
    encoding: z.literal('base64').optional(),
    body: z.discriminatedUnion('in', [
      z.object({ in: z.literal('event'), text: z.string() }),
      z.object({ in: z.literal('store'), pointer: blobPointerSchema }),
    ]),
    /** Why nobody may make findings of it, told by `collect` or `receive`: the alert goes to quarantine with this reason. */
    refused: z.string().max(300).optional(),
  }),
);
export type AlertReceived = z.infer<typeof alertReceivedSchema>;
export const ALERT_RECEIVED = 'Alert Received';

/** `Incident Opened`: producer `normalize`, consumer the `incident` state machine. Ids and routing facts only. */
export const incidentOpenedSchema = z.object({
  incidentId: z.string().min(1),
  source: sourceSchema,
  severity: severitySchema,
  workloadKey: z.string(),
  openedAt: z.iso.datetime(),
});
export type IncidentOpened = z.infer<typeof incidentOpenedSchema>;
export const INCIDENT_OPENED = 'Incident Opened';

/**
 * `Containment Drifted`: producer `watch`, consumers `publish-ticket` and `publish-chat`, to which this detail is the input.
 * What drifted stands beside the incident.
 */
export const containmentDriftedSchema = z.object({ incidentId: z.string().min(1), stage: z.literal('drifted') });
export type ContainmentDrifted = z.infer<typeof containmentDriftedSchema>;
export const CONTAINMENT_DRIFTED = 'Containment Drifted';

/** `Containment Settled`: the same, when what held only in part has come to hold as a whole. */
export const containmentSettledSchema = z.object({ incidentId: z.string().min(1), stage: z.literal('settled') });
export type ContainmentSettled = z.infer<typeof containmentSettledSchema>;
export const CONTAINMENT_SETTLED = 'Containment Settled';
