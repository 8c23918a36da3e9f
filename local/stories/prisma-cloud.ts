import type { Story } from './story.ts';

export const story: Story = {
  source: 'prisma-cloud',
  title: 'an exposed host with too many rights',
  scenario: 'exposed-host',
  pushes: [
    { channel: 'webhook', file: 'webhooks/alerts.json' },
    { channel: 'webhook', file: 'webhooks/resolved.json' },
  ],
  adapt: (sample) => ({
    ...sample,
    // Told in ticket and chat; nobody may approve anything there.
    rollout: [...sample.rollout, { scope: {}, phase: 'assist' }],
    sources: {
      ...sample.sources,
      'prisma-cloud': {
        webhook: {
          secret: 'parapet/prisma-cloud/webhook',
          allowedNetworks: ['127.0.0.1/32'],
          bodyLimitBytes: 1_048_576,
          ratePerSecond: 200,
          burst: 400,
        },
        api: { baseUrl: 'http://127.0.0.1:4580/prisma-cloud', readSecret: 'parapet/prisma-cloud/read' },
      },
    },
  }),
  asked: [],
  outcome: 'advice-only',
  says: [
    {
      what: 'that it is a misconfiguration of the host',
      pattern: /misconfiguration of host batch-reports/i,
      headline: true,
    },
    {
      what: 'that the host can be reached from the internet on port 22',
      pattern: /reached from the internet on ports 22/,
    },
    { what: 'that its role is an administrator', pattern: /reports-maintenance[^"]*administrator rights/ },
    { what: 'who opened it', pattern: /AuthorizeSecurityGroupIngress/ },
    { what: 'the control it breaks', pattern: /CIS v1\.4\.0 \(AWS\)/ },
    { what: 'what to do about it', pattern: /Session Manager/ },
  ],
};
