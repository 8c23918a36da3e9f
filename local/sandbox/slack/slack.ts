import * as z from 'zod';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { faultOfBlocks } from './blocks.ts';

/** A Slack workspace with one bot. Names and token are invented. */
export const slackScenarioSchema = z.strictObject({
  botToken: z.string().regex(/^xoxb-/),
  botUser: z.string(),
  channels: z.array(z.strictObject({ id: z.string(), name: z.string(), archived: z.boolean().default(false) })),
});

interface Message {
  readonly channel: string;
  readonly ts: string;
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
/** Longer texts are refused by chat.postMessage (`msg_too_long`). */
const MAX_TEXT = 40_000;

/** Slack's Web API as far as the connector uses it: status 200 whatever happens, `ok` and `error` tell (reference of 2026-11). */
export function slackSandbox(scenarioFile: unknown): SandboxSystem {
  const scenario = slackScenarioSchema.parse(scenarioFile);
  const messages: Message[] = [];

  function post(body: Body): SandboxReply {
    const channel = scenario.channels.find(({ id }) => id === body['channel']);
    if (!channel) return refuse('channel_not_found');
    if (channel.archived) return refuse('is_archived');
    const fault = faultOfMessage(body, POST_FIELDS);
    if (fault) return refuse(fault.code, fault.detail);
    const ts = `1760433500.${String(messages.length + 1).padStart(6, '0')}`;
    messages.push({
      channel: channel.id,
      ts,
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

  return {
    handle(call) {
      if (call.method !== 'POST') return refuse('invalid_post_type');
      const body = bodyOf(call);
      if (body === undefined) return refuse('invalid_json');
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
    view: () => ({ channels: scenario.channels, messages }),
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
