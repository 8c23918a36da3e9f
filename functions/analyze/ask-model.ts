import { ModelError, type ModelPort, type ModelReply, type ModelRequest } from '../../connectors/models/port.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import type { Analysis, AnalysisBody } from '../../domain/analysis/analysis.ts';
import { judgementView, modelView } from '../../domain/analysis/model-view.ts';
import { modelAnswerJsonSchema } from '../../domain/analysis/verify/answer.ts';
import { merge } from '../../domain/analysis/verify/merge.ts';
import type { Guard } from '../../domain/analysis/verify/verify.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import { canonicalJson, sha256Hex } from '../../domain/json/canonical.ts';
import { PROMPTS } from '../../prompts/generated.ts';
import { fill } from '../../prompts/render.ts';

export interface AskDeps {
  readonly blobs: BlobStore;
  /** Loaded at the first use, so that a deployment without a model never loads its SDK. */
  readonly model: () => Promise<ModelPort>;
  /** Unguessable, new for each call. */
  readonly nonce: () => string;
}

/** What the audit log says about the call (reference/llm.md, section 10); bodies are in the evidence bucket. */
export interface ModelRecord {
  readonly model?: NonNullable<Analysis['writtenBy']['model']>;
  readonly requestKey?: string;
  readonly requestSha256?: string;
  readonly responseKey?: string;
  readonly responseSha256?: string;
  readonly outcome: string;
  readonly stop?: string;
  readonly mode?: string;
  readonly usage?: ModelReply['usage'];
  readonly latencyMs?: number;
  readonly attempts?: number;
  readonly providerRequestId?: string;
  readonly evidenceLeftOut?: number;
}

export interface Told {
  readonly body: AnalysisBody;
  readonly dropped: Analysis['dropped'];
  readonly fallback?: string;
  readonly record: ModelRecord;
}

const PROMPT = PROMPTS['incident-analysis'];

/**
 * Lets the model tell what the rules found. Whatever goes wrong with it, the rules' analysis comes back with the reason
 * (rule 9); only a failing evidence bucket is thrown.
 */
export async function tellWithModel(deps: AskDeps, pack: EvidencePack, rules: AnalysisBody): Promise<Told> {
  let port: ModelPort;
  try {
    port = await deps.model();
  } catch (error) {
    return alone(rules, 'the model could not be loaded', { outcome: `not loaded: ${nameOf(error)}` });
  }
  const { request, guard, leftOut } = requestFor(pack, rules, deps.nonce());
  const model = identityOf(port);
  const asked = await deps.blobs.put(`incidents/${pack.incidentId}/model-request.json`, canonicalJson(request));
  const sent = { model, requestKey: asked.key, requestSha256: asked.sha256, evidenceLeftOut: leftOut };
  const reply = await port.generate(request).catch((error: unknown) => {
    // The port's contract is ModelError and nothing else; what breaks it is a fault of ours and still no reason to stop.
    return error instanceof ModelError ? error : new ModelError('unavailable', 'the adapter failed', { cause: error });
  });
  if (reply instanceof ModelError)
    return alone(rules, `the model could not be asked (${reply.kind})`, { ...sent, outcome: reply.kind });
  const { json: _, ...kept } = reply;
  const stored = await deps.blobs.put(`incidents/${pack.incidentId}/model-response.json`, canonicalJson(kept));
  const record: ModelRecord = {
    ...sent,
    responseKey: stored.key,
    responseSha256: stored.sha256,
    outcome: reply.outcome,
    stop: reply.stop,
    mode: reply.mode,
    usage: reply.usage,
    latencyMs: reply.provider.latencyMs,
    attempts: reply.provider.attempts,
    ...(reply.provider.requestId === undefined ? {} : { providerRequestId: reply.provider.requestId }),
  };
  if (reply.outcome !== 'json') return alone(rules, OUTCOMES[reply.outcome], record);
  return { ...merge(rules, reply.json, pack, guard), record };
}

const OUTCOMES: Readonly<Record<Exclude<ModelReply['outcome'], 'json'>, string>> = {
  refused: 'the model refused to answer',
  tool_calls: 'the model asked for tools that were not offered',
  blocked: 'a guardrail blocked the answer',
  truncated: 'the answer was cut off at its length limit',
  unparseable: 'the answer was not the JSON that was asked for',
};

function alone(rules: AnalysisBody, fallback: string, record: ModelRecord): Told {
  return { body: rules, dropped: [], fallback, record };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function requestFor(
  pack: EvidencePack,
  rules: AnalysisBody,
  nonce: string,
): { readonly request: ModelRequest; readonly guard: Guard; readonly leftOut: number } {
  // The mark belongs to the prompt, so that the system part stays the same for every incident; the boundary is new each time.
  const guard: Guard = { canary: `mark-${sha256Hex(PROMPT.sha256).slice(0, 16)}`, boundary: `=====${nonce}=====` };
  const view = modelView(pack, rules, PROMPT.evidenceCharacters);
  return {
    guard,
    leftOut: view.leftOut,
    request: {
      system: fill(PROMPT.system, { canary: guard.canary }),
      turns: [
        {
          role: 'user',
          text: fill(PROMPT.user, {
            boundary: guard.boundary,
            judgement: judgementView(rules),
            evidence: view.text,
          }),
        },
      ],
      output: { name: PROMPT.id, schema: modelAnswerJsonSchema() },
      metadata: { incident: pack.incidentId, prompt: `${PROMPT.id}/${PROMPT.version}` },
    },
  };
}

function identityOf({ profile }: ModelPort): NonNullable<Analysis['writtenBy']['model']> {
  return {
    profile: profile.name,
    provider: profile.provider,
    modelId: profile.modelId,
    promptId: PROMPT.id,
    promptVersion: PROMPT.version,
    promptSha256: PROMPT.sha256,
  };
}
