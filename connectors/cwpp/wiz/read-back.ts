import * as z from 'zod';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Resource, WizAlert } from './alert.ts';

/** What the API needs in order to confirm an alert and to find its context. Values go into GraphQL variables, nowhere else. */
const readBackSchema = z.object({
  record: z.enum(['issue', 'detection']).catch('issue'),
  id: z.string().catch(''),
  issueId: z.string().optional(),
  /** Ids of the resource the alert is about: on Wiz's graph, the provider's, and its name. */
  graphId: z.string().optional(),
  externalId: z.string().optional(),
  providerId: z.string().optional(),
  name: z.string().optional(),
  imageId: z.string().optional(),
});
export type ReadBack = z.infer<typeof readBackSchema>;

export function readBackOf(alert: WizAlert, resource: Resource): Record<string, string> {
  const image = alert.events.flatMap(({ processes }) => processes).find(({ container }) => container?.imageId);
  const values: Record<string, string | undefined> = {
    record: alert.record,
    id: alert.id,
    issueId: alert.record === 'issue' ? alert.id : alert.issueId,
    graphId: resource.id,
    externalId: resource.externalId,
    providerId: resource.providerId,
    name: resource.name,
    imageId: image?.container?.imageId,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, capped(value, SHORT_TEXT_CAP)]],
    ),
  );
}

export function parseReadBack(readBack: Readonly<Record<string, string>>): ReadBack {
  return readBackSchema.parse(readBack);
}
