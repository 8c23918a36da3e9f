import type * as z from 'zod';
import { readBodies, readSince } from '../../connectors/publication/bodies.ts';
import type { Destination } from '../../connectors/publication/destination.ts';
import { observed, type PublishDeps, publish } from '../../connectors/publication/publish.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { WatchStore } from '../../connectors/store/watch-port.ts';
import type { Jira } from '../../connectors/ticketing/jira/client.ts';
import type { TicketContent } from '../../connectors/ticketing/jira/map.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { publishInputSchema, type publishOutputSchema } from '../../domain/orchestration.ts';
import { mayTellOutside } from '../../domain/phase/outside.ts';
import { executionUrl } from '../../domain/publish/execution-link.ts';
import {
  conclusionFacts,
  conclusionLine,
  driftNote,
  type IncidentBodies,
  incidentDocument,
  incidentTitle,
  settledNote,
  undoNote,
} from '../../domain/publish/incident-document.ts';

export interface PublishTicketDeps extends PublishDeps {
  readonly config: Configuration;
  readonly incidents: PublishDeps['incidents'] & Pick<IncidentStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly watches: Pick<WatchStore, 'ofIncident'>;
  /** Absent: no ticket system is configured. */
  readonly ticketing?: { readonly system: 'jira'; readonly jira: Jira } | undefined;
}

type Output = z.infer<typeof publishOutputSchema>;
type Stage = z.infer<typeof publishInputSchema>['stage'];

/**
 * One ticket per incident: created at stage `opened`, brought up to date with one comment at stage `concluded`, and one for
 * each look that saw a change and each roll-back on demand. Where the phase is observe there is none, and the log says so.
 * @throws z.ZodError, NotFoundError (no such incident), PublicationBusyError
 */
export async function publishTicket(deps: PublishTicketDeps, event: unknown): Promise<Output> {
  const { incidentId, stage } = publishInputSchema.parse(event);
  if (deps.ticketing === undefined) return { destination: 'ticket', state: 'not-configured' };
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`incident ${incidentId} is not in the table`);
  if (!mayTellOutside(deps.config, incident)) {
    await observed(deps, {
      incidentId,
      stage,
      destination: 'ticket',
      system: deps.ticketing.system,
      actor: 'publish-ticket',
    });
    return { destination: 'ticket', state: 'observed' };
  }
  const [bodies, since] = await Promise.all([
    readBodies(deps.blobs, incident),
    stage === 'opened' ? {} : readSince(deps, incidentId),
  ]);
  const content = ticketContent({ ...bodies, ...since }, stage);
  const destination = ticketDestination(deps.ticketing.system, deps.ticketing.jira, content);
  const published = await publish(deps, { incidentId, stage, destination, actor: 'publish-ticket' });
  return { destination: 'ticket', ...published };
}

export function ticketContent(bodies: IncidentBodies, stage: Stage): TicketContent {
  const { incident } = bodies;
  const url = executionUrl(incident.execution);
  const comment = commentOf(bodies, stage);
  return {
    incidentId: incident.incidentId,
    title: incidentTitle(bodies),
    blocks: incidentDocument(bodies),
    ...(comment === undefined ? {} : { comment }),
    ...(url === undefined ? {} : { link: { url, title: `Run of incident ${incident.incidentId}` } }),
  };
}

function commentOf(bodies: IncidentBodies, stage: Stage): TicketContent['comment'] {
  switch (stage) {
    case 'opened':
    case 'acted':
      return undefined;
    case 'concluded':
      return { mark: conclusionLine(bodies.incident), blocks: [conclusionFacts(bodies.incident)] };
    case 'drifted':
      return driftNote(bodies);
    case 'settled':
      return settledNote(bodies);
    case 'undone':
      return undoNote(bodies);
  }
}

function ticketDestination(system: string, jira: Jira, content: TicketContent): Destination {
  return {
    destination: 'ticket',
    system,
    find: (options) => jira.find(content.incidentId, options),
    create: () => jira.create(content),
    update: ({ remoteId }) => jira.update(remoteId, content),
  };
}
