import { story as prismaCloud } from './prisma-cloud.ts';
import type { Story } from './story.ts';

/** An alert about a key nobody uses: no attack, one user of an account, and a playbook that may act by itself. */
export const dormantKeyStory: Story = {
  source: 'prisma-cloud',
  title: 'an access key that nobody uses',
  scenario: 'dormant-key',
  pushes: [{ channel: 'webhook', file: 'webhooks/unused-key.json' }],
  ...(prismaCloud.adapt === undefined ? {} : { adapt: prismaCloud.adapt }),
  asked: [],
  outcome: 'contained',
  says: [],
};
