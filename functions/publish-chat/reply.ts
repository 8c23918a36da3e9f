import type { Slack } from '../../connectors/chat/slack/client.ts';
import { UnusableAnswerError } from '../../connectors/http/request.ts';
import { DestinationRefusedError, DestinationUnavailableError } from '../../connectors/publication/destination.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { SecretError } from '../../connectors/secrets/secrets.ts';
import type { AuditLog, IncidentStore } from '../../connectors/store/ports.ts';
import type { PublishInput } from '../../domain/orchestration.ts';
import { actedNote } from '../../domain/publish/acted-note.ts';
import {
  driftNote,
  type IncidentBodies,
  type Note,
  settledNote,
  undoNote,
} from '../../domain/publish/incident-document.ts';

interface ReplyDeps {
  readonly incidents: Pick<IncidentStore, 'publications' | 'recordPublication'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** `actionId` at stage `acted`: the one the playbook did. */
type Saying = Pick<PublishInput, 'stage' | 'actionId'>;

/**
 * Says in the thread of the incident's message, and in the channel, what has happened to it since: that something no longer
 * holds, or was put back. Once for each such thing; a reply whose answer was lost is not sent again, for two of them would
 * read as two events.
 */
export async function replyOnce(
  deps: ReplyDeps,
  { system, slack }: { readonly system: string; readonly slack: Slack },
  bodies: IncidentBodies,
  saying: Saying,
): Promise<void> {
  const { stage } = saying;
  const { incidentId } = bodies.incident;
  const note = noteOf(bodies, saying);
  const publication = (await deps.incidents.publications(incidentId)).find(({ destination }) => destination === 'chat');
  const remoteId = publication?.remoteId;
  if (note === undefined || remoteId === undefined || publication?.state !== 'created') return;
  const { replies = [] } = publication;
  if (replies.includes(note.mark)) return;
  const said = await send(() => slack.reply(remoteId, { incidentId, title: note.mark, blocks: note.blocks }));
  if (said.state === 'failed') deps.telemetry.count('ReplyFailed');
  await deps.incidents.recordPublication(incidentId, { ...publication, replies: [...replies, note.mark] });
  await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'publish-chat' },
    kind: 'published',
    data: { destination: 'chat', system, stage, what: 'reply', ...said },
  });
}

function noteOf(bodies: IncidentBodies, { stage, actionId }: Saying): Note | undefined {
  switch (stage) {
    case 'opened':
    case 'concluded':
      return undefined;
    case 'drifted':
      return driftNote(bodies);
    case 'settled':
      return settledNote(bodies);
    case 'undone':
      return undoNote(bodies);
    case 'acted':
      return actedNote(bodies, actionId);
  }
}

async function send(
  reply: () => ReturnType<Slack['reply']>,
): Promise<{ readonly state: 'created' | 'failed' } & Readonly<Record<string, unknown>>> {
  try {
    const { remoteId, requestSha256, status } = await reply();
    return { state: 'created', remoteId, requestSha256, status };
  } catch (error) {
    // Surely not posted: whoever called is told, and tries again.
    if (error instanceof DestinationUnavailableError && !error.outcomeUnknown) throw error;
    if (
      error instanceof DestinationRefusedError ||
      error instanceof DestinationUnavailableError ||
      error instanceof UnusableAnswerError ||
      error instanceof SecretError
    )
      return { state: 'failed', note: error.message.slice(0, 400) };
    throw error;
  }
}
