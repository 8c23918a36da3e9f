import type { AnalysisBody } from '../../../domain/analysis/analysis.ts';
import type { EvidencePack } from '../../../domain/evidence/pack.ts';
import type { Expected } from '../golden/case.ts';

export interface ActionScore {
  readonly must: number;
  readonly mustDone: number;
  /** Recommended although a senior analyst would not. */
  readonly forbidden: readonly string[];
  /** Neither must nor may; told, not counted as wrong. */
  readonly other: readonly string[];
}

/** `action@canonical name`, as a case writes it. */
export function namedActions(actions: AnalysisBody['actions'], pack: EvidencePack): string[] {
  return actions.map(
    ({ action, target }) => `${action}@${pack.entities.find(({ id }) => id === target)?.canonical ?? 'unknown'}`,
  );
}

export function scoreActions(
  given: readonly string[],
  { must = [], may = [], mustNot = [] }: Pick<Expected, 'must' | 'may' | 'mustNot'>,
): ActionScore {
  const fits = (pattern: string, action: string): boolean =>
    pattern.endsWith('@*') ? action.startsWith(pattern.slice(0, -1)) : pattern === action;
  const any = (patterns: readonly string[], action: string): boolean => patterns.some((one) => fits(one, action));
  return {
    must: must.length,
    mustDone: must.filter((pattern) => given.some((action) => fits(pattern, action))).length,
    forbidden: given.filter((action) => any(mustNot, action)),
    other: given.filter((action) => !any(must, action) && !any(may, action) && !any(mustNot, action)),
  };
}
