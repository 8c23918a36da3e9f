import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultIntelligence, type IntelligenceConfiguration } from '../../domain/config/intelligence.ts';
import type { ModelProfileConfiguration, ModelsConfiguration } from '../../domain/config/models.ts';
import { parseConfiguration } from '../../domain/config/parse.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { SignInConfiguration } from '../../domain/config/sign-in.ts';
import type { SourcesConfiguration } from '../../domain/config/sources.ts';
import { SANDBOX_CLIENT } from '../sandbox/oidc/oidc.ts';
import { type LaptopModel, modelsOf } from './model.ts';
import type { LaptopSettings } from './settings.ts';

/**
 * The configuration as it is deployed on a laptop: every address is the sandbox's, whatever the file names. So a file
 * made for a real account can be tried here, and no credential and no containment ever leaves the machine. The one exception
 * is a model that the person named for this run.
 */
export function laptopConfiguration(
  sample: Configuration,
  ports: Pick<LaptopSettings['ports'], 'sandbox' | 'kubernetes'>,
  model?: LaptopModel,
): Configuration {
  const sandbox = `http://127.0.0.1:${ports.sandbox}`;
  const { ticket, chat, ...destinations } = sample.destinations;
  // A name of one's own leads to AWS, not to this machine.
  const { webhookDomain: _, ...deployment } = sample.deployment;
  return parseConfiguration({
    ...sample,
    deployment: { ...deployment, retainData: false },
    ...(sample.approvals.signIn && {
      approvals: { ...sample.approvals, signIn: signInAtSandbox(sample.approvals.signIn, sandbox) },
    }),
    sources: atSandbox(sample.sources, sandbox),
    intelligence: intelAtSandbox(sample.intelligence ?? defaultIntelligence(), `${sandbox}/intel`),
    // The cluster here knows tokens of service accounts only.
    clusters: sample.clusters.map(({ eks: _eks, ...cluster }) => ({
      ...cluster,
      server: `https://127.0.0.1:${ports.kubernetes}`,
    })),
    accounts: sample.accounts.map((account) => ({ ...account, endpoint: `${sandbox}/aws-account` })),
    destinations: {
      ...destinations,
      ...(ticket && { ticket: { ...ticket, baseUrl: `${sandbox}/jira` } }),
      ...(chat && { chat: { ...chat, baseUrl: `${sandbox}/slack` } }),
    },
    ...(sample.models && { models: modelsAtSandbox(sample.models, sandbox) }),
    ...(model && { models: modelsOf(model, sandbox) }),
  });
}

/** A public client there, and no demands that only another provider could meet. */
function signInAtSandbox({ maxAgeSeconds }: SignInConfiguration, sandbox: string): SignInConfiguration {
  return { issuer: `${sandbox}/oidc`, clientId: SANDBOX_CLIENT, maxAgeSeconds };
}

function atSandbox(sources: SourcesConfiguration, sandbox: string): SourcesConfiguration {
  const { 'prisma-cloud-compute': compute, 'prisma-cloud': prisma, wiz, lacework, guardduty, inspector } = sources;
  return {
    ...sources,
    ...(compute && { 'prisma-cloud-compute': { ...compute, api: { ...compute.api, baseUrl: `${sandbox}/compute` } } }),
    ...(prisma && { 'prisma-cloud': { ...prisma, api: { ...prisma.api, baseUrl: `${sandbox}/prisma-cloud` } } }),
    ...(wiz && {
      wiz: {
        ...wiz,
        api: { ...wiz.api, endpoint: `${sandbox}/wiz/graphql`, tokenUrl: `${sandbox}/wiz/oauth/token` },
      },
    }),
    ...(lacework && { lacework: { ...lacework, api: { ...lacework.api, baseUrl: `${sandbox}/lacework` } } }),
    ...(guardduty?.api && {
      guardduty: { ...guardduty, api: { ...guardduty.api, endpoint: `${sandbox}/guardduty` } },
    }),
    ...(inspector?.api && {
      inspector: { ...inspector, api: { ...inspector.api, endpoint: `${sandbox}/inspector` } },
    }),
  };
}

/** Every source by its name below one address, so that nothing that is looked up leaves this machine. */
function intelAtSandbox(intelligence: IntelligenceConfiguration, sandbox: string): IntelligenceConfiguration {
  const { kev, epss, osv, virustotal, abuseipdb, greynoise, otx } = intelligence;
  return {
    ...intelligence,
    kev: { ...kev, baseUrl: `${sandbox}/kev` },
    epss: { ...epss, baseUrl: `${sandbox}/epss` },
    osv: { ...osv, baseUrl: `${sandbox}/osv` },
    ...(virustotal && { virustotal: { ...virustotal, baseUrl: `${sandbox}/virustotal` } }),
    ...(abuseipdb && { abuseipdb: { ...abuseipdb, baseUrl: `${sandbox}/abuseipdb` } }),
    ...(greynoise && { greynoise: { ...greynoise, baseUrl: `${sandbox}/greynoise` } }),
    ...(otx && { otx: { ...otx, baseUrl: `${sandbox}/otx` } }),
  };
}

/** Where each provider's wire is spoken here. */
const MODEL_PATHS: Readonly<Record<ModelProfileConfiguration['provider'], string>> = {
  bedrock: '/bedrock',
  'openai-compatible': '/openai/v1',
  anthropic: '/anthropic',
};

function modelsAtSandbox(models: ModelsConfiguration, sandbox: string): ModelsConfiguration {
  return {
    ...models,
    profiles: Object.fromEntries(
      Object.entries(models.profiles).map(([name, profile]) => [
        name,
        { ...profile, endpoint: `${sandbox}${MODEL_PATHS[profile.provider]}` },
      ]),
    ),
  };
}

/** @returns the file that `cdk` is pointed at with PARAPET_CONFIG */
export function writeConfiguration(folder: string, configuration: Configuration): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'parapet.config.json');
  writeFileSync(file, `${JSON.stringify(configuration, undefined, 2)}\n`);
  return file;
}
