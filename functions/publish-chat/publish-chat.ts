import type * as z from 'zod';
import type { Slack } from '../../connectors/chat/slack/client.ts';
import type { ChatContent } from '../../connectors/chat/slack/map.ts';
import { readBodies, readSince } from '../../connectors/publication/bodies.ts';
import type { Destination } from '../../connectors/publication/destination.ts';
import { observed, type PublishDeps, publish } from '../../connectors/publication/publish.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { DigestLine } from '../../connectors/store/digest-port.ts';
import type { MinuteRate } from '../../connectors/store/minute-rate.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { WatchStore } from '../../connectors/store/watch-port.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { Incident, Publication } from '../../domain/incident/incident.ts';
import { publishInputSchema, type publishOutputSchema } from '../../domain/orchestration.ts';
import { mayTellOutside } from '../../domain/phase/outside.ts';
import { deservesOwnMessage, digestEntry, needsLookingAt } from '../../domain/publish/digest-entry.ts';
import type { IncidentBodies } from '../../domain/publish/incident-document.ts';
import { incidentSummary } from '../../domain/publish/incident-summary.ts';
import { replyOnce } from './reply.ts';

export interface PublishChatDeps extends PublishDeps {
  readonly config: Configuration;
  readonly incidents: PublishDeps['incidents'] & Pick<IncidentStore, 'get' | 'publications'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly watches: Pick<WatchStore, 'ofIncident'>;
  readonly line: Pick<DigestLine, 'stand'>;
  /** Of messages, over all processes. */
  readonly rate: MinuteRate;
  readonly telemetry: Telemetry;
  /** Absent: no chat system is configured. */
  readonly chat?: { readonly system: 'slack'; readonly slack: Slack } | undefined;
}

type Output = z.infer<typeof publishOutputSchema>;
type Stage = z.infer<typeof publishInputSchema>['stage'];

/**
 * One message per incident, replaced at stage `concluded`, and a reply for what people must notice after it; beyond the configured rate a place in the next digest instead
 * (docs/decisions/0010). It names the ticket when that exists already: ticket and chat are published side by side, so at
 * stage `opened` it may be missing. Where the phase is observe there is no message, and the log says so.
 * @throws z.ZodError, NotFoundError (no such incident), PublicationBusyError, ConflictError
 */
export async function publishChat(deps: PublishChatDeps, event: unknown): Promise<Output> {
  const { incidentId, stage, actionId } = publishInputSchema.parse(event);
  if (deps.chat === undefined) return { destination: 'chat', state: 'not-configured' };
  const [incident, publications] = await Promise.all([
    deps.incidents.get(incidentId),
    deps.incidents.publications(incidentId),
  ]);
  if (incident === undefined) throw new NotFoundError(`incident ${incidentId} is not in the table`);
  if (!mayTellOutside(deps.config, incident)) {
    await observed(deps, { incidentId, stage, destination: 'chat', system: deps.chat.system, actor: 'publish-chat' });
    return { destination: 'chat', state: 'observed' };
  }
  const since = stage === 'opened' ? {} : await readSince(deps, incidentId);
  const bodies = { ...(await readBodies(deps.blobs, incident)), ...since };
  const before = publications.find(({ destination }) => destination === 'chat');
  switch (await wayOf(deps, { bodies, before, stage })) {
    case 'told':
      return { destination: 'chat', state: 'in-digest' };
    case 'digest':
      await standInLine(deps, { bodies, before, stage, system: deps.chat.system });
      return { destination: 'chat', state: 'in-digest' };
    case 'own-message': {
      const ticketUrl = publications.find(({ destination }) => destination === 'ticket')?.url;
      const content = { incidentId, ...incidentSummary(bodies, ticketUrl) };
      const destination = chatDestination(deps.chat.system, deps.chat.slack, content);
      const published = await publish(deps, { incidentId, stage, destination, actor: 'publish-chat' });
      // A message that was just posted is seen; one that was edited is not.
      // What a playbook did is said in its own words in any case.
      if (published.state === 'updated' || stage === 'acted')
        await replyOnce(deps, deps.chat, bodies, { stage, actionId });
      return { destination: 'chat', ...published };
    }
  }
}

interface Telling {
  readonly bodies: IncidentBodies;
  /** Its chat publication as it was read. */
  readonly before: Publication | undefined;
  readonly stage: Stage;
}

/** `told`: it stands in a digest, or stood in one, and that is enough. */
async function wayOf(
  { rate }: PublishChatDeps,
  { bodies, before, stage }: Telling,
): Promise<'own-message' | 'digest' | 'told'> {
  // Whoever was told that it is contained must be told that it is not, whatever the rate.
  if (stage === 'drifted' || stage === 'settled' || stage === 'undone' || stage === 'acted') return 'own-message';
  switch (before?.state) {
    case 'created':
    case 'claimed':
      return 'own-message';
    case 'in-digest':
      if (deservesOwnMessage(bodies)) break;
      return stage === 'concluded' && mustBeToldAgain(bodies.incident, before) ? 'digest' : 'told';
    case 'failed':
    case undefined:
      break;
  }
  // Counted for severe ones too: they take the room of others, never the other way round.
  const exceeded = await rate.isExceeded();
  return exceeded && !deservesOwnMessage(bodies) ? 'digest' : 'own-message';
}

/** The end is in the ticket; only one that somebody must look at is told again, and once: `claimedAt` says what it was told for. */
function mustBeToldAgain({ outcome, times }: Incident, before: Publication): boolean {
  return outcome !== undefined && needsLookingAt(outcome) && before.claimedAt !== times.concluded;
}

async function standInLine(deps: PublishChatDeps, telling: Telling & { readonly system: string }): Promise<void> {
  const { bodies, before, stage, system } = telling;
  const { incidentId, times } = bodies.incident;
  const now = deps.now().toISOString();
  const stoodAt = stage === 'concluded' ? (times.concluded ?? now) : now;
  await deps.line.stand(digestEntry(bodies, stoodAt), { system, before });
  deps.telemetry.count('IncidentInDigest');
  await deps.audit.append({
    chain: incidentId,
    at: now,
    actor: { type: 'function', id: 'publish-chat' },
    kind: 'published',
    data: { destination: 'chat', system, stage, state: 'in-digest', stoodAt },
  });
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
