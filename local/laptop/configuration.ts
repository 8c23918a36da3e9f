import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfiguration } from '../../domain/config/parse.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { LaptopSettings } from './settings.ts';

/**
 * The configuration as it is deployed on a laptop: every address is the sandbox's, whatever the file names. So a file
 * made for a real account can be tried here, and no credential and no containment ever leaves the machine.
 */
export function laptopConfiguration(
  sample: Configuration,
  ports: Pick<LaptopSettings['ports'], 'sandbox' | 'kubernetes'>,
): Configuration {
  const sandbox = `http://127.0.0.1:${ports.sandbox}`;
  const { ticket, chat, ...destinations } = sample.destinations;
  const compute = sample.sources['prisma-cloud-compute'];
  return parseConfiguration({
    ...sample,
    deployment: { ...sample.deployment, retainData: false },
    sources: {
      ...sample.sources,
      ...(compute && {
        'prisma-cloud-compute': { ...compute, api: { ...compute.api, baseUrl: `${sandbox}/compute` } },
      }),
    },
    clusters: sample.clusters.map((cluster) => ({ ...cluster, server: `https://127.0.0.1:${ports.kubernetes}` })),
    destinations: {
      ...destinations,
      ...(ticket && { ticket: { ...ticket, baseUrl: `${sandbox}/jira` } }),
      ...(chat && { chat: { ...chat, baseUrl: `${sandbox}/slack` } }),
    },
    ...(sample.model && { model: { ...sample.model, endpoint: `${sandbox}/bedrock` } }),
  });
}

/** @returns the file that `cdk` is pointed at with PARAPET_CONFIG */
export function writeConfiguration(folder: string, configuration: Configuration): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'parapet.config.json');
  writeFileSync(file, `${JSON.stringify(configuration, undefined, 2)}\n`);
  return file;
}
