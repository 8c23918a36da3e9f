import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../test/fakes/configuration.ts';
import { ConfigurationError } from './parse.ts';
import { showsQuestions, slackQuestions } from './questions.ts';

const CHAT = { system: 'slack', channel: 'C0123456789', secret: 'parapet/slack' };
const APP = { signingSecret: 'parapet/slack-signing', appId: 'A0123456789', teamId: 'T0123456789' };
const approver = (id: string, slackId?: string) => ({
  id,
  name: id,
  mail: `${id}@example.com`,
  may: [{ actions: ['*'] }],
  ...(slackId === undefined ? {} : { slackId }),
});
const withChat = (chat: object, change: object = {}) =>
  sampleConfiguration({ destinations: { chat: { ...CHAT, ...chat } }, ...change });
const problemsOf = (make: () => unknown): readonly string[] => {
  try {
    make();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ path }) => path);
  }
};

describe('questions in Slack', () => {
  it('are asked only where somebody says so, with the app that may be believed', () => {
    expect(slackQuestions(withChat({}))).toBeUndefined();
    expect(slackQuestions(withChat(APP))).toBeUndefined();
    expect(slackQuestions(withChat({ ...APP, approvals: true }))).toEqual(APP);
    expect(showsQuestions(withChat(APP))).toBe(false);
    expect(showsQuestions(withChat({ ...APP, approvals: true }))).toBe(true);
    expect(showsQuestions(sampleConfiguration({ destinations: { teams: { secret: 'parapet/teams' } } }))).toBe(true);
  });

  it('need secret, app and workspace, each named when it is missing - without them no click can be believed', () => {
    expect(problemsOf(() => withChat({ approvals: true }))).toEqual([
      'destinations.chat.signingSecret',
      'destinations.chat.appId',
      'destinations.chat.teamId',
    ]);
  });

  it.each([
    [{ appId: 'parapet' }, 'destinations.chat.appId'],
    [{ teamId: 'example' }, 'destinations.chat.teamId'],
    [{ teamId: 'E0123456789' }, 'destinations.chat.teamId'],
  ])('need ids as Slack writes them, not %j', (change, path) => {
    expect(problemsOf(() => withChat({ ...APP, approvals: true, ...change }))).toEqual([path]);
  });

  it('need one person for each Slack user - a click must not be two', () => {
    const approvers = [approver('ada', 'U0123456789'), approver('bob'), approver('cleo', 'U0123456789')];
    expect(problemsOf(() => withChat({ ...APP, approvals: true }, { approvers }))).toEqual(['approvers[2].slackId']);
  });
});
