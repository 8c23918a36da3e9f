import type { Story } from './story.ts';

/** The account of the emulator: it gives its own to every event that is put on its bus. */
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

export const story: Story = {
  source: 'guardduty',
  title: 'a reverse shell out of a pod',
  scenario: 'reverse-shell',
  pushes: [
    { channel: 'event-bus', file: 'events/reverse-shell.json' },
    { channel: 'event-bus', file: 'events/command-and-control.json' },
    { channel: 'event-bus', file: 'events/reverse-shell-seen-again.json' },
  ],
  adapt: (sample) => ({
    ...sample,
    sources: {
      ...sample.sources,
      guardduty: { events: { accounts: [ACCOUNT] }, api: { region: REGION } },
      // GuardDuty knows no vulnerabilities: those of the image are Inspector's.
      inspector: { events: { accounts: [ACCOUNT] }, api: { region: REGION } },
    },
    rollout: [...sample.rollout, { scope: { cluster: 'prod-eks', namespace: 'support' }, phase: 'assist' }],
    approvers: sample.approvers.map((approver) => ({
      ...approver,
      may: [
        ...approver.may,
        { actions: ['kubernetes.quarantine-pod'], scope: { cluster: 'prod-eks', namespace: 'support' } },
      ],
    })),
  }),
  asked: ['kubernetes.quarantine-pod'],
  outcome: 'contained',
  says: [
    { what: 'the reverse shell and its place', pattern: /reverse shell in support\/assistant/i, headline: true },
    { what: 'what started the shell', pattern: /started by 48112 \/usr\/local\/bin\/python3\.12/ },
    { what: 'whom it talks to', pattern: /203\[?\.\]?0\[?\.\]?113\[?\.\]?66 port 4444/ },
    { what: 'the vulnerability it may have come by', pattern: /CVE-2025-3248/ },
  ],
};
