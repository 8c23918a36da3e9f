import { visibleText } from '../../evidence/clean.ts';
import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import type { Analysis, AnalysisBody, Claim } from '../analysis.ts';
import { type ModelAnswer, modelAnswerSchema } from './answer.ts';
import { checkText, LIMITS, wordsOf } from './checks.ts';

/** Marks that are in the prompt and must never be in an answer: one in the system part, one around the evidence. */
export interface Guard {
  readonly canary: string;
  readonly boundary: string;
}

export type Dropped = Analysis['dropped'];

/** What of a model's answer stands on the evidence. `ok: false`: nothing of it may be used. */
export type Verified =
  | {
      readonly ok: true;
      readonly headline: string | undefined;
      readonly narrative: readonly Claim[];
      readonly unknowns: AnalysisBody['unknowns'];
      /** Technique id → the model's rationale, only for techniques the rules found. */
      readonly rationales: ReadonlyMap<string, string>;
      readonly dropped: Dropped;
    }
  | { readonly ok: false; readonly reason: string; readonly dropped: Dropped };

/** Checks an answer of any shape against the pack. Pure; whatever it does not understand it drops, and says so. */
export function verifyAnswer(answer: unknown, pack: EvidencePack, rules: AnalysisBody, guard: Guard): Verified {
  const parsed = modelAnswerSchema.safeParse(answer);
  if (!parsed.success) return { ok: false, reason: 'the answer has not the agreed shape', dropped: [] };
  const leak = leaked(parsed.data, guard);
  if (leak !== undefined) return { ok: false, reason: leak, dropped: [] };
  if (parsed.data.outcome === 'declined') return { ok: false, reason: 'the model declined to analyse', dropped: [] };
  return checked(parsed.data, pack, rules);
}

/** V10: an answer that repeats the frame it was given is not an analysis of the evidence. */
function leaked(answer: ModelAnswer, { canary, boundary }: Guard): string | undefined {
  const text = visibleText(JSON.stringify(answer));
  if (text.includes(canary)) return 'the answer repeats the hidden mark of the instructions';
  if (text.includes(boundary)) return 'the answer repeats the boundary of the evidence';
  return undefined;
}

function checked(answer: ModelAnswer, pack: EvidencePack, rules: AnalysisBody): Verified {
  const dropped: { what: string; why: string }[] = [];
  const drop = (what: string, why: string): void => {
    dropped.push({ what, why });
  };
  const everything = wordsOf(pack, pack.items);
  const text = (what: string, raw: string, words: string, max: number): string | undefined => {
    const result = checkText(raw, { words, pack, verdict: rules.verdict, max });
    if (!result.ok) drop(what, result.why);
    else if (result.stripped) drop(`${what}, in part`, 'held hidden characters, surplus white space or a secret');
    return result.ok ? result.text : undefined;
  };
  const cite = (what: string, evidence: readonly string[]): readonly EvidenceItem[] | undefined => {
    const items = itemsOf(pack, evidence);
    if (evidence.length > LIMITS.citations) drop(what, `cites more than ${LIMITS.citations} pieces of evidence`);
    else if (items.length === 0) drop(what, 'cites no evidence that exists');
    else if (items.length < new Set(evidence).size) drop(what, 'cites evidence that does not exist');
    else return items;
    return undefined;
  };

  const headline = text('headline', answer.headline, everything, LIMITS.headline);
  const narrative = limited('narrative', answer.narrative, LIMITS.claims, drop).flatMap((claim, index): Claim[] => {
    const what = `narrative ${index + 1}`;
    const items = cite(what, claim.evidence);
    const said = items && text(what, claim.text, wordsOf(pack, items), LIMITS.text);
    if (items === undefined || said === undefined) return [];
    const named = [...new Set(claim.entities)];
    const entities = named.filter((id) => items.some((item) => item.entities.includes(id)));
    if (entities.length < named.length)
      drop(`${what}, in part`, 'names an entity that the cited evidence does not hold');
    return [{ text: said, kind: claim.kind, evidence: items.map(({ id }) => id), entities }];
  });
  const unknowns = limited('unknowns', answer.unknowns, LIMITS.unknowns, drop).flatMap((unknown, index) => {
    const what = `unknown ${index + 1}`;
    const items = unknown.evidence.length === 0 ? [] : cite(what, unknown.evidence);
    const question = items && text(what, unknown.question, everything, LIMITS.text);
    const whyItMatters = question && text(what, unknown.whyItMatters, everything, LIMITS.text);
    if (items === undefined || question === undefined || !whyItMatters) return [];
    return [{ question, whyItMatters, evidence: items.map(({ id }) => id) }];
  });
  const rationales = new Map<string, string>();
  for (const { id, rationale, evidence } of limited('techniques', answer.techniques, LIMITS.claims, drop)) {
    const what = rules.techniques.some((known) => known.id === id) ? `technique ${id}` : 'technique';
    if (what === 'technique') {
      drop(what, 'was not found by the rules');
      continue;
    }
    const items = cite(what, evidence);
    const said = items && text(what, rationale, wordsOf(pack, items), LIMITS.text);
    if (said !== undefined) rationales.set(id, said);
  }
  if (answer.verdict !== rules.verdict) drop(`verdict ${answer.verdict}`, 'the verdict comes from the rules');
  return { ok: true, headline, narrative, unknowns, rationales, dropped };
}

function itemsOf(pack: EvidencePack, evidence: readonly string[]): EvidenceItem[] {
  return pack.items.filter(({ id }) => evidence.includes(id));
}

function limited<T>(
  what: string,
  all: readonly T[],
  max: number,
  drop: (what: string, why: string) => void,
): readonly T[] {
  if (all.length > max) drop(`${all.length - max} of ${what}`, `more than ${max} are not read`);
  return all.slice(0, max);
}
