import type { AnalysisBody } from '../analysis.ts';
import type { AnsweredClaim } from './answer.ts';
import type { Ground, GroundItem } from './ground.ts';

export const RULE_IDS = ['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'V7', 'V8', 'V9', 'V10', 'V11', 'V12'] as const;
export type RuleId = (typeof RULE_IDS)[number];

/** Marks that are in the prompt and must never be in an answer: one in the system part, one around the evidence. */
export interface Guard {
  readonly canary: string;
  readonly boundary: string;
}

/** What the rules analyst decided, which no text may talk down, add to or direct elsewhere. */
export interface Judgement extends Pick<AnalysisBody, 'verdict' | 'severity'> {
  readonly techniques: readonly { readonly id: string }[];
  readonly actions: readonly { readonly action: string; readonly target: string }[];
}

/** A sentence on its way through the rules. */
export interface Draft extends AnsweredClaim {
  readonly trust?: 'attacker_influenced';
}

/** Where a sentence stands and what is asked of it there. */
export interface Position {
  /** Made of fixed words and numbers only (`narrative 3`): it is shown, and it goes back to the model. */
  readonly where: string;
  /** Longest text in UTF-16 code units. Longer is refused, not cut: half a sentence may say the opposite. */
  readonly max: number;
  /** `whole`: it needs no citation and may draw on all evidence, as a headline does. `may`: it may cite. */
  readonly cites: 'must' | 'may' | 'whole';
}

export interface ClaimContext extends Position {
  /** What the draft cites, as far as it exists. */
  readonly items: readonly GroundItem[];
  /** What those items say, or all of them where `cites` is not `must`. */
  readonly words: string;
  readonly ground: Ground;
  readonly judgement: Judgement;
}

/** What a rule makes of a sentence: nothing of it is used, or something else. A `change` without `why` only labels. */
export type Finding =
  | { readonly kind: 'drop'; readonly why: string }
  | { readonly kind: 'change'; readonly draft: Draft; readonly why?: string };

/**
 * One rule of the verifier. `why` is for people and never holds a word of what was refused: what was refused must not be
 * shown by another door.
 */
export interface VerifierRule {
  readonly id: RuleId;
  /** What would happen without it. */
  readonly protects: string;
  /** For the repair turn: what an answer must be like. */
  readonly wants: string;
  /** How many of a list are read. */
  readonly most?: (limit: number) => number;
  /** Why nothing of the whole answer may be used. */
  readonly answer?: (answer: unknown, guard: Guard) => string | undefined;
  readonly claim?: (draft: Draft, context: ClaimContext) => Finding | undefined;
  /** Why a technique of the answer's list is not one. */
  readonly technique?: (id: string, judgement: Judgement) => string | undefined;
}

export function drop(why: string): Finding {
  return { kind: 'drop', why };
}
