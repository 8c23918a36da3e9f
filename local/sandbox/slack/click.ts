import { createHmac } from 'node:crypto';
import * as z from 'zod';

/** A click as Slack sends it: a form with one field, signed over its bytes. */
export interface SentClick {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ClickOf {
  readonly signingSecret: string;
  readonly appId: string;
  readonly teamId: string;
  readonly userId: string;
  readonly channel: string;
  readonly message: { readonly ts: string; readonly text: string; readonly blocks: unknown };
  readonly actionId: string;
  /** undefined: the answer to one person has nowhere to go, as in an app that Slack gives none. */
  readonly responseUrl: string | undefined;
  /** When it is sent, in seconds. */
  readonly at: number;
}

const buttonsSchema = z.array(
  z.object({
    type: z.string(),
    block_id: z.string().optional(),
    elements: z
      .array(z.object({ type: z.string(), action_id: z.string().optional(), value: z.string().optional() }).loose())
      .optional(),
  }),
);

/** Payload of `block_actions` (reference of 2026-11). @throws Error when the message has no such button, as nobody could press it */
export function clickOn(of: ClickOf): SentClick {
  const blocks = buttonsSchema.parse(of.message.blocks);
  const block = blocks.find(({ elements }) => elements?.some(({ action_id }) => action_id === of.actionId));
  const button = block?.elements?.find(({ action_id }) => action_id === of.actionId);
  if (button === undefined) throw new Error(`the message has no button ${of.actionId}`);
  const payload = {
    type: 'block_actions',
    user: { id: of.userId, username: 'jürgen', team_id: of.teamId },
    api_app_id: of.appId,
    token: 'an-old-verification-token',
    container: { type: 'message', message_ts: of.message.ts, channel_id: of.channel, is_ephemeral: false },
    trigger_id: '398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    team: { id: of.teamId, domain: 'example' },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: of.channel, name: 'security-incidents' },
    message: { type: 'message', ...of.message },
    state: { values: {} },
    ...(of.responseUrl === undefined ? {} : { response_url: of.responseUrl }),
    actions: [
      {
        type: 'button',
        action_id: of.actionId,
        block_id: block?.block_id ?? 'b1',
        value: button.value ?? '',
        action_ts: `${of.at}.000001`,
      },
    ],
  };
  const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
  return { headers: signed(of.signingSecret, of.at, body), body };
}

/** Slack writes header names as it likes; so do proxies. */
function signed(secret: string, at: number, body: string): Readonly<Record<string, string>> {
  const mac = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${mac}`,
  };
}
