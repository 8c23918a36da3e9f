import { story as guardDuty } from './guardduty.ts';
import type { Story } from './story.ts';

/** A miner on a machine of an Auto Scaling group: no pod, so what can be cut off is the machine itself. */
export const isolateInstanceStory: Story = {
  source: 'guardduty',
  title: 'a miner on an instance',
  scenario: 'mining-instance',
  pushes: [
    { channel: 'event-bus', file: 'events/miner-executed.json' },
    { channel: 'event-bus', file: 'events/pool-queried.json' },
  ],
  adapt: (sample) => {
    const { guardduty } = guardDuty.adapt?.(sample).sources ?? {};
    return { ...sample, sources: { ...sample.sources, ...(guardduty && { guardduty }) } };
  },
  asked: ['aws.isolate-instance'],
  outcome: 'contained',
  says: [],
};
