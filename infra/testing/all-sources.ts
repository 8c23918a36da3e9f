import { parseConfiguration } from '../../domain/config/parse.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { sampleConfiguration } from './synthesise.ts';

/** Every source there is with every channel it has, for tests of what a large configuration deploys. */
export function everySource(change: { readonly deployment?: object } = {}): Configuration {
  const sample = sampleConfiguration();
  const webhook = (source: string, ratePerSecond = 50) => ({
    secret: `parapet/${source}/webhook`,
    allowedNetworks: ['203.0.113.0/24', '2001:db8::/32'],
    ratePerSecond,
    burst: 2 * ratePerSecond,
  });
  const events = { accounts: ['111122223333', '444455556666'] };
  return parseConfiguration({
    ...sample,
    deployment: { ...sample.deployment, ...change.deployment },
    sources: {
      ...sample.sources,
      'prisma-cloud': {
        webhook: webhook('prisma-cloud'),
        api: { baseUrl: 'https://api.example.com', readSecret: 'parapet/prisma-cloud/read' },
      },
      wiz: {
        webhook: webhook('wiz', 20),
        queue: { senderArns: ['arn:aws:sns:us-east-1:111122223333:wiz-issues'] },
        api: { endpoint: 'https://api.example.com/graphql', readSecret: 'parapet/wiz/read' },
      },
      lacework: {
        webhook: webhook('lacework'),
        eventBus: { source: 'EXAMPLE_0123456789ABCDEF', account: '434813966438' },
        api: { baseUrl: 'https://example.lacework.net', readSecret: 'parapet/lacework/read' },
      },
      falco: {
        webhook: webhook('falco'),
        queue: {
          senderArns: ['arn:aws:iam::111122223333:role/falcosidekick', 'arn:aws:sns:us-east-1:444455556666:falco'],
        },
      },
      guardduty: { events },
      inspector: { events: { accounts: ['111122223333'] } },
      generic: { webhook: webhook('generic'), mappingFile: 'mapping.jsonata', mapping: '$' },
    },
  });
}
