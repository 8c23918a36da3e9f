import type { Opening } from '../../connectors/models/question.ts';
import type { AnalysisBody } from '../../domain/analysis/analysis.ts';
import { judgementView, modelView } from '../../domain/analysis/model-view.ts';
import { modelAnswerJsonSchema } from '../../domain/analysis/verify/answer.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import type { Source } from '../../domain/source.ts';
import { PROMPT } from '../../prompts/generated/incident-analysis.ts';
import { VENDOR_NOTES } from '../../prompts/generated/vendors.ts';
import { fill } from '../../prompts/render.ts';

/** A prompt as it was compiled. */
export interface Prompt {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly system: string;
  readonly user: string;
  readonly evidenceCharacters: number;
}

/** A prompt with what is said of the product whose alert it is. Its hash is that of both: the audit log names it. */
export interface VendorPrompt extends Prompt {
  readonly vendorNotes: string;
}

export function forSource(prompt: Prompt, source: Source): VendorPrompt {
  const { text, sha256 } = VENDOR_NOTES[source];
  return { ...prompt, vendorNotes: text, sha256: sha256Hex(`${prompt.sha256}\n${sha256}`) };
}

/** The deployed prompt of the analysis. */
export function analysisPrompt(source: Source): VendorPrompt {
  return forSource(PROMPT, source);
}

/** In the system part and never in an answer. Of the prompt, so that the system part stays the same for every incident. */
export function canaryOf({ sha256 }: Prompt): string {
  return `mark-${sha256Hex(sha256).slice(0, 16)}`;
}

/** The part that is the same for every incident of a product. A prompt that is tried may leave the notes out. */
export function systemOf(prompt: VendorPrompt): string {
  const notes = prompt.system.includes('{{vendor_notes}}') ? { vendor_notes: prompt.vendorNotes } : {};
  return fill(prompt.system, { canary: canaryOf(prompt), ...notes });
}

/** What a model is told first: the rules of the prompt, what was decided, and the evidence between boundary lines. */
export function openWith(prompt: VendorPrompt, pack: EvidencePack, rules: AnalysisBody, boundary: string): Opening {
  return {
    system: systemOf(prompt),
    user: fill(prompt.user, {
      boundary,
      judgement: judgementView(rules),
      evidence: modelView(pack, rules, prompt.evidenceCharacters).text,
    }),
    output: { name: prompt.id, schema: modelAnswerJsonSchema() },
  };
}
