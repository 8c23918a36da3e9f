import type { RuleId, VerifierRule } from './rule.ts';
import { v1Shape } from './rules/v1-shape.ts';
import { v2Ids } from './rules/v2-ids.ts';
import { v3Citations } from './rules/v3-citations.ts';
import { v4Entities } from './rules/v4-entities.ts';
import { v5Vulnerabilities } from './rules/v5-vulnerabilities.ts';
import { v6Techniques } from './rules/v6-techniques.ts';
import { v7Actions } from './rules/v7-actions.ts';
import { v8Particulars } from './rules/v8-particulars.ts';
import { v9PlainText } from './rules/v9-plain-text.ts';
import { v10Marks } from './rules/v10-marks.ts';
import { v11Floor } from './rules/v11-floor.ts';
import { v12Trust } from './rules/v12-trust.ts';

/**
 * In the order they are applied: what bounds a text comes first, then what makes it plain, then what reads it. A sentence
 * that one rule dropped is not shown to the next.
 */
export const VERIFIER_RULES: readonly VerifierRule[] = [
  v1Shape,
  v9PlainText,
  v10Marks,
  v2Ids,
  v3Citations,
  v4Entities,
  v5Vulnerabilities,
  v6Techniques,
  v7Actions,
  v8Particulars,
  v11Floor,
  v12Trust,
];

/** All but one, to show that the one is needed. */
export function rulesWithout(id: RuleId): readonly VerifierRule[] {
  return VERIFIER_RULES.filter((rule) => rule.id !== id);
}
