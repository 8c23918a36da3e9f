import type { IncidentOpened } from '../../../domain/events.ts';
import { type Incident, incidentSchema } from '../../../domain/incident/incident.ts';
import { type NormalizedFinding, normalizedFindingSchema } from '../../../domain/ocsf/detection-finding.ts';
import { severityRank } from '../../../domain/severity.ts';
import { MAX_FINDING_BYTES, TooLargeError } from '../ports.ts';
import { INCIDENTS } from '../tables.ts';
import { listingOf } from './query.ts';

/** Keys of the incidents table (connectors/store/tables.ts). */
export const incidentKey = (incidentId: string) => ({
  [INCIDENTS.pk]: `INC#${incidentId}`,
  [INCIDENTS.sk]: 'INCIDENT',
});
export const findingKey = (incidentId: string, digest: string) => ({
  [INCIDENTS.pk]: `INC#${incidentId}`,
  [INCIDENTS.sk]: `FINDING#${digest}`,
});
export const windowKey = (key: string) => ({ [INCIDENTS.pk]: `WORKLOAD#${key}`, [INCIDENTS.sk]: 'WINDOW' });
export const seenKey = (digest: string) => ({ [INCIDENTS.pk]: `SEEN#${digest}`, [INCIDENTS.sk]: 'SEEN' });
export const publicationKey = (incidentId: string, destination: string) => ({
  [INCIDENTS.pk]: `INC#${incidentId}`,
  [INCIDENTS.sk]: `PUBLICATION#${destination}`,
});

/** A new incident as its item: beside the incident itself the rank (so that a condition can compare severities) and the index keys. */
export function toIncidentItem(incident: Incident) {
  return {
    ...incidentKey(incident.incidentId),
    ...incident,
    severityRank: severityRank(incident.severity),
    announced: false,
    listing: listingOf('INCIDENT', incident.incidentId),
    listedAt: incident.times.opened,
    openedAt: incident.times.opened,
  };
}

export interface StoredIncident {
  readonly incident: Incident;
  readonly announced: boolean;
  readonly waiting: boolean;
}

export function fromIncidentItem(item: Readonly<Record<string, unknown>>): StoredIncident {
  return {
    incident: incidentSchema.parse(item),
    announced: item['announced'] === true,
    waiting: item['waiting'] === true,
  };
}

/**
 * A finding is stored as its JSON text, not as a native map: DynamoDB refuses more than 32 levels and changes lone
 * surrogates, both of which an attacker may put into a finding. @throws TooLargeError
 */
export function findingText(finding: NormalizedFinding): string {
  const text = JSON.stringify(finding);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_FINDING_BYTES) {
    throw new TooLargeError(`the finding has ${bytes} bytes; an item of the store may have ${MAX_FINDING_BYTES}`);
  }
  return text;
}

export function fromFindingItem(item: Readonly<Record<string, unknown>>): NormalizedFinding {
  return normalizedFindingSchema.parse(JSON.parse(String(item['finding'])));
}

export function openedEvent(incident: Incident): IncidentOpened {
  return {
    incidentId: incident.incidentId,
    source: incident.source,
    severity: incident.severity,
    workloadKey: incident.workloadKey,
    openedAt: incident.times.opened,
  };
}
