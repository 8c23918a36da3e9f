import { existsSync, readFileSync } from 'node:fs';
import { anthropicSandbox } from './anthropic/anthropic.ts';
import { accountOf, accountScenario } from './aws-account/scenario.ts';
import { bedrockSandbox } from './bedrock/bedrock.ts';
import { type ComputeSandbox, computeSandbox } from './compute/compute.ts';
import { computeScenario } from './compute/scenario.ts';
import { intelSandbox } from './intel/intel.ts';
import { type IntelScenario, intelScenario } from './intel/scenario.ts';
import { jiraSandbox } from './jira/jira.ts';
import { jiraScenarioSchema } from './jira/scenario.ts';
import { type KubernetesSandbox, kubernetesSandbox } from './kubernetes/sandbox.ts';
import { kubernetesScenario } from './kubernetes/scenario.ts';
import { sandboxCertificates } from './kubernetes/tls.ts';
import type { ModelSandbox } from './models/sandbox.ts';
import { oidcSandbox } from './oidc/oidc.ts';
import { openAiSandbox } from './openai/openai.ts';
import { type SandboxServer, serve } from './serve.ts';
import { type SlackSandbox, slackSandbox, slackScenarioSchema } from './slack/slack.ts';
import { type TeamsSandbox, teamsSandbox } from './teams/teams.ts';
import { vendorsOf } from './vendors.ts';

/** What the sandbox's systems accept, in the shape of the secrets that hold it. All of it is invented. */
export interface SandboxCredentials {
  readonly compute: { readonly username: string; readonly password: string };
  readonly kubernetes: {
    readonly readToken: string;
    readonly writeToken: string;
    readonly rightsToken: string;
    readonly caPem: string;
  };
  readonly jira: { readonly email: string; readonly apiToken: string };
  readonly slack: { readonly botToken: string };
  readonly slackSigning: { readonly current: string };
  readonly teams: { readonly url: string };
  /** Key of every model that has one. */
  readonly model: { readonly apiKey: string };
  /** What the roles of the scenario's AWS account ask for; undefined: it has none. */
  readonly awsExternalId: string | undefined;
  /** Keys of the intelligence sources. */
  readonly intel: IntelScenario['keys'];
  /** By source; see vendors.ts. */
  readonly vendors: Readonly<Record<string, object>>;
}

export interface Sandbox {
  /** Every vendor but Kubernetes, each below its name. */
  readonly http: SandboxServer;
  /** The API server of the scenario's cluster, over TLS. */
  readonly kubernetes: SandboxServer;
  /** Cluster, console and model themselves, for a test that plays another actor in them. */
  readonly cluster: KubernetesSandbox;
  readonly compute: ComputeSandbox;
  readonly slack: SlackSandbox;
  readonly teams: TeamsSandbox;
  /** Models, by the wire they speak. */
  readonly models: { readonly bedrock: ModelSandbox; readonly openai: ModelSandbox; readonly anthropic: ModelSandbox };
  readonly credentials: SandboxCredentials;
  stop(): Promise<void>;
}

/** Where a scenario holds nothing of its own, a system is filled from this one. */
const DEFAULT_SCENARIO = 'crypto-miner';
/** Opaque, as service account tokens are to a client; they open the sandbox's cluster and nothing else. */
const TOKENS = {
  readToken: 'sandbox-token-of-parapet-read',
  writeToken: 'sandbox-token-of-parapet-contain',
  rightsToken: 'sandbox-token-of-parapet-rights',
};
const TEAMS_SIGNATURE = 'sandbox-signature-of-a-flow';
const MODEL_KEY = 'sandbox-key-of-a-model';

/**
 * The outside world of one scenario on loopback, with everything each system holds in the beginning.
 * @param ports 0 takes any free port
 */
export async function startSandbox(
  ports: { readonly http: number; readonly kubernetes: number },
  scenario = DEFAULT_SCENARIO,
): Promise<Sandbox> {
  const { caPem, server } = await sandboxCertificates();
  const console = computeScenario(holding(scenario, 'compute/'));
  const jira = scenarioFile(holding(scenario, 'jira.json'), 'jira.json');
  const slack = scenarioFile(holding(scenario, 'slack.json'), 'slack.json');
  const { email, apiToken } = jiraScenarioSchema.parse(jira);
  const { botToken, signingSecret } = slackScenarioSchema.parse(slack);
  const intel = intelScenario(holding(scenario, 'intel/'));
  const compute = computeSandbox(console);
  // An analyst that looks things up, so that look-ups are played wherever a model is configured.
  const otherwise = { play: 'scripted', sentences: 5 } as const;
  const models = {
    bedrock: bedrockSandbox({ otherwise }),
    openai: openAiSandbox({ otherwise }),
    anthropic: anthropicSandbox({ otherwise, keys: new Set([MODEL_KEY]) }),
  };
  const vendors = Object.entries(vendorsOf(new URL(`./scenarios/${scenario}/`, import.meta.url)));
  const cluster = kubernetesSandbox(kubernetesScenario(holding(scenario, 'kubernetes/')), TOKENS);
  const workspace = slackSandbox(slack);
  const account = accountScenario(new URL(`./scenarios/${scenario}/`, import.meta.url));
  const workflow = teamsSandbox({ signature: TEAMS_SIGNATURE });
  // It names itself by the address it is asked at, which is known once the server listens.
  let base = '';
  const http = await serve({
    systems: {
      oidc: oidcSandbox(() => `${base}/oidc`),
      compute,
      jira: jiraSandbox(jira),
      slack: workspace,
      teams: workflow,
      ...models,
      intel: intelSandbox(intel),
      ...(account && { 'aws-account': accountOf(account) }),
      ...Object.fromEntries(vendors.map(([name, { system }]) => [name, system])),
    },
    mount: 'prefix',
    port: ports.http,
  });
  base = http.url;
  try {
    const kubernetes = await serve({
      systems: { kubernetes: cluster },
      mount: 'root',
      port: ports.kubernetes,
      tls: server,
    });
    return {
      http,
      kubernetes,
      cluster,
      compute,
      slack: workspace,
      teams: workflow,
      models,
      credentials: {
        compute: console.credentials,
        kubernetes: { ...TOKENS, caPem },
        jira: { email, apiToken },
        slack: { botToken },
        slackSigning: { current: signingSecret },
        teams: { url: `${http.url}/teams/workflows/questions?sig=${TEAMS_SIGNATURE}` },
        model: { apiKey: MODEL_KEY },
        intel: intel.keys,
        awsExternalId: account?.externalId,
        vendors: Object.fromEntries(
          vendors.flatMap(([name, { readSecret }]) => (readSecret ? [[name, readSecret]] : [])),
        ),
      },
      async stop() {
        await Promise.all([http.close(), kubernetes.close()]);
      },
    };
  } catch (error) {
    await http.close();
    throw error;
  }
}

/** The scenario, if it has the file or folder; else the default one. */
function holding(scenario: string, part: string): string {
  return existsSync(new URL(`./scenarios/${scenario}/${part}`, import.meta.url)) ? scenario : DEFAULT_SCENARIO;
}

function scenarioFile(scenario: string, name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./scenarios/${scenario}/${name}`, import.meta.url), 'utf8'));
}
