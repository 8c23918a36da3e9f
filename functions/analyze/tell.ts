import type { Models } from '../../connectors/models/compose.ts';
import { authorOf, converse } from '../../connectors/models/conversation.ts';
import type {
  Author,
  CallSummary,
  ConversationDeps,
  FellBack,
  Judgement,
  RepairPrompt,
  StoredPack,
} from '../../connectors/models/question.ts';
import type { AnswerStore } from '../../connectors/store/answers-port.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import type { AnalysisBody } from '../../domain/analysis/analysis.ts';
import { type ModelAnswer, modelAnswerSchema } from '../../domain/analysis/verify/answer.ts';
import { merge } from '../../domain/analysis/verify/merge.ts';
import { repairFor } from '../../domain/analysis/verify/repair.ts';
import type { Dropped, Guard } from '../../domain/analysis/verify/verify.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import { conversationSeconds } from '../../domain/models/limits.ts';
import { type Route, routeFor } from '../../domain/models/route.ts';
import { maxSeverity } from '../../domain/severity.ts';
import type { Source } from '../../domain/source.ts';
import { REPAIR } from '../../prompts/repair.ts';
import { analysisPrompt, canaryOf, openWith, type VendorPrompt } from './prompting.ts';
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
  /** As the model gave it, when it was used. */
  readonly answer?: ModelAnswer;
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

/** One sentence in so many must be lost before a second call is worth its price. */
const LEAST_WORTH = 4;

interface Way {
  readonly route: Route;
  readonly prompt: VendorPrompt;
  /** Absent: the deployed one. */
  readonly repair?: RepairPrompt | undefined;
}

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
export async function tellWithModels(
  deps: TellDeps,
  evidence: StoredPack,
  rules: AnalysisBody,
  source: Source,
): Promise<Told> {
  const { configuration, placeOf } = deps.models;
  const { pack } = evidence;
  const route = routeFor(configuration, placeOf(pack), maxSeverity(pack.vendorSeverity, rules.severity));
  const prompt = analysisPrompt(source);
  const again = await tellAgain(deps, evidence, rules, { route, prompt });
  if (again !== undefined) return again;
  const told = await tellBy(deps, evidence, rules, { route, prompt });
  if (told.author !== undefined && told.answer !== undefined)
    await keepForReuse(deps, evidence, told.evidence, told.author, told.answer);
  return told;
}

/** The same with a route and a prompt of one's own choice: what `replay` does with a stored incident. */
export async function tellBy(
  deps: Omit<TellDeps, 'answers'>,
  evidence: StoredPack,
  rules: AnalysisBody,
  { route, prompt, repair = REPAIR }: Way,
): Promise<Told> {
  const { configuration } = deps.models;
  const { pack } = evidence;
  const answered = await converse<Value>(
    { ...deps, ...deps.models, limits: configuration },
    {
      incidentId: pack.incidentId,
      purpose: prompt.id,
      actor: 'analyze',
      route,
      prompt,
      repair,
      evidence,
      open: (boundary) => openWith(prompt, pack, rules, boundary),
      judge: (answer, known, boundary) => judge(rules, answer, known, { canary: canaryOf(prompt), boundary }),
      deadline: new Date(deps.now().getTime() + conversationSeconds(configuration) * 1000),
    },
  );
  const { callIds, ...cost } = answered.summary;
  const took = { fellBack: answered.fellBack, ...(cost.calls === 0 ? {} : { cost, callIds }) };
  if (!answered.ok) return { body: rules, dropped: [], evidence, fallback: answered.reason, ...took };
  return { ...answered.value, evidence: answered.evidence, author: answered.author, ...took };
}

/** Only of the profile that would be asked first, and only what stands whole: a text full of holes saves nothing. */
async function tellAgain(
  deps: TellDeps,
  evidence: StoredPack,
  rules: AnalysisBody,
  { route, prompt }: Way,
): Promise<Told | undefined> {
  if (!route.asked) return undefined;
  const author = authorOf({ prompt }, route.profiles[0]);
  const found = await findReusable(deps, evidence, author);
  if (found === undefined) return undefined;
  const guard = { canary: canaryOf(prompt), boundary: deps.nonce() };
  const judgement = judge(rules, { ...found.answer, verdict: rules.verdict }, evidence.pack, guard);
  if (!judgement.ok || judgement.faults > 0) return undefined;
  const { body, dropped } = judgement.value;
  return { body, dropped, evidence, author, reusedFrom: found.from, fellBack: [] };
}

function judge(rules: AnalysisBody, answer: unknown, pack: EvidencePack, guard: Guard): Judgement<Value> {
  const { body, dropped, violations, fallback } = merge(rules, answer, pack, guard);
  if (fallback !== undefined) return { ok: false, reason: fallback, repair: repairFor(violations) };
  const parsed = modelAnswerSchema.parse(answer);
  const worth = violations.length > 0 && violations.length * LEAST_WORTH >= parsed.narrative.length;
  return {
    ok: true,
    value: { answer: parsed, body, dropped },
    faults: dropped.length,
    ...(worth ? { repair: repairFor(violations) } : {}),
  };
}
