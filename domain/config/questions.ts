import type { Configuration } from './schema.ts';

export interface SlackQuestions {
  readonly signingSecret: string;
  readonly appId: string;
  readonly teamId: string;
}

/** What is known of the Slack app, where questions are asked in Slack; undefined: they are not. */
export function slackQuestions({
  destinations: { chat },
}: Pick<Configuration, 'destinations'>): SlackQuestions | undefined {
  if (chat?.approvals !== true) return undefined;
  const { signingSecret, appId, teamId } = chat;
  if (signingSecret === undefined || appId === undefined || teamId === undefined) return undefined;
  return { signingSecret, appId, teamId };
}

/** Whether any channel shows questions, so that somebody must tell it. */
export function showsQuestions(config: Pick<Configuration, 'destinations'>): boolean {
  return slackQuestions(config) !== undefined || config.destinations.teams !== undefined;
}
