import * as z from 'zod';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { faultOfBlocks } from './blocks.ts';
import { clickOn, type SentClick } from './click.ts';

/** A Slack workspace with one bot. Names and token are invented. */
export const slackScenarioSchema = z.strictObject({
  botToken: z.string().regex(/^xoxb-/),
  botUser: z.string(),
  signingSecret: z.string(),
  appId: z.string(),
  teamId: z.string(),
  channels: z.array(z.strictObject({ id: z.string(), name: z.string(), archived: z.boolean().default(false) })),
});

interface Message {
  readonly channel: string;
  readonly ts: string;
  /** The message in whose thread it is; shown in the channel too with `broadcast`. */
  readonly thread?: { readonly ts: string; readonly broadcast: boolean };
  text: string;
  blocks: unknown;
  readonly metadata: unknown;
  readonly unfurl: { readonly links: unknown; readonly media: unknown };
  updates: number;
}

const POST_FIELDS = new Set([
  'channel',
  'text',
  'blocks',
  'thread_ts',
  'reply_broadcast',
  'unfurl_links',
  'unfurl_media',
  'metadata',
]);
const UPDATE_FIELDS = new Set(['channel', 'ts', 'text', 'blocks', 'metadata', 'reply_broadcast']);
/** A click may be answered so often, for half an hour. */
const ANSWERS_PER_CLICK = 5;
const ANSWERABLE_SECONDS = 1800;

export interface SlackSandbox extends SandboxSystem {
  /** Presses a button of a message: what Slack then sends to the app. @throws Error when there is no such button */
  press(
    messageTs: string,
    click: {
      readonly userId: string;
      readonly actionId: string;
      readonly at: number;
      /** false on a laptop, where the address to answer at would be the real Slack's. */
      readonly answerable?: boolean;
    },
  ): SentClick;
}

/** Longer texts are refused by chat.postMessage (`msg_too_long`). */
const MAX_TEXT = 40_000;

/** Slack's Web API as far as the connector uses it: status 200 whatever happens, `ok` and `error` tell (reference of 2026-11). */
export function slackSandbox(scenarioFile: unknown): SlackSandbox {
  const scenario = slackScenarioSchema.parse(scenarioFile);
  const messages: Message[] = [];
  const clicks = new Map<string, { readonly userId: string; readonly at: number; answers: number }>();
  const told: { readonly userId: string; readonly text: string }[] = [];

  function post(body: Body): SandboxReply {
    const channel = scenario.channels.find(({ id }) => id === body['channel']);
    if (!channel) return refuse('channel_not_found');
    if (channel.archived) return refuse('is_archived');
    const fault = faultOfMessage(body, POST_FIELDS);
    if (fault) return refuse(fault.code, fault.detail);
    const thread = body['thread_ts'];
    if (thread !== undefined && !messages.some((one) => one.channel === channel.id && one.ts === thread))
      return refuse('thread_not_found');
    const ts = `1760433500.${String(messages.length + 1).padStart(6, '0')}`;
    messages.push({
      channel: channel.id,
      ts,
      ...(typeof thread === 'string' ? { thread: { ts: thread, broadcast: body['reply_broadcast'] === true } } : {}),
      text: String(body['text'] ?? ''),
      blocks: body['blocks'],
      metadata: body['metadata'],
      unfurl: { links: body['unfurl_links'], media: body['unfurl_media'] },
      updates: 0,
    });
    return json(200, {
      ok: true,
      channel: channel.id,
      ts,
      message: { user: scenario.botUser, text: body['text'], ts },
    });
  }

  function update(body: Body): SandboxReply {
    const message = messages.find(({ channel, ts }) => channel === body['channel'] && ts === body['ts']);
    if (!message) return refuse('message_not_found');
    const fault = faultOfMessage(body, UPDATE_FIELDS);
    if (fault) return refuse(fault.code, fault.detail);
    message.text = String(body['text'] ?? '');
    message.blocks = body['blocks'];
    message.updates += 1;
    return json(200, { ok: true, channel: message.channel, ts: message.ts, text: message.text });
  }

  /** The address that came with a click: no token, few uses. */
  function answer(path: string, body: Body): SandboxReply {
    const click = clicks.get(path);
    if (click === undefined || click.answers >= ANSWERS_PER_CLICK) return json(404, 'used_url');
    if (Date.now() / 1000 - click.at > ANSWERABLE_SECONDS) return json(404, 'expired_url');
    if (body['response_type'] !== 'ephemeral' || typeof body['text'] !== 'string') return json(500, 'no_text');
    click.answers += 1;
    told.push({ userId: click.userId, text: body['text'] });
    return json(200, { ok: true });
  }

  return {
    press(messageTs, { userId, actionId, at, answerable = true }) {
      const message = messages.find(({ ts }) => ts === messageTs);
      if (message === undefined) throw new Error(`there is no message ${messageTs}`);
      const path = `/actions/${scenario.teamId}/${clicks.size + 1}/${actionId}`;
      clicks.set(path, { userId, at: Date.now() / 1000, answers: 0 });
      const { signingSecret, appId, teamId } = scenario;
      const { channel, ts, text, blocks } = message;
      return clickOn({
        signingSecret,
        appId,
        teamId,
        userId,
        actionId,
        at,
        channel,
        message: { ts, text, blocks },
        responseUrl: answerable ? `https://hooks.slack.com${path}` : undefined,
      });
    },
    handle(call) {
      if (call.method !== 'POST') return refuse('invalid_post_type');
      const body = bodyOf(call);
      if (body === undefined) return refuse('invalid_json');
      if (call.path.startsWith('/actions/')) return answer(call.path, body);
      if (call.headers['content-type']?.split(';')[0]?.trim() !== 'application/json')
        return refuse('invalid_post_type');
      const { authorization } = call.headers;
      if (authorization === undefined) return refuse('not_authed');
      if (authorization !== `Bearer ${scenario.botToken}`) return refuse('invalid_auth');
      switch (call.path) {
        case '/chat.postMessage':
          return post(body);
        case '/chat.update':
          return update(body);
        default:
          return refuse('unknown_method');
      }
    },
    view: () => ({ channels: scenario.channels, messages, told }),
  };
}

type Body = Readonly<Record<string, unknown>>;

function faultOfMessage(body: Body, known: ReadonlySet<string>): { code: string; detail?: string } | undefined {
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown !== undefined) return { code: 'invalid_arguments', detail: `unknown argument ${unknown}` };
  const { text, blocks } = body;
  if (blocks === undefined && (typeof text !== 'string' || text === '')) return { code: 'no_text' };
  if (typeof text === 'string' && text.length > MAX_TEXT) return { code: 'msg_too_long' };
  const fault = blocks === undefined ? undefined : faultOfBlocks(blocks);
  return fault === undefined ? undefined : { code: 'invalid_blocks', detail: fault };
}

function bodyOf({ body }: SandboxCall): Body | undefined {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function refuse(error: string, detail?: string): SandboxReply {
  return json(200, {
    ok: false,
    error,
    ...(detail === undefined ? {} : { response_metadata: { messages: [detail] } }),
  });
}
