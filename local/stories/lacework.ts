import type { Story } from './story.ts';

/** A stolen log-in on a build agent: a machine, no pod, so it ends in what people must do themselves. */
export const story: Story = {
  source: 'lacework',
  title: 'a stolen log-in on a build agent',
  scenario: 'build-agent',
  pushes: [
    { channel: 'event-bus', file: 'events/suspicious-login.json' },
    { channel: 'event-bus', file: 'events/compromised-host.json' },
  ],
  adapt: (sample) => ({
    ...sample,
    // Told in ticket and chat; nobody may approve anything there.
    rollout: [...sample.rollout, { scope: {}, phase: 'assist' }],
    sources: {
      ...sample.sources,
      lacework: {
        // The emulator gives every event its own account; the vendor's would be 434813966438.
        eventBus: { source: 'EXAMPLE_0123456789ABCDEF0123456789ABCDEF', account: '000000000000' },
        api: {
          baseUrl: 'http://127.0.0.1:4580/lacework',
          readSecret: 'parapet/lacework/read',
          callsPerHour: 400,
        },
      },
    },
  }),
  asked: [],
  outcome: 'advice-only',
  says: [
    {
      what: 'the reverse shell and its host',
      pattern: /reverse shell in host build-agent-3\.ci\.example\.com/i,
      headline: true,
    },
    { what: 'that the vendor confirmed it', pattern: /read back from the vendor, which confirmed it/ },
    { what: 'that the shell came from a log-in', pattern: /which was started by 47900 \/usr\/sbin\/sshd/ },
    { what: 'who logged in', pattern: /log-in was called by deploy/ },
    { what: 'what was downloaded', pattern: /downloaded \/agentd from files\.example\.net/ },
    { what: 'whom it reached', pattern: /The host connected to 203\.0\.113\.66 port 8443/ },
    { what: 'what people must do', pattern: /credentials of deploy, who logged in/ },
    { what: 'the techniques the vendor names', pattern: /T1021\.004/ },
  ],
};
