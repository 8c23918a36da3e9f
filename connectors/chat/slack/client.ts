import type { KnownBlock } from '@slack/types';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import { type HttpAnswer, type HttpDeps, type HttpLimits, jsonOf, UnusableAnswerError } from '../../http/request.ts';
import { CredentialRefusedError, withCredential } from '../../publication/credential.ts';
import { DestinationRefusedError, DestinationUnavailableError, type Receipt } from '../../publication/destination.ts';
import { sendOnce, sendSafely } from '../../publication/send-once.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { type ChatContent, type ChatWords, type DigestContent, fallbackText, messageBlocks } from './map.ts';
import { type QuestionContent, questionBlocks } from './question.ts';
import { slackAnswerSchema, slackSecretSchema } from './schema.ts';

export interface SlackDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly settings: { readonly baseUrl: string; readonly channel: string; readonly secret: string };
  readonly limits?: HttpLimits;
}

/** Slack's Web API: two methods, so no client library (reference, decision 1). */
export function slack(deps: SlackDeps) {
  const { settings } = deps;
  const base = settings.baseUrl.replace(/\/+$/, '');

  const call = async (
    send: typeof sendSafely,
    method: string,
    body: Readonly<Record<string, unknown>>,
  ): Promise<Receipt> => {
    const text = JSON.stringify(body);
    return await withCredential(
      deps.secrets,
      { name: settings.secret, schema: slackSecretSchema },
      async ({ botToken }) => {
        const answer = await send(
          deps.http,
          {
            method: 'POST',
            url: `${base}/${method}`,
            headers: { authorization: `Bearer ${botToken}`, 'content-type': 'application/json; charset=utf-8' },
            body: text,
          },
          deps.limits,
        );
        const { channel, ts } = accepted(method, answer);
        return { remoteId: `${channel}:${ts}`, requestSha256: sha256Hex(text), status: answer.status };
      },
    );
  };

  const post = (message: Message, metadata: Readonly<Record<string, unknown>>): Promise<Receipt> =>
    call(sendOnce, 'chat.postMessage', {
      channel: settings.channel,
      ...message,
      unfurl_links: false,
      unfurl_media: false,
      metadata,
    });

  const update = async (remoteId: string, message: Message): Promise<Receipt> => {
    const { channel, ts } = placeOf(remoteId);
    return await call(sendSafely, 'chat.update', { channel, ts, ...message });
  };

  return {
    /** Posts once. `remoteId` is `<channel>:<ts>`. */
    post: (content: ChatContent): Promise<Receipt> =>
      post(message(content), { event_type: 'parapet_incident', event_payload: { incident_id: content.incidentId } }),

    /** Posts once, about many incidents. */
    postDigest: (content: DigestContent): Promise<Receipt> =>
      post(message(content), { event_type: 'parapet_digest', event_payload: { digest_id: content.digestId } }),

    /** Replaces the message; repeating it changes nothing. */
    update: (remoteId: string, content: ChatContent): Promise<Receipt> => update(remoteId, message(content)),

    /**
     * Says something in the thread of a message and shows it in the channel too, once: an edited message rings nowhere.
     */
    reply: (remoteId: string, content: ChatContent): Promise<Receipt> => {
      const { channel, ts } = placeOf(remoteId);
      return call(sendOnce, 'chat.postMessage', {
        channel,
        thread_ts: ts,
        reply_broadcast: true,
        ...message(content),
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: 'parapet_incident', event_payload: { incident_id: content.incidentId } },
      });
    },

    /** Posts a question with its buttons, once. A second copy would be harmless: both mean the same approval. */
    ask: (content: QuestionContent): Promise<Receipt> =>
      post(question(content), {
        event_type: 'parapet_question',
        event_payload: { approval_id: content.approvalId },
      }),

    updateQuestion: (remoteId: string, content: QuestionContent): Promise<Receipt> =>
      update(remoteId, question(content)),
  };
}
export type Slack = ReturnType<typeof slack>;

function placeOf(remoteId: string): { readonly channel: string; readonly ts: string } {
  const [, channel, ts] = /^([CGD][A-Z0-9]+):(\d+\.\d+)$/.exec(remoteId) ?? [];
  if (channel === undefined || ts === undefined) {
    throw new DestinationRefusedError(`"${remoteId}" does not name a Slack message (channel:ts)`);
  }
  return { channel, ts };
}

interface Message {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

function message(content: ChatWords): Message {
  return { text: fallbackText(content), blocks: messageBlocks(content) };
}

function question(content: QuestionContent): Message {
  return { text: fallbackText(content), blocks: questionBlocks(content) };
}

/** Codes after which the same call may succeed later (rate_limited published; the others unverified). */
const TRANSIENT = new Set([
  'rate_limited',
  'ratelimited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
]);
const CREDENTIAL = new Set(['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired']);

function accepted(method: string, answer: HttpAnswer): { readonly channel: string; readonly ts: string } {
  const parsed = slackAnswerSchema.safeParse(jsonOf(answer));
  if (!parsed.success)
    throw new UnusableAnswerError(`Slack's answer to ${method} has not the shape this connector relies on`);
  if (parsed.data.ok) return parsed.data;
  const said = `Slack refused ${method}: ${parsed.data.error.slice(0, 80)}`;
  if (CREDENTIAL.has(parsed.data.error)) throw new CredentialRefusedError(said);
  // Slack said that it did not do it, so the outcome is known.
  if (TRANSIENT.has(parsed.data.error)) throw new DestinationUnavailableError(said, { outcomeUnknown: false });
  throw new DestinationRefusedError(said);
}
