import type * as z from 'zod';
import { readBodies } from '../../connectors/publication/bodies.ts';
import type { Destination } from '../../connectors/publication/destination.ts';
import { type PublishDeps, publish } from '../../connectors/publication/publish.ts';
import { type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { Jira } from '../../connectors/ticketing/jira/client.ts';
import type { TicketContent } from '../../connectors/ticketing/jira/map.ts';
import { publishInputSchema, type publishOutputSchema } from '../../domain/orchestration.ts';
import { executionUrl } from '../../domain/publish/execution-link.ts';
import {
  conclusionFacts,
  conclusionLine,
  type IncidentBodies,
  incidentDocument,
  incidentTitle,
} from '../../domain/publish/incident-document.ts';

export interface PublishTicketDeps extends PublishDeps {
  readonly incidents: PublishDeps['incidents'] & Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  /** Absent: no ticket system is configured. */
  readonly ticketing?: { readonly system: 'jira'; readonly jira: Jira } | undefined;
}

type Output = z.infer<typeof publishOutputSchema>;

/**
 * One ticket per incident: created at stage `opened`, brought up to date with one comment at stage `concluded`.
 * @throws z.ZodError, NotFoundError (no such incident), PublicationBusyError
 */
export async function publishTicket(deps: PublishTicketDeps, event: unknown): Promise<Output> {
  const { incidentId, stage } = publishInputSchema.parse(event);
  if (deps.ticketing === undefined) return { destination: 'ticket', state: 'not-configured' };
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`incident ${incidentId} is not in the table`);
  const content = ticketContent(await readBodies(deps.blobs, incident), stage);
  const destination = ticketDestination(deps.ticketing.system, deps.ticketing.jira, content);
  const published = await publish(deps, { incidentId, stage, destination, actor: 'publish-ticket' });
  return { destination: 'ticket', ...published };
}

export function ticketContent(bodies: IncidentBodies, stage: 'opened' | 'concluded'): TicketContent {
  const { incident } = bodies;
  const url = executionUrl(incident.execution);
  return {
    incidentId: incident.incidentId,
    title: incidentTitle(bodies),
    blocks: incidentDocument(bodies),
    ...(stage === 'concluded'
      ? { comment: { mark: conclusionLine(incident), blocks: [conclusionFacts(incident)] } }
      : {}),
    ...(url === undefined ? {} : { link: { url, title: `Run of incident ${incident.incidentId}` } }),
  };
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
