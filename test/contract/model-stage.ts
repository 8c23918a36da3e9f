import { realHttp } from '../../connectors/http/request.ts';
import {
  ModelError,
  type ModelPort,
  type ModelReply,
  type ModelRequest,
  type ToolOffer,
} from '../../connectors/models/port.ts';
import { loadModel } from '../../connectors/models/registry.ts';
import { SecretError, type Secrets } from '../../connectors/secrets/secrets.ts';
import type { NamedProfile } from '../../domain/models/route.ts';
import type { ModelSandbox, ModelTraits } from '../../local/sandbox/models/sandbox.ts';
import type { ModelScenario } from '../../local/sandbox/models/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import type { Misbehaviour } from '../../local/sandbox/system.ts';
import { sampleProfile } from '../fakes/model-profile.ts';

/** What differs between the wires, for the suite that all adapters pass. */
export interface ModelWire {
  readonly provider: NamedProfile['provider'];
  /** The sandbox that speaks the wire; `keys` are those it takes. */
  readonly sandbox: (traits: ModelTraits & { readonly keys: Set<string> }) => ModelSandbox;
  /** Where the wire begins below the sandbox's address. */
  readonly path: string;
  readonly modelId: string;
  readonly secret: string | undefined;
  /** Calls in all when the service keeps saying that it is busy. */
  readonly attempts: number;
  readonly errors: Readonly<
    Record<'throttled' | 'unavailable' | 'denied' | 'invalid' | 'tooLong' | 'missing', Failure>
  >;
  /** The provider's own word for an end of ours. */
  readonly stops: Readonly<Record<'end' | 'calls' | 'length' | 'refusal' | 'filter', string>>;
  /** Content with a block nobody knows beside the answer `{"a":1}`. */
  readonly unknownBlock: readonly unknown[];
  readonly usage: ModelReply['usage'];
}

export interface Failure {
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

export const KEY = 'sesame-key-of-a-model';
export const OLD_KEY = 'sesame-key-of-yesterday';
const SCHEMA = {
  type: 'object',
  properties: { a: { type: 'integer' } },
  required: ['a'],
  additionalProperties: false,
} as const;
const LOOK_UP: ToolOffer = {
  name: 'process_tree',
  description: 'Processes of a container.',
  schema: {
    type: 'object',
    properties: { entity: { type: 'string' } },
    required: ['entity'],
    additionalProperties: false,
  },
};

export const MODEL_REQUEST: ModelRequest = {
  system: 'You are an analyst.',
  turns: [{ role: 'user', text: 'What happened?' }],
  output: { name: 'incident-analysis', schema: SCHEMA },
  metadata: { incident: 'inc-1', prompt: 'incident-analysis/1.0.0' },
};
export const WITH_TOOLS: ModelRequest = { ...MODEL_REQUEST, tools: [LOOK_UP] };

export class ModelStage {
  readonly sandbox: ModelSandbox;
  readonly server: SandboxServer;
  readonly wire: ModelWire;
  readonly steps: string[] = [];
  readonly waits: number[] = [];
  readonly keysRead: boolean[] = [];
  /** What the store of secrets holds; `fresh` is what it holds by now. */
  stored = { cached: KEY, fresh: KEY };

  private constructor(wire: ModelWire, sandbox: ModelSandbox, server: SandboxServer) {
    this.wire = wire;
    this.sandbox = sandbox;
    this.server = server;
  }

  static async open(wire: ModelWire, traits: ModelTraits = {}): Promise<ModelStage> {
    const sandbox = wire.sandbox({ ...traits, keys: new Set([KEY]) });
    return new ModelStage(wire, sandbox, await serve({ systems: { model: sandbox }, mount: 'prefix' }));
  }

  async model(change: Readonly<Record<string, unknown>> = {}): Promise<ModelPort> {
    const { provider, path, modelId, secret } = this.wire;
    const profile = sampleProfile(provider, {
      modelId,
      endpoint: `${this.server.url}/model${path}`,
      maxOutputTokens: 1024,
      ...(secret === undefined ? {} : { secret }),
      ...change,
    });
    return await loadModel(profile, {
      http: {
        ...realHttp,
        random: () => 1,
        sleep: async (ms) => {
          this.waits.push(ms);
        },
      },
      secrets: async () => this.secrets(),
      credentials: { accessKeyId: 'invented', secretAccessKey: 'invented' },
      onStepDown: (from, to) => this.steps.push(`${from} -> ${to}`),
    });
  }

  /** The request bodies the sandbox received, as JSON. */
  sent(): Record<string, unknown>[] {
    return this.server.calls.map(({ body }) => JSON.parse(body));
  }

  fault(reply: Misbehaviour['reply'], times = 20): void {
    this.server.misbehave({ system: 'model', times, reply });
  }

  fail(error: Failure, times: number, retryAfter?: string): void {
    const scenario: ModelScenario = { play: 'error', ...error, ...(retryAfter === undefined ? {} : { retryAfter }) };
    this.sandbox.enqueue(...Array.from({ length: times }, () => scenario));
  }

  private secrets(): Secrets {
    return {
      get: async (name, schema, options) => {
        this.keysRead.push(options?.fresh ?? false);
        const apiKey = options?.fresh === true ? this.stored.fresh : this.stored.cached;
        if (apiKey === '') throw new SecretError(`secret ${name} cannot be read`);
        return schema.parse({ apiKey });
      },
    };
  }
}

export async function failureOf(promise: Promise<unknown>): Promise<ModelError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ModelError) return error;
  throw new Error(`expected a ModelError, got ${String(error)}`);
}

/** Everything an error tells on its way into a log. */
export function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name} ${error.message} ${error.stack ?? ''} ${JSON.stringify(error)} ${told(error.cause ?? '')}`;
}
