import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realHttp } from '../../connectors/http/request.ts';
import { converse } from '../../connectors/models/conversation.ts';
import type { ConversationDeps } from '../../connectors/models/question.ts';
import { loadModel } from '../../connectors/models/registry.ts';
import { itemsView } from '../../domain/analysis/model-view.ts';
import { modelAnswerJsonSchema, modelAnswerSchema } from '../../domain/analysis/verify/answer.ts';
import { canonicalJson, sha256Hex } from '../../domain/json/canonical.ts';
import type { NamedProfile } from '../../domain/models/route.ts';
import type { LookUpInput, LookUpOutput } from '../../domain/models/tools.ts';
import { anthropicSandbox } from '../../local/sandbox/anthropic/anthropic.ts';
import { bedrockSandbox } from '../../local/sandbox/bedrock/bedrock.ts';
import { openAiSandbox } from '../../local/sandbox/openai/openai.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { REPAIR } from '../../prompts/repair.ts';
import { sampleProfile } from '../fakes/model-profile.ts';
import { memorySecrets } from '../fakes/secrets.ts';
import { memorySpendingStore } from '../fakes/spending-store.ts';
import { memoryAuditLog, memoryBlobStore } from '../fakes/stores.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import { cryptoMinerPack } from '../stories/crypto-miner.ts';

const PACK = cryptoMinerPack();
const START = new Date('2025-10-14T09:18:00.000Z');
const KEY = 'sandbox-key-of-a-model';

/** What the look-up function would find: something the pack does not hold. */
function found({ call }: LookUpInput): LookUpOutput {
  return {
    outcome: 'answered',
    drafts: [
      {
        source: 'cwpp_api',
        field: `looked up by ${call.tool}`,
        trust: 'vendor',
        observedAt: START.toISOString(),
        fact: {
          kind: 'process',
          pid: call.tool === 'process_tree' ? 4242 : 4343,
          path: `/usr/bin/found-by-${call.tool}`,
        },
        entities: [],
      },
    ],
    cost: { calls: 1, bytes: 10, milliseconds: 5 },
  };
}

let server: SandboxServer;
beforeEach(async () => {
  const otherwise = { play: 'scripted', sentences: 3 } as const;
  const systems = {
    bedrock: bedrockSandbox({ otherwise }),
    openai: openAiSandbox({ otherwise }),
    anthropic: anthropicSandbox({ otherwise, keys: new Set([KEY]) }),
  };
  server = await serve({ systems, mount: 'prefix' });
});
afterEach(() => server.close());

const PATHS = { bedrock: '/bedrock', 'openai-compatible': '/openai/v1', anthropic: '/anthropic' } as const;

async function analyse(provider: NamedProfile['provider'], structured: readonly string[]) {
  const audit = memoryAuditLog();
  const asked: LookUpInput[] = [];
  const profile = sampleProfile(provider, { endpoint: `${server.url}${PATHS[provider]}`, structured });
  let nonces = 0;
  const deps: ConversationDeps = {
    load: async (one) =>
      await loadModel(one, {
        http: realHttp,
        secrets: async () => memorySecrets({ 'parapet/models/anthropic': { apiKey: KEY } }),
        credentials: { accessKeyId: 'invented', secretAccessKey: 'invented' },
      }),
    lookUp: {
      ask: async (input) => {
        asked.push(input);
        return found(input);
      },
    },
    blobs: memoryBlobStore(),
    audit,
    spending: memorySpendingStore(),
    telemetry: recordingTelemetry(),
    limits: { budget: { tokensPerIncident: 1_000_000 }, tools: { rounds: 4, calls: 8, seconds: 60 } },
    now: () => START,
    nonce: () => `nonce-${++nonces}`,
  };
  const answered = await converse(deps, {
    incidentId: PACK.incidentId,
    purpose: 'incident-analysis',
    actor: 'analyze',
    route: { asked: true, profiles: [profile] },
    prompt: { id: 'incident-analysis', version: '1.0.0', sha256: 'a'.repeat(64) },
    repair: REPAIR,
    evidence: { key: 'incidents/x/pack.json', sha256: sha256Hex(canonicalJson(PACK)), pack: PACK },
    open: (boundary) => ({
      system: 'You are an analyst.',
      user: `${boundary}\n${itemsView(PACK.items, PACK.entities, 60_000).text}\n${boundary}`,
      output: { name: 'incident-analysis', schema: modelAnswerJsonSchema() },
    }),
    judge: (answer, pack) => ({ ok: true, value: { answer: modelAnswerSchema.parse(answer), pack }, faults: 0 }),
    deadline: new Date(START.getTime() + 600_000),
  });
  if (!answered.ok) throw new Error(answered.reason);
  return { ...answered.value, asked, summary: answered.summary, entries: await audit.read(PACK.incidentId) };
}

describe('the scripted analyst', () => {
  const providers = ['bedrock', 'openai-compatible', 'anthropic'] as const;
  const ladders = [['native', 'prompt'], ['forced_tool', 'prompt'], ['prompt']] as const;
  it.each(providers.flatMap((provider) => ladders.map((ladder) => [provider, ladder[0], ladder] as const)))(
    'behind %s on the rung %s looks up what the evidence names, and tells what it found',
    async (provider, _rung, ladder) => {
      const { answer, pack, asked, summary, entries } = await analyse(provider, ladder);
      const [image, container] = ['image', 'container'].map(
        (kind) => PACK.entities.find((entity) => entity.kind === kind)?.id,
      );
      expect(asked.map(({ call }) => call)).toEqual([
        { tool: 'process_tree', entity: container },
        { tool: 'image_vulnerabilities', entity: image },
      ]);
      expect(summary).toMatchObject({ calls: 2, lookUps: 2 });
      expect(entries.map(({ kind }) => kind).sort()).toEqual([
        'evidence.looked-up',
        'evidence.looked-up',
        'model.called',
        'model.called',
      ]);
      const later = pack.items.slice(PACK.items.length);
      const told = [...PACK.items.slice(0, 3), ...later];
      expect(answer.narrative).toEqual(
        told.map(({ id, text, entities, trust }) => ({
          text: trust === 'attacker_influenced' ? text.replace(/\s/g, ' ') : text,
          kind: 'observed',
          evidence: [id],
          entities,
        })),
      );
      expect(later).toHaveLength(2);
      expect(answer).toMatchObject({ outcome: 'analysed', verdict: 'undetermined', rootCause: null, techniques: [] });
    },
  );
});
