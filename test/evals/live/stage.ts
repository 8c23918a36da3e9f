import { realHttp } from '../../../connectors/http/request.ts';
import type { ModelPort } from '../../../connectors/models/port.ts';
import { loadModel } from '../../../connectors/models/registry.ts';
import type { NamedProfile } from '../../../domain/models/route.ts';
import { anthropicSandbox } from '../../../local/sandbox/anthropic/anthropic.ts';
import { bedrockSandbox } from '../../../local/sandbox/bedrock/bedrock.ts';
import type { ModelSandbox } from '../../../local/sandbox/models/sandbox.ts';
import { openAiSandbox } from '../../../local/sandbox/openai/openai.ts';
import { type SandboxServer, serve } from '../../../local/sandbox/serve.ts';
import { sampleProfile } from '../../fakes/model-profile.ts';
import { memorySecrets } from '../../fakes/secrets.ts';
import type { Limits } from './hold.ts';
import { type ModelReport, reportOn } from './report.ts';
import { type LiveRun, runLive } from './run.ts';
import type { Subject } from './subjects.ts';

type Provider = NamedProfile['provider'];

const KEY = 'sesame-key-of-a-model';
const SANDBOXES: Readonly<Record<Provider, () => ModelSandbox>> = {
  bedrock: () => bedrockSandbox({}),
  'openai-compatible': () => openAiSandbox({}),
  anthropic: () => anthropicSandbox({ keys: new Set([KEY]) }),
};

export const PRICE = { input: 1, output: 10, cacheRead: 1, cacheWrite: 1, asOf: '2026-11-01' };
export const LIMITS: Limits = { tokensPerIncident: 150_000, tools: { rounds: 4, calls: 8, seconds: 60 } };
export const START = new Date('2026-11-25T12:00:00.000Z');

/** A live run against a model server on this machine, which says what its script tells it to. */
export class LiveStage {
  readonly sandbox: ModelSandbox;
  readonly server: SandboxServer;
  readonly #provider: Provider;

  private constructor(provider: Provider, sandbox: ModelSandbox, server: SandboxServer) {
    this.#provider = provider;
    this.sandbox = sandbox;
    this.server = server;
  }

  static async open(provider: Provider = 'openai-compatible'): Promise<LiveStage> {
    const sandbox = SANDBOXES[provider]();
    return new LiveStage(provider, sandbox, await serve({ systems: { model: sandbox }, mount: 'prefix' }));
  }

  async model(change: Readonly<Record<string, unknown>> = {}): Promise<ModelPort> {
    const path = this.#provider === 'openai-compatible' ? '/v1' : '';
    const profile = sampleProfile(this.#provider, {
      endpoint: `${this.server.url}/model${path}`,
      pricePerMTok: PRICE,
      structured: ['prompt'],
      ...change,
    });
    return await loadModel(profile, {
      http: { ...realHttp, sleep: async () => undefined, random: () => 0.5 },
      secrets: async () => memorySecrets({ 'parapet/models/anthropic': { apiKey: KEY } }),
      credentials: { accessKeyId: 'invented', secretAccessKey: 'invented' },
    });
  }

  async run(
    subjects: readonly Subject[],
    options: Partial<Pick<Parameters<typeof runLive>[0], 'repeats' | 'maxUsd' | 'limits' | 'keep'>> & {
      readonly profile?: Readonly<Record<string, unknown>>;
    } = {},
  ): Promise<LiveRun> {
    const { profile, ...rest } = options;
    let seeds = 0;
    return await runLive({
      port: await this.model(profile),
      subjects,
      repeats: 1,
      limits: LIMITS,
      maxUsd: 5,
      now: () => START,
      seed: () => `seed-${seeds++}`,
      ...rest,
    });
  }
}

/** The report on a run that must be there. */
export async function reportedOn(
  { recordings }: Pick<LiveRun, 'recordings'>,
  subjects: readonly Subject[],
): Promise<ModelReport> {
  const report = await reportOn(recordings, new Map(subjects.map((subject) => [subject.id, subject])));
  if (report === undefined) throw new Error('nothing was recorded');
  return report;
}
