import { slack } from '../../connectors/chat/slack/client.ts';
import { type HttpDeps, realHttp } from '../../connectors/http/request.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { type ShowQuestionDeps, showQuestions } from '../../functions/show-question/show-question.ts';
import type { SlackCallbackDeps } from '../../functions/slack-callback/slack-callback.ts';
import scenario from '../../local/sandbox/scenarios/crypto-miner/slack.json' with { type: 'json' };
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import type { SentClick } from '../../local/sandbox/slack/click.ts';
import { slackSandbox } from '../../local/sandbox/slack/slack.ts';
import { type ScriptedRights, scriptedRights } from '../fakes/rights.ts';
import { memoryShownStore } from '../fakes/shown-store.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../fakes/telemetry.ts';
import { ASKED_AT, approverConfiguration, type StoryStores, storyApproval, storyStores } from './asked-action.ts';

/** Slack ids of the people of the story; a fourth one is in the channel and nobody to us. */
export const MEMBERS = { dana: 'U0DANA0001', sam: 'U0SAM00001', elsewhere: 'U0EVE00001' } as const;
export const STRANGER = 'U0STRANGER';

export function slackConfiguration(change: Partial<Configuration['approvals']> = {}): Configuration {
  const config = approverConfiguration();
  return {
    ...config,
    approvals: { ...config.approvals, ...change },
    approvers: config.approvers.map((one) => ({
      ...one,
      slackId: Object.entries(MEMBERS).find(([id]) => id === one.id)?.[1],
    })),
    destinations: {
      ...config.destinations,
      chat: {
        system: 'slack',
        baseUrl: 'https://slack.com/api',
        channel: 'C0PARAPET1',
        messagesPerMinute: 20,
        secret: 'parapet/slack',
        approvals: true,
        signingSecret: 'parapet/slack-signing',
        appId: scenario.appId,
        teamId: scenario.teamId,
      },
    },
  };
}

export interface SlackMessage {
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly block_id?: string;
    readonly elements?: readonly { readonly action_id?: string }[];
  }[];
  readonly updates: number;
  readonly unfurl: unknown;
}

/** The story when the question was put into the channel of a workspace as strict as Slack. */
export interface SlackStory {
  readonly stores: StoryStores;
  readonly telemetry: RecordingTelemetry;
  readonly rights: ScriptedRights;
  readonly server: SandboxServer;
  readonly clock: { at: number };
  readonly showing: ShowQuestionDeps;
  readonly answering: SlackCallbackDeps;
  /** Makes the channel say what the table says, as the stream of the table does. */
  show(): Promise<void>;
  message(): SlackMessage;
  /** Told to one person only. */
  told(): readonly { readonly userId: string; readonly text: string }[];
  click(decision: 'approve' | 'reject', userId: string, secondsAway?: number): SentClick;
}

export async function slackStory(
  options: { readonly approval?: Approval; readonly incident?: Incident; readonly config?: Configuration } = {},
): Promise<SlackStory> {
  const approval = options.approval ?? storyApproval();
  const config = options.config ?? slackConfiguration();
  const stores = await storyStores({ asked: false, ...(options.incident ? { incident: options.incident } : {}) });
  await stores.approvals.create(approval, 'an-invented-task-token');
  const workspace = slackSandbox(scenario);
  const server = await serve({ systems: { slack: workspace }, mount: 'prefix' });
  stores.secrets.stored.set('parapet/slack', { botToken: scenario.botToken });
  stores.secrets.stored.set('parapet/slack-signing', { current: scenario.signingSecret });
  const telemetry = recordingTelemetry();
  const rights = scriptedRights();
  const clock = { at: ASKED_AT.getTime() + 60_000 };
  const now = () => new Date(clock.at);
  // Slack's two hosts are one server here; everything else is reached as it is.
  const http: HttpDeps = {
    ...realHttp,
    sleep: async () => undefined,
    fetch: (url, init) =>
      realHttp.fetch(String(url).replace(/^https:\/\/(hooks\.)?slack\.com(\/api)?/, `${server.url}/slack`), init),
  };
  const showing: ShowQuestionDeps = {
    ...stores,
    config,
    shown: memoryShownStore(),
    slack: slack({
      http,
      secrets: stores.secrets,
      settings: { baseUrl: 'https://slack.com/api', channel: 'C0PARAPET1', secret: 'parapet/slack' },
    }),
    peopleEdgeUrl: 'https://people.example.com/',
    telemetry,
    now,
  };
  const view = (): { messages: SlackMessage[]; told: { userId: string; text: string }[] } =>
    JSON.parse(JSON.stringify(workspace.view()));
  const message = (): SlackMessage => {
    const [only, ...others] = view().messages;
    if (only === undefined || others.length > 0) throw new Error('the channel does not hold exactly one message');
    return only;
  };
  return {
    stores,
    telemetry,
    rights,
    server,
    clock,
    showing,
    answering: {
      ...stores,
      config,
      slack: { signingSecret: 'parapet/slack-signing', appId: scenario.appId, teamId: scenario.teamId },
      rights,
      http,
      telemetry,
      now,
      wait: () => new Promise(() => undefined),
    },
    async show() {
      const key = `APPROVAL#${approval.approvalId}`;
      await showQuestions(showing, { Records: [{ dynamodb: { SequenceNumber: '1', Keys: { id: { S: key } } } }] });
    },
    message,
    told: () => view().told,
    click: (decision, userId, secondsAway = 0) =>
      workspace.press(message().ts, {
        userId,
        actionId: `parapet_${decision}`,
        at: Math.floor(clock.at / 1000) + secondsAway,
      }),
  };
}

/** What an HTTP API hands over (payload format 2.0); it writes header names in lower case and forms in base64. */
export function slackEvent({ headers, body }: SentClick, encoding: 'base64' | 'text' = 'base64'): unknown {
  const encoded = encoding === 'base64' ? Buffer.from(body).toString('base64') : body;
  return {
    version: '2.0',
    routeKey: 'POST /slack/interactions',
    headers,
    requestContext: { http: { method: 'POST' } },
    body: encoded,
    isBase64Encoded: encoding === 'base64',
  };
}
