import type { Story } from './story.ts';

const SCOPE = { cluster: 'prod-eks', namespace: 'documents' };

export const story: Story = {
  source: 'wiz',
  title: 'a stolen token and an escape to the host',
  scenario: 'container-escape',
  pushes: [
    { channel: 'webhook', file: 'webhooks/detection-token.json' },
    { channel: 'webhook', file: 'webhooks/detection-escape.json' },
    // The issue comes by the second channel: Wiz to SNS to the queue.
    { channel: 'queue', file: 'webhooks/issue-by-sns.json' },
  ],
  adapt: (sample) => ({
    ...sample,
    sources: {
      ...sample.sources,
      wiz: {
        webhook: {
          secret: 'parapet/wiz/webhook',
          allowedNetworks: ['127.0.0.1/32'],
          bodyLimitBytes: 1_048_576,
          ratePerSecond: 200,
          burst: 400,
        },
        queue: { senderArns: ['arn:aws:sns:us-east-1:111122223333:wiz-alerts'] },
        api: {
          endpoint: 'http://127.0.0.1:4580/wiz/graphql',
          tokenUrl: 'http://127.0.0.1:4580/wiz/oauth/token',
          audience: 'wiz-api',
          readSecret: 'parapet/wiz/read',
        },
      },
    },
    rollout: [...sample.rollout, { scope: SCOPE, phase: 'assist' }],
    approvers: sample.approvers.map((approver) => ({
      ...approver,
      may: [...approver.may, { actions: ['kubernetes.quarantine-pod'], scope: SCOPE }],
    })),
  }),
  asked: ['kubernetes.quarantine-pod'],
  outcome: 'contained',
  says: [
    { what: 'the escape and its place', pattern: /container escape in documents\/pdf-renderer/i, headline: true },
    { what: 'how it left the container', pattern: /nsenter --target 1/ },
    { what: 'that the token was read', pattern: /read the token of the service account/ },
    { what: 'that node started the shell', pattern: /\/usr\/local\/bin\/node/ },
    { what: 'where the token went', pattern: /198\.51\.100\.23 port 443/ },
    { what: 'the change that made the container privileged', pattern: /revision 12/ },
    { what: 'the vulnerability of the service', pattern: /CVE-2022-29078/ },
  ],
};
