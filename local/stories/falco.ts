import type { Configuration } from '../../domain/config/schema.ts';
import type { Story } from './story.ts';

const PLACE = { cluster: 'prod-eks', namespace: 'catalog' };

/** Falco has no API: what makes its events actionable is that AWS authenticates who may write to the queue (docs/decisions/0008). */
export const story: Story = {
  source: 'falco',
  title: 'somebody at a terminal in a container',
  scenario: 'exec-into-pod',
  pushes: [
    { channel: 'queue', file: 'webhooks/k8s-audit-exec.json' },
    { channel: 'queue', file: 'webhooks/terminal-shell.json' },
    { channel: 'queue', file: 'webhooks/read-shadow.json' },
  ],
  adapt: (sample): Configuration => ({
    ...sample,
    sources: {
      ...sample.sources,
      falco: {
        webhook: {
          secret: 'parapet/falco/webhook',
          allowedNetworks: ['127.0.0.1/32'],
          bodyLimitBytes: 1_048_576,
          ratePerSecond: 200,
          burst: 400,
        },
        queue: { senderArns: ['arn:aws:iam::000000000000:role/falcosidekick'] },
      },
    },
    rollout: [...sample.rollout, { scope: PLACE, phase: 'assist' }],
    approvers: sample.approvers.map((approver) => ({
      ...approver,
      may: [...approver.may, { actions: ['kubernetes.quarantine-pod'], scope: PLACE }],
    })),
  }),
  asked: ['kubernetes.quarantine-pod'],
  outcome: 'contained',
  says: [
    {
      what: 'what was read, and where',
      pattern: /credential file read by a command in catalog\/search/i,
      headline: true,
    },
    { what: 'the line that was typed', pattern: /cat \/etc\/shadow/ },
    { what: 'the shell it was typed into', pattern: /was started by [^"]*bash/ },
    { what: 'who opened the terminal', pattern: /pods\/exec \(bash\)[^"]*ci-deployer@example\.com/ },
    { what: 'the technique', pattern: /T1003\.008/ },
  ],
};
