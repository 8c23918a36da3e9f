import type { Models } from '../../connectors/models/compose.ts';
import {
  type Author,
  type CallSummary,
  type ConversationDeps,
  converse,
  type FellBack,
  type Judgement,
  type StoredPack,
} from '../../connectors/models/conversation.ts';
import type { AnalysisBody } from '../../domain/analysis/analysis.ts';
import { judgementView, modelView } from '../../domain/analysis/model-view.ts';
import { modelAnswerJsonSchema } from '../../domain/analysis/verify/answer.ts';
import { merge } from '../../domain/analysis/verify/merge.ts';
import type { Dropped } from '../../domain/analysis/verify/verify.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { conversationSeconds } from '../../domain/models/limits.ts';
import { routeFor } from '../../domain/models/route.ts';
import { maxSeverity } from '../../domain/severity.ts';
import { PROMPTS } from '../../prompts/generated.ts';
import { fill } from '../../prompts/render.ts';

export type TellDeps = Pick<ConversationDeps, 'blobs' | 'audit' | 'telemetry' | 'now' | 'nonce'> & {
  readonly models: Models;
};

/** The rules' analysis, in a model's words where one could be asked and its words stand. */
export interface Told {
  readonly body: AnalysisBody;
  readonly dropped: Dropped;
  /** With what was looked up. */
  readonly evidence: StoredPack;
  readonly author?: Author;
  /** Why the rules analyst wrote alone although models are configured. */
  readonly fallback?: string;
  readonly fellBack: readonly FellBack[];
  /** Absent when nothing was asked. */
  readonly cost?: Omit<CallSummary, 'callIds'>;
  /** Calls as the audit log names them. */
  readonly callIds?: readonly string[];
}

const PROMPT = PROMPTS['incident-analysis'];
/** In the system part and never in an answer. Of the prompt, so that the system part stays the same for every incident. */
const CANARY = `mark-${sha256Hex(PROMPT.sha256).slice(0, 16)}`;

/**
 * Lets the models of the route tell what the rules found; what the rules decided stays as it is, byte for byte, and on the
 * evidence they decided on: what a model looked up supports its sentences and moves no verdict (decision 0004).
 * @throws only what the stores throw
 */
export async function tellWithModels(deps: TellDeps, evidence: StoredPack, rules: AnalysisBody): Promise<Told> {
  const { configuration, placeOf } = deps.models;
  const { pack } = evidence;
  const now = deps.now();
  const answered = await converse<{ readonly body: AnalysisBody; readonly dropped: Dropped }>(
    { ...deps, ...deps.models, limits: configuration },
    {
      incidentId: pack.incidentId,
      purpose: PROMPT.id,
      actor: 'analyze',
      route: routeFor(configuration, placeOf(pack), maxSeverity(pack.vendorSeverity, rules.severity)),
      prompt: PROMPT,
      evidence,
      open: (boundary) => ({
        system: fill(PROMPT.system, { canary: CANARY }),
        user: fill(PROMPT.user, {
          boundary,
          judgement: judgementView(rules),
          evidence: modelView(pack, rules, PROMPT.evidenceCharacters).text,
        }),
        output: { name: PROMPT.id, schema: modelAnswerJsonSchema() },
      }),
      judge: (answer, known, boundary) => judge(rules, answer, known, boundary),
      deadline: new Date(now.getTime() + conversationSeconds(configuration) * 1000),
    },
  );
  const { callIds, ...cost } = answered.summary;
  const took = { fellBack: answered.fellBack, ...(cost.calls === 0 ? {} : { cost, callIds }) };
  if (!answered.ok) return { body: rules, dropped: [], evidence, fallback: answered.reason, ...took };
  return { ...answered.value, evidence: answered.evidence, author: answered.author, ...took };
}

function judge(
  rules: AnalysisBody,
  answer: unknown,
  pack: EvidencePack,
  boundary: string,
): Judgement<{ readonly body: AnalysisBody; readonly dropped: Dropped }> {
  const { body, dropped, fallback } = merge(rules, answer, pack, { canary: CANARY, boundary });
  if (fallback !== undefined) return { ok: false, reason: fallback };
  return { ok: true, value: { body, dropped }, faults: dropped.length };
}
