import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { teams } from '../../connectors/chat/teams/client.ts';
import { realHttp } from '../../connectors/http/request.ts';
import type { Decision } from '../../domain/approval/approval.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { type TeamsSandbox, teamsSandbox } from '../../local/sandbox/teams/teams.ts';
import { INCIDENT_ID, PLAN_KEY, storyAction, storyApproval, storyPlan } from '../../test/stories/asked-action.ts';
import {
  MEMBERS,
  type SlackStory,
  slackConfiguration,
  slackEvent,
  slackStory,
} from '../../test/stories/slack-question.ts';
import { slackCallback } from '../slack-callback/slack-callback.ts';
import { showQuestions } from './show-question.ts';

const ID = storyApproval().approvalId;
let story: SlackStory;
const open: { close(): Promise<void> }[] = [];
const begin = async (...args: Parameters<typeof slackStory>): Promise<SlackStory> => {
  const one = await slackStory(...args);
  open.push(one.server);
  return one;
};
beforeEach(async () => {
  story = await begin();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const shownWords = () => JSON.stringify(story.message().blocks);
const buttons = () =>
  story
    .message()
    .blocks.flatMap(({ type, elements }) =>
      type === 'actions' ? (elements ?? []).map(({ action_id }) => action_id) : [],
    );
const published = async () =>
  (await story.stores.audit.read(INCIDENT_ID)).filter(({ kind }) => kind === 'published').map(({ data }) => data);
const batch = (...keys: readonly string[]) => ({
  Records: keys.map((key, index) => ({ dynamodb: { SequenceNumber: String(index + 1), Keys: { id: { S: key } } } })),
});
const vote = (decision: Decision['decision'], by: string, at: string): Promise<unknown> =>
  story.stores.approvals.decide(
    { approvalId: ID, decision, decidedBy: by, decidedAt: at, planDigest: storyApproval().planDigest },
    INCIDENT_ID,
    new Date(at),
  );

describe('a question in the channel', () => {
  it('says what, on what, why, how it is undone and until when, with two buttons, no preview, and no personal link', async () => {
    await story.show();
    const message = story.message();
    expect(message.text).toMatch(/^\[critical\] Decision needed: Quarantine pod payments\//);
    expect(message.unfurl).toEqual({ links: false, media: false });
    for (const part of ['prod-eks', 'mines in this pod', 'kubectl -n payments label pod', '2025-10-14 09:50:00 UTC']) {
      expect(shownWords()).toContain(part);
    }
    expect(buttons()).toEqual(['parapet_approve', 'parapet_reject']);
    expect(shownWords()).toContain(`"url":"https://people.example.com/approvals/${ID}"`);
    expect(shownWords()).not.toMatch(/[?&]t=|eyJ/);
    expect(await published()).toMatchObject([
      { destination: 'slack', what: 'question', approvalId: ID, state: 'created' },
    ]);
  });

  it('keeps its buttons whatever an attacker wrote into what it tells, and lets no word of it become live', async () => {
    const words = `<!channel> <@U0DANA0001> <https://evil.example|ok> http://evil.example/x 203.0.113.7 \u202e${'&'.repeat(4_000)}`;
    const { preview } = storyAction();
    const many = Array.from({ length: 200 }, () => words);
    const hostile = storyAction({
      rationale: words,
      preview: { ...preview, title: words, summary: words, undo: words, warnings: many, blastRadius: many },
    });
    await story.stores.blobs.put(PLAN_KEY, JSON.stringify(storyPlan([hostile])));
    await story.show();
    expect(buttons()).toEqual(['parapet_approve', 'parapet_reject']);
    const shown = `${story.message().text} ${shownWords()}`;
    // Preformatted text is not parsed by Slack; everything else is.
    const parsed = JSON.stringify(story.message().blocks.filter(({ type }) => type !== 'rich_text'));
    expect(/<[!@#]|<https?:/.test(`${story.message().text} ${parsed}`)).toBe(false);
    expect(/http:\/\/evil|203\.0\.113\.7|\u202e/.test(shown)).toBe(false);
    expect(shown.includes('hxxp://evil[.]example')).toBe(true);
  });

  it('is one message however often its change is delivered, also together with others', async () => {
    await story.show();
    await story.show();
    const answer = await showQuestions(
      story.showing,
      batch(`APPROVAL#${ID}`, `TOKEN#${ID}`, 'SHOWN#x', 'APPROVAL#apr-none'),
    );
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(story.message().updates).toBe(0);
  });

  it('loses its buttons when it was decided by a click, and says by whom and when', async () => {
    await story.show();
    await slackCallback(story.answering, slackEvent(story.click('approve', MEMBERS.dana)));
    await story.show();
    expect(buttons()).toEqual([]);
    expect(story.message().text).toMatch(/^\[critical\] Approved:/);
    expect(shownWords()).toContain('Approved by Dana Example at 2025-10-14 09:21:00 UTC');
    expect(() => story.click('reject', MEMBERS.sam)).toThrow(/no button/);
  });

  it('says that the decision came too late, once that is known', async () => {
    await story.show();
    await vote('approved', 'dana', '2025-10-14T09:21:00.000Z');
    await story.show();
    await story.stores.approvals.markDelivery(ID, 'late');
    await story.show();
    expect(shownWords()).toContain('too late: nothing is executed');
  });

  it('keeps its buttons while more people must approve, counts them, and has a new block id', async () => {
    story = await begin({ approval: { ...storyApproval(), quorum: 2 } });
    await story.show();
    const block = () => story.message().blocks.find(({ type }) => type === 'actions')?.block_id;
    const first = block();
    await vote('approved', 'dana', '2025-10-14T09:21:00.000Z');
    await story.show();
    expect(buttons()).toEqual(['parapet_approve', 'parapet_reject']);
    expect(shownWords()).toContain('1 of 2 different people have approved');
    expect([first === block(), typeof block()]).toEqual([false, 'string']);
  });

  it.each([
    ['it expired', () => story.stores.approvals.expire(ID, new Date()), 'Not decided in time'],
    ['the incident was closed', () => story.stores.approvals.closePending(INCIDENT_ID), 'No longer asked'],
    ['it was rejected', () => vote('rejected', 'sam', '2025-10-14T09:21:00.000Z'), 'Rejected'],
  ])('loses its buttons when %s', async (_, change, title) => {
    await story.show();
    await change();
    await story.show();
    expect([story.message().text.includes(title), buttons()]).toEqual([true, []]);
  });

  it('has no buttons when what was asked about cannot be read - nobody approves what is not shown', async () => {
    await story.stores.blobs.put(storyApproval().planKey, '{}');
    await story.show();
    expect([buttons(), shownWords().includes('cannot be read')]).toEqual([[], true]);
  });

  it('has no button to approve what a click may not', async () => {
    story = await begin({ config: slackConfiguration({ linkMayApprove: [] }) });
    await story.show();
    expect(buttons()).toEqual(['parapet_reject']);
    expect(shownWords()).toContain('It cannot be approved by a link or a click');
  });

  it('is told again by the stream when Slack asks for patience, and the others in the batch are not held up', async () => {
    story.server.misbehave({ system: 'slack', reply: { status: 200, body: '{"ok":false,"error":"ratelimited"}' } });
    expect(await showQuestions(story.showing, batch(`APPROVAL#${ID}`, 'APPROVAL#apr-none'))).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    });
    await story.show();
    expect(buttons()).toHaveLength(2);
  });

  it.each([
    ['Slack refuses it', { status: 200, body: '{"ok":false,"error":"is_archived"}' }],
    ['Slack falls silent, when it may be there', { cutAfterBytes: 4 }],
  ])('is not tried for ever when %s, and the log says so; the next change tries anew', async (_, reply) => {
    story.server.misbehave({ system: 'slack', reply });
    await story.show();
    await story.show();
    expect(story.telemetry.counted('QuestionNotShown', { place: 'slack' })).toBe(1);
    expect(await published()).toMatchObject([{ state: 'failed' }]);
    await vote('rejected', 'sam', '2025-10-14T09:21:00.000Z');
    await story.show();
    expect(story.message().text).toContain('Rejected');
  });
});

describe('cards in Teams', () => {
  let workflow: TeamsSandbox;
  let server: SandboxServer;
  const cards = () => workflow.cards().map((card) => JSON.stringify(card));
  beforeEach(async () => {
    workflow = teamsSandbox({ signature: 'an-invented-signature' });
    server = await serve({ systems: { teams: workflow }, mount: 'prefix' });
    open.push(server);
    story.stores.secrets.stored.set('parapet/teams', {
      url: `${server.url}/teams/workflows/x?sig=an-invented-signature`,
    });
    const { secrets } = story.stores;
    const http = { ...realHttp, sleep: async () => undefined };
    story = {
      ...story,
      showing: {
        ...story.showing,
        slack: undefined,
        teams: teams({ http, secrets, settings: { secret: 'parapet/teams' } }),
      },
    };
  });
  const show = () => showQuestions(story.showing, batch(`APPROVAL#${ID}`));

  it('are one for the question with the address of the page, and one for its end without', async () => {
    await show();
    await show();
    expect(cards()).toHaveLength(1);
    expect(cards()[0]).toContain(`"url":"https://people.example.com/approvals/${ID}"`);
    expect(cards()[0]).not.toMatch(/[?&]t=|eyJ|Action\.(Submit|Execute)/);
    await vote('approved', 'dana', '2025-10-14T09:21:00.000Z');
    await show();
    await story.stores.approvals.markDelivery(ID, 'delivered');
    await show();
    expect(cards()).toHaveLength(2);
    expect(cards()[1]).toContain('Approved by Dana Example');
    expect(cards()[1]).not.toContain('Action.OpenUrl');
    expect(await published()).toMatchObject([
      { destination: 'teams', question: 'PENDING', state: 'created' },
      { destination: 'teams', question: 'APPROVED', state: 'created' },
    ]);
  });

  it('do not keep Slack from being told when they fail', async () => {
    const both = { ...(await begin()).showing };
    const failing = { ...both, teams: story.showing.teams };
    server.misbehave({ system: 'teams', reply: { status: 503, body: '' } });
    expect(await showQuestions(failing, batch(`APPROVAL#${ID}`))).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    });
    expect(await both.shown.get(ID, 'slack')).toMatchObject({ remoteId: expect.stringContaining('C0PARAPET1:') });
    expect(await showQuestions(failing, batch(`APPROVAL#${ID}`))).toEqual({ batchItemFailures: [] });
    expect(cards()).toHaveLength(1);
  });
});
