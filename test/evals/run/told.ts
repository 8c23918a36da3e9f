import type { AnalysisBody } from '../../../domain/analysis/analysis.ts';
import type { EvidencePack } from '../../../domain/evidence/pack.ts';
import { faithfulness } from '../scorers/evidence.ts';

/** An answer as it would stand if nothing were checked; undefined when it has no account at all. */
export function asTold(rules: AnalysisBody, answer: unknown): AnalysisBody | undefined {
  if (typeof answer !== 'object' || answer === null || !('narrative' in answer) || !Array.isArray(answer.narrative))
    return undefined;
  const narrative = answer.narrative.slice(0, 40).flatMap((claim: unknown) => {
    if (typeof claim !== 'object' || claim === null || !('text' in claim) || typeof claim.text !== 'string') return [];
    return [
      {
        text: claim.text.slice(0, 2_000),
        kind: 'observed' as const,
        evidence: idsIn(claim, 'evidence'),
        entities: idsIn(claim, 'entities'),
      },
    ];
  });
  return { ...rules, narrative };
}

function idsIn(claim: object, name: 'evidence' | 'entities'): string[] {
  const list: unknown = Object.getOwnPropertyDescriptor(claim, name)?.value;
  return Array.isArray(list) ? list.filter((id: unknown): id is string => typeof id === 'string') : [];
}

/** Ids and particulars an analysis names, and those its evidence does not hold. */
export function namedBy(
  body: AnalysisBody,
  pack: EvidencePack,
): { readonly named: number; readonly unsupported: number } {
  const { ids, tokens, unsupportedIds, unsupportedTokens } = faithfulness(body, pack);
  return { named: ids + tokens, unsupported: unsupportedIds + unsupportedTokens };
}
