import * as z from 'zod';
import { listOf, text } from './lenient.ts';

/**
 * What is relied on in the three forms of an alert. Every field may be missing and of any scalar type: the vendor's own
 * integration had to be mended because ids and severities come as text or as number (reference 0.3).
 */

/** Custom webhook channel: flat texts, and no entity at all (reference 1.1). */
export const webhookSchema = z.lazy(() =>
  z.object({
    event_title: text,
    event_link: text,
    lacework_account: text,
    event_source: text,
    event_description: text,
    event_timestamp: text,
    event_type: text,
    event_id: text,
    event_severity: text,
    rec_id: text,
  }),
);

const eventData = z.lazy(() =>
  z.object({
    START_TIME: text,
    END_TIME: text,
    EVENT_MODEL: text,
    EVENT_TYPE: text,
    EVENT_ACTOR: text,
    EVENT_ID: text,
    ENTITY_MAP: z.unknown().optional(),
  }),
);
const supportingFact = z.object({
  supportingFactText: text,
  subElements: listOf(z.object({ supportingFactText: text })),
});

/** `detail` of the Amazon EventBridge channel; the S3 channel writes the same object (reference 1.2). */
export const detailSchema = z.lazy(() =>
  z.object({
    EVENT_ID: text,
    EVENT_NAME: text,
    EVENT_TYPE: text,
    SUMMARY: text,
    START_TIME: text,
    EVENT_CATEGORY: text,
    LINK: text,
    SEVERITY: text,
    ACCOUNT: text,
    SOURCE: text,
    EVENT_DETAILS: z
      .object({ data: listOf(eventData) })
      .catch({ data: [] })
      .prefault({ data: [] }),
    SUPPORTING_FACTS: listOf(supportingFact),
  }),
);

export const envelopeSchema = z.object({
  'detail-type': text,
  source: text,
  account: text,
  region: text,
  detail: z.unknown().optional(),
});

/** An alert of the REST API; `Details` adds `entityMap` (reference 2.3). */
export const apiAlertSchema = z.lazy(() =>
  z.object({
    alertId: text,
    alertName: text,
    alertType: text,
    severity: text,
    status: text,
    startTime: text,
    endTime: text,
    policyId: text,
    internetExposure: text,
    reachability: text,
    alertInfo: z
      .object({ subject: text, description: text })
      .catch({ subject: '', description: '' })
      .prefault({ subject: '', description: '' }),
    derivedFields: z
      .object({ category: text, sub_category: text, source: text })
      .catch({ category: '', sub_category: '', source: '' })
      .prefault({ category: '', sub_category: '', source: '' }),
    entityMap: z.unknown().optional(),
  }),
);
export type ApiAlert = z.infer<typeof apiAlertSchema>;
