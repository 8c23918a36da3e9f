import type { Models } from '../../connectors/models/compose.ts';
import { converse } from '../../connectors/models/conversation.ts';
import type {
  Answered,
  Author,
  CallSummary,
  ConversationDeps,
  FellBack,
  Judgement,
  StoredPack,
} from '../../connectors/models/question.ts';
import type { Analysis } from '../../domain/analysis/analysis.ts';
import { judgementView, modelView } from '../../domain/analysis/model-view.ts';
import { repairFor } from '../../domain/analysis/verify/repair.ts';
import type { Reply } from '../../domain/ask/answer.ts';
import type { Exchange } from '../../domain/ask/exchange.ts';
import { askAnswerJsonSchema, type VerifiedAnswer, verifyAskAnswer } from '../../domain/ask/model-answer.ts';
import { threadView } from '../../domain/ask/thread.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { conversationSeconds } from '../../domain/models/limits.ts';
import { routeFor } from '../../domain/models/route.ts';
import { maxSeverity } from '../../domain/severity.ts';
import { PROMPT } from '../../prompts/generated/ask.ts';
import { fill } from '../../prompts/render.ts';
import { REPAIR } from '../../prompts/repair.ts';
import type { Ground } from './ground.ts';

export type ByModelDeps = Pick<ConversationDeps, 'blobs' | 'audit' | 'telemetry' | 'now' | 'nonce'> & {
  readonly models: Models;
};

/** What models made of a question. Not `ok`: why none of them answered, in words for people. */
export type ModelAnswered = { readonly summary: CallSummary; readonly fellBack: readonly FellBack[] } & (
  | {
      readonly ok: true;
      readonly answer: VerifiedAnswer;
      readonly author: Author;
      readonly evidence: StoredPack;
    }
  | { readonly ok: false; readonly reason: string }
);

/** An answer before it is kept. */
export interface Answer {
  readonly reply: Reply;
  /** With what was looked up for it. */
  readonly ground: Ground;
  readonly model?: ModelAnswered | undefined;
}

/** In the system part and never in an answer. Of the prompt, so that the system part stays the same for every question. */
const CANARY = `mark-${sha256Hex(PROMPT.sha256).slice(0, 16)}`;

/**
 * Asks the models that may see the evidence of this incident, by the same routes, bindings, budget and look-ups as the
 * analysis. The question goes as data beside the evidence; only sentences that stand on evidence come back.
 * @throws only what the stores throw
 */
export async function askModels(
  deps: ByModelDeps,
  question: string,
  { evidence, analysis }: Ground,
  before: readonly Exchange[],
): Promise<ModelAnswered> {
  const { configuration, placeOf } = deps.models;
  const { pack } = evidence;
  const answered: Answered<VerifiedAnswer> = await converse(
    { ...deps, ...deps.models, limits: configuration },
    {
      incidentId: pack.incidentId,
      purpose: PROMPT.id,
      actor: 'ask',
      route: routeFor(configuration, placeOf(pack), maxSeverity(pack.vendorSeverity, analysis.severity)),
      prompt: PROMPT,
      repair: REPAIR,
      evidence,
      open: (boundary) => ({
        system: fill(PROMPT.system, { canary: CANARY }),
        user: fill(PROMPT.user, {
          boundary,
          judgement: judgementView(analysis),
          evidence: modelView(pack, analysis, PROMPT.evidenceCharacters).text,
          thread: threadView(before),
          question: JSON.stringify(question),
        }),
        output: { name: PROMPT.id, schema: askAnswerJsonSchema() },
      }),
      judge: (answer, known, boundary) => judge(answer, known, analysis, boundary),
      deadline: new Date(deps.now().getTime() + conversationSeconds(configuration) * 1000),
    },
  );
  const { summary, fellBack } = answered;
  if (!answered.ok) return { ok: false, reason: answered.reason, summary, fellBack };
  return { ok: true, answer: answered.value, author: answered.author, evidence: answered.evidence, summary, fellBack };
}

/** An answer without a sentence that stands is one all the same: that the evidence does not tell. */
function judge(answer: unknown, pack: EvidencePack, analysis: Analysis, boundary: string): Judgement<VerifiedAnswer> {
  const verified = verifyAskAnswer(answer, pack, analysis, { canary: CANARY, boundary });
  const repair = repairFor(verified.violations);
  if ('refused' in verified) return { ok: false, reason: verified.refused, repair };
  return { ok: true, value: verified, faults: verified.violations.length, repair };
}
