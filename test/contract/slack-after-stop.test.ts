import { afterEach, describe, expect, it } from 'vitest';
import { writingTargets } from '../../connectors/targets/writing.ts';
import { execute } from '../../functions/execute/execute.ts';
import { slackCallback } from '../../functions/slack-callback/slack-callback.ts';
import { idleWriter, scriptedCatalogue } from '../fakes/actions.ts';
import { memoryExecutionSwitch } from '../fakes/execution-switch.ts';
import { memoryPlaybookSlots } from '../fakes/playbook-slots.ts';
import { INCIDENT_ID, PLAN_KEY, storyApproval } from '../stories/asked-action.ts';
import { MEMBERS, type SlackStory, slackEvent, slackStory } from '../stories/slack-question.ts';

let story: SlackStory;
afterEach(() => story.server.close());

describe('a click after somebody stopped every execution', () => {
  it.each([
    ['before the click', true],
    ['between the click and its execution', false],
  ])('is recorded and executes nothing when the stop came %s', async (_, stoppedFirst) => {
    story = await slackStory();
    await story.show();
    const control = memoryExecutionSwitch();
    const stop = () =>
      control.set({ state: 'stopped', at: '2025-10-14T09:21:00.000Z', by: 'ada', reason: 'too much moves at once' });
    if (stoppedFirst) await stop();
    await slackCallback(story.answering, slackEvent(story.click('approve', MEMBERS.dana)));
    expect((await story.stores.approvals.get(storyApproval().approvalId))?.status).toBe('APPROVED');
    if (!stoppedFirst) await stop();
    const { catalogue, calls } = scriptedCatalogue({
      apply: { outcome: 'applied', reason: 'This would be the effect.', requests: [] },
    });
    const { stores, answering } = story;
    const targets = writingTargets(catalogue, {
      kubernetes: () => idleWriter,
      aws: () => undefined,
      vendor: () => undefined,
    });
    const now = () => new Date('2025-10-14T09:22:00.000Z');
    const input = {
      incidentId: INCIDENT_ID,
      actionId: 'A1',
      planKey: PLAN_KEY,
      approvalId: storyApproval().approvalId,
    };
    const slots = memoryPlaybookSlots();
    const deps = { ...stores, config: answering.config, control, targets, slots, now };
    expect(await execute(deps, input)).toMatchObject({ outcome: 'refused' });
    expect(calls).toEqual([]);
    await control.set({ state: 'running', at: '2025-10-14T09:23:00.000Z', by: 'ada' });
    expect(await execute(deps, input)).toMatchObject({ outcome: 'applied' });
    expect(calls).toHaveLength(1);
  });
});
