import { fewAtOnce } from '../../connectors/runtime/few-at-once.ts';
import type { DigestPlace } from '../../connectors/store/digest-port.ts';
import type { IncidentStore } from '../../connectors/store/ports.ts';
import type { DigestIncident } from '../../domain/publish/chat-digest.ts';
import type { DigestEntry } from '../../domain/publish/digest-entry.ts';

/** The line is one partition of the table, which takes 1,000 writes a second. */
export const STORE_CALLS_AT_ONCE = 10;

export interface Members {
  /** Each incident once, as it stands now. */
  readonly told: readonly DigestIncident[];
  /** Their places; an incident has two when its end came before its digest. */
  readonly members: readonly DigestPlace[];
  /** Places of incidents that have a message of their own by now. */
  readonly toldAlone: readonly DigestPlace[];
}

/** Only a message that exists takes an incident out of the digest: one that is just being made may still fail. */
export async function whoIsToBeTold(
  incidents: Pick<IncidentStore, 'get' | 'publications'>,
  entries: readonly DigestEntry[],
): Promise<Members> {
  const newest = new Map(entries.map((entry) => [entry.incidentId, entry]));
  const looked = await fewAtOnce([...newest.values()], STORE_CALLS_AT_ONCE, (entry) => look(incidents, entry));
  const alone = new Set(looked.flatMap(({ incidentId, hasOwn }) => (hasOwn ? [incidentId] : [])));
  const placeOf = ({ incidentId, stoodAt }: DigestEntry): DigestPlace => ({ incidentId, stoodAt });
  return {
    told: looked.flatMap(({ hasOwn, told }) => (hasOwn ? [] : [told])),
    members: entries.filter(({ incidentId }) => !alone.has(incidentId)).map(placeOf),
    toldAlone: entries.filter(({ incidentId }) => alone.has(incidentId)).map(placeOf),
  };
}

async function look(incidents: Pick<IncidentStore, 'get' | 'publications'>, entry: DigestEntry) {
  const { incidentId } = entry;
  const [incident, publications] = await Promise.all([incidents.get(incidentId), incidents.publications(incidentId)]);
  const chat = publications.find(({ destination }) => destination === 'chat');
  const ticket = publications.find(({ destination }) => destination === 'ticket');
  const told: DigestIncident = {
    entry,
    ...(incident === undefined
      ? {}
      : { now: { severity: incident.severity, status: incident.status, outcome: incident.outcome } }),
    ...(ticket?.remoteId === undefined ? {} : { ticket: { key: ticket.remoteId, url: ticket.url } }),
  };
  return { incidentId, hasOwn: chat?.state === 'created', told };
}
