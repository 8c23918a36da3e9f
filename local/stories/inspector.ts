import type { Story } from './story.ts';

/** The account of the emulator: it gives its own to every event that is put on its bus. */
const ACCOUNT = '000000000000';

export const story: Story = {
  source: 'inspector',
  title: 'an exploitable image that is in use',
  scenario: 'exploitable-image',
  pushes: [
    { channel: 'event-bus', file: 'events/critical-spring.json' },
    { channel: 'event-bus', file: 'events/critical-text.json' },
  ],
  adapt: (sample) => ({
    ...sample,
    // Told in ticket and chat; nobody may approve anything there.
    rollout: [...sample.rollout, { scope: {}, phase: 'assist' }],
    sources: {
      ...sample.sources,
      inspector: { events: { accounts: [ACCOUNT] }, api: { region: 'us-east-1' } },
    },
  }),
  asked: [],
  outcome: 'advice-only',
  says: [
    {
      what: 'that it is about vulnerabilities, not an attack',
      pattern: /Vulnerabilities in image [^"]*billing\/invoices:7\.2\.1/,
      headline: true,
    },
    { what: 'the vulnerability that is exploited elsewhere', pattern: /CVE-2022-22965/ },
    { what: 'which version holds the fix', pattern: /5\.3\.18/ },
    { what: 'where the image runs', pattern: /EKS cluster prod-eks, namespace billing/ },
    { what: 'whose it is', pattern: /billing-team/ },
  ],
};
