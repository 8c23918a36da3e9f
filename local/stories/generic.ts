import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Configuration } from '../../domain/config/schema.ts';
import type { Story } from './story.ts';

const MAPPING = new URL('../../connectors/cwpp/generic/examples/tetragon-export.jsonata', import.meta.url);
const PLACE = { cluster: 'prod-eks', namespace: 'reporting' };

/** A product Parapet does not know: everything is told, nobody can confirm it, so nothing may be executed. */
export const story: Story = {
  source: 'generic',
  title: 'a job planted on the host, told by an unknown product',
  scenario: 'host-mount',
  pushes: [
    { channel: 'webhook', file: 'webhooks/host-cron.json' },
    { channel: 'webhook', file: 'webhooks/egress.json' },
  ],
  adapt: (sample): Configuration => ({
    ...sample,
    sources: {
      ...sample.sources,
      generic: {
        webhook: {
          secret: 'parapet/generic/webhook',
          allowedNetworks: ['127.0.0.1/32'],
          bodyLimitBytes: 1_048_576,
          ratePerSecond: 200,
          burst: 400,
        },
        mappingFile: fileURLToPath(MAPPING),
        mapping: readFileSync(MAPPING, 'utf8'),
      },
    },
    // Everything would be allowed here: only the missing confirmation keeps it from being asked.
    rollout: [...sample.rollout, { scope: PLACE, phase: 'assist' }],
    approvers: sample.approvers.map((approver) => ({
      ...approver,
      may: [...approver.may, { actions: ['kubernetes.quarantine-pod'], scope: PLACE }],
    })),
  }),
  asked: [],
  outcome: 'unverified',
  says: [
    {
      what: 'that the alert is unverified',
      pattern: /unverified alert on reporting\/exporter in prod-eks/i,
      headline: true,
    },
    { what: 'why nobody could confirm it', pattern: /vendor has not confirmed it/ },
    { what: 'the file that was planted on the host', pattern: /\/host\/etc\/cron\.d\/agent/ },
    { what: 'where the planted program connects', pattern: /203\.0\.113\.77 port 8443/ },
    { what: 'the technique', pattern: /T1053\.003/ },
  ],
};
