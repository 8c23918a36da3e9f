import type { EvidencePack } from '../../evidence/pack.ts';
import type { Verdict } from '../analysis.ts';
import { groundOf } from './ground.ts';
import type { ClaimContext, Draft } from './rule.ts';
import { VERIFIER_RULES } from './verifier-rules.ts';

export { LIMITS } from './rules/v1-shape.ts';
export { wordsOf } from './words.ts';

export type TextCheck =
  | { readonly ok: true; readonly text: string; readonly stripped: boolean }
  | { readonly ok: false; readonly why: string };

/**
 * One text against the rules that read texts, where somebody else looked at the citations. `words` is what the cited
 * evidence says, from `wordsOf`. Calls to do something (V7) are the caller's to check: guidance consists of them.
 */
export function checkText(
  raw: string,
  given: { readonly words: string; readonly pack: EvidencePack; readonly verdict: Verdict; readonly max: number },
): TextCheck {
  const { words, pack, verdict, max } = given;
  const context: ClaimContext = {
    where: 'text',
    max,
    cites: 'whole',
    words,
    items: [],
    ground: groundOf(pack),
    judgement: { verdict, severity: pack.vendorSeverity, techniques: [], actions: [] },
  };
  let draft: Draft = { text: raw, kind: 'inferred', evidence: [], entities: [] };
  for (const rule of VERIFIER_RULES) {
    const finding = rule.id === 'V7' ? undefined : rule.claim?.(draft, context);
    if (finding?.kind === 'drop') return { ok: false, why: finding.why };
    if (finding?.kind === 'change') draft = finding.draft;
  }
  return { ok: true, text: draft.text, stripped: draft.text !== raw.trim() };
}
