import { parseConfiguration } from '../../domain/config/parse.ts';
import type { Configuration } from '../../domain/config/schema.ts';

/** A small complete configuration as it is written in the file; give only what a test is about. */
export function writtenConfiguration(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    deployment: { name: 'parapet' },
    sources: {
      'prisma-cloud-compute': {
        webhook: { secret: 'parapet/prisma-webhook', allowedNetworks: ['203.0.113.0/24'] },
        api: { baseUrl: 'https://compute.example.com', readSecret: 'parapet/prisma-api' },
      },
    },
    clusters: [
      {
        name: 'prod-eks',
        server: 'https://kubernetes.example.com',
        readSecret: 'parapet/prod-eks-read',
        writeSecret: 'parapet/prod-eks-write',
      },
    ],
    ...change,
  };
}

export function sampleConfiguration(change: Readonly<Record<string, unknown>> = {}): Configuration {
  return parseConfiguration(writtenConfiguration(change));
}
