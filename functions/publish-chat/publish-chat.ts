import type * as z from 'zod';
import type { Slack } from '../../connectors/chat/slack/client.ts';
import type { ChatContent } from '../../connectors/chat/slack/map.ts';
import { readBodies } from '../../connectors/publication/bodies.ts';
import type { Destination } from '../../connectors/publication/destination.ts';
import { type PublishDeps, publish } from '../../connectors/publication/publish.ts';
import { type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import { publishInputSchema, type publishOutputSchema } from '../../domain/orchestration.ts';
import { incidentSummary } from '../../domain/publish/incident-summary.ts';

export interface PublishChatDeps extends PublishDeps {
  readonly incidents: PublishDeps['incidents'] & Pick<IncidentStore, 'get' | 'publications'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  /** Absent: no chat system is configured. */
  readonly chat?: { readonly system: 'slack'; readonly slack: Slack } | undefined;
}

type Output = z.infer<typeof publishOutputSchema>;

/**
 * One message per incident, replaced at stage `concluded`. It names the ticket when that exists already: ticket and chat
 * are published side by side, so at stage `opened` it may be missing.
 * @throws z.ZodError, NotFoundError (no such incident), PublicationBusyError
 */
export async function publishChat(deps: PublishChatDeps, event: unknown): Promise<Output> {
  const { incidentId, stage } = publishInputSchema.parse(event);
  if (deps.chat === undefined) return { destination: 'chat', state: 'not-configured' };
  const [incident, publications] = await Promise.all([
    deps.incidents.get(incidentId),
    deps.incidents.publications(incidentId),
  ]);
  if (incident === undefined) throw new NotFoundError(`incident ${incidentId} is not in the table`);
  const ticketUrl = publications.find(({ destination }) => destination === 'ticket')?.url;
  const content = { incidentId, ...incidentSummary(await readBodies(deps.blobs, incident), ticketUrl) };
  const destination = chatDestination(deps.chat.system, deps.chat.slack, content);
  return { destination: 'chat', ...(await publish(deps, { incidentId, stage, destination, actor: 'publish-chat' })) };
}

function chatDestination(system: string, slack: Slack, content: ChatContent): Destination {
  return {
    destination: 'chat',
    system,
    // Reading a channel needs a history scope we do not ask for; a rare second message is the smaller harm (README).
    find: async () => undefined,
    create: () => slack.post(content),
    update: ({ remoteId }) => slack.update(remoteId, content),
  };
}
