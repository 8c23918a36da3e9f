import type { Models } from '../../connectors/models/compose.ts';
import { authorOf, converse } from '../../connectors/models/conversation.ts';
import type {
  Author,
  CallSummary,
  ConversationDeps,
  FellBack,
  Judgement,
  StoredPack,
} from '../../connectors/models/question.ts';
import type { AnswerStore } from '../../connectors/store/answers-port.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import type { AnalysisBody } from '../../domain/analysis/analysis.ts';
import { judgementView, modelView } from '../../domain/analysis/model-view.ts';
import { type ModelAnswer, modelAnswerJsonSchema, modelAnswerSchema } from '../../domain/analysis/verify/answer.ts';
import { merge } from '../../domain/analysis/verify/merge.ts';
import type { Dropped } from '../../domain/analysis/verify/verify.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { conversationSeconds } from '../../domain/models/limits.ts';
import { type Route, routeFor } from '../../domain/models/route.ts';
import { maxSeverity } from '../../domain/severity.ts';
import { PROMPTS } from '../../prompts/generated.ts';
import { fill } from '../../prompts/render.ts';
import { findReusable, keepForReuse } from './reuse.ts';

export type TellDeps = Pick<ConversationDeps, 'audit' | 'telemetry' | 'now' | 'nonce'> & {
  readonly models: Models;
  readonly blobs: BlobStore;
  readonly answers: AnswerStore;
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
  /** The incident whose text was used again. */
  readonly reusedFrom?: string;
  readonly fellBack: readonly FellBack[];
  /** Absent when nothing was asked. */
  readonly cost?: Omit<CallSummary, 'callIds'>;
  /** Calls as the audit log names them. */
  readonly callIds?: readonly string[];
}

const PROMPT = PROMPTS['incident-analysis'];
/** In the system part and never in an answer. Of the prompt, so that the system part stays the same for every incident. */
const CANARY = `mark-${sha256Hex(PROMPT.sha256).slice(0, 16)}`;

interface Value {
  readonly answer: ModelAnswer;
  readonly body: AnalysisBody;
  readonly dropped: Dropped;
}

/**
 * Lets the models of the route tell what the rules found; what the rules decided stays as it is, byte for byte, and on the
 * evidence they decided on: what a model looked up supports its sentences and moves no verdict (decision 0004). When the
 * same thing happened before, what was written then is used again, and no model is asked.
 * @throws only what the stores throw
 */
export async function tellWithModels(deps: TellDeps, evidence: StoredPack, rules: AnalysisBody): Promise<Told> {
  const { configuration, placeOf } = deps.models;
  const { pack } = evidence;
  const route = routeFor(configuration, placeOf(pack), maxSeverity(pack.vendorSeverity, rules.severity));
  const again = await tellAgain(deps, evidence, rules, route);
  if (again !== undefined) return again;
  const deadline = new Date(deps.now().getTime() + conversationSeconds(configuration) * 1000);
  const answered = await converse<Value>(
    { ...deps, ...deps.models, limits: configuration },
    {
      incidentId: pack.incidentId,
      purpose: PROMPT.id,
      actor: 'analyze',
      route,
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
      deadline,
    },
  );
  const { callIds, ...cost } = answered.summary;
  const took = { fellBack: answered.fellBack, ...(cost.calls === 0 ? {} : { cost, callIds }) };
  if (!answered.ok) return { body: rules, dropped: [], evidence, fallback: answered.reason, ...took };
  const { value, author } = answered;
  await keepForReuse(deps, evidence, answered.evidence, author, value.answer);
  return { body: value.body, dropped: value.dropped, evidence: answered.evidence, author, ...took };
}

/** Only of the profile that would be asked first, and only what stands whole: a text full of holes saves nothing. */
async function tellAgain(
  deps: TellDeps,
  evidence: StoredPack,
  rules: AnalysisBody,
  route: Route,
): Promise<Told | undefined> {
  if (!route.asked) return undefined;
  const author = authorOf({ prompt: PROMPT }, route.profiles[0]);
  const found = await findReusable(deps, evidence, author);
  if (found === undefined) return undefined;
  const judgement = judge(rules, { ...found.answer, verdict: rules.verdict }, evidence.pack, deps.nonce());
  if (!judgement.ok || judgement.faults > 0) return undefined;
  const { body, dropped } = judgement.value;
  return { body, dropped, evidence, author, reusedFrom: found.from, fellBack: [] };
}

function judge(rules: AnalysisBody, answer: unknown, pack: EvidencePack, boundary: string): Judgement<Value> {
  const { body, dropped, fallback } = merge(rules, answer, pack, { canary: CANARY, boundary });
  if (fallback !== undefined) return { ok: false, reason: fallback };
  return { ok: true, value: { answer: modelAnswerSchema.parse(answer), body, dropped }, faults: dropped.length };
}
