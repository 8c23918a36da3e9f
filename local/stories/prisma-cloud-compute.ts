import type { Story } from './story.ts';

export const story: Story = {
  source: 'prisma-cloud-compute',
  title: 'a crypto miner',
  scenario: 'crypto-miner',
  pushes: [
    { channel: 'webhook', file: 'webhooks/container-runtime.json' },
    { channel: 'webhook', file: 'webhooks/incident.json' },
  ],
  asked: ['kubernetes.quarantine-pod', 'kubernetes.remove-role-binding'],
  outcome: 'contained',
  says: [
    { what: 'the miner and its place', pattern: /crypto-miner in payments\/checkout/i, headline: true },
    { what: 'the vulnerability it came by', pattern: /CVE-2021-44228/ },
    { what: 'that the service account is cluster-admin', pattern: /cluster-admin/ },
  ],
};
