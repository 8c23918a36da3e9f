import type { Opening } from '../../connectors/models/question.ts';
import type { AnalysisBody } from '../../domain/analysis/analysis.ts';
import { judgementView, modelView } from '../../domain/analysis/model-view.ts';
import { modelAnswerJsonSchema } from '../../domain/analysis/verify/answer.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { PROMPTS } from '../../prompts/generated.ts';
import { fill } from '../../prompts/render.ts';

/** A compiled prompt of the analysis: the deployed one, or another that `replay` tries. */
export interface AnalysisPrompt {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly system: string;
  readonly user: string;
  readonly evidenceCharacters: number;
}

export const ANALYSIS_PROMPT: AnalysisPrompt = PROMPTS['incident-analysis'];

/** In the system part and never in an answer. Of the prompt, so that the system part stays the same for every incident. */
export function canaryOf({ sha256 }: AnalysisPrompt): string {
  return `mark-${sha256Hex(sha256).slice(0, 16)}`;
}

/** What a model is told first: the rules of the prompt, what was decided, and the evidence between boundary lines. */
export function openWith(prompt: AnalysisPrompt, pack: EvidencePack, rules: AnalysisBody, boundary: string): Opening {
  return {
    system: fill(prompt.system, { canary: canaryOf(prompt) }),
    user: fill(prompt.user, {
      boundary,
      judgement: judgementView(rules),
      evidence: modelView(pack, rules, prompt.evidenceCharacters).text,
    }),
    output: { name: prompt.id, schema: modelAnswerJsonSchema() },
  };
}
