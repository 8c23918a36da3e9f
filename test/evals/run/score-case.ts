import type { AnalysisBody } from '../../../domain/analysis/analysis.ts';
import type { Built } from '../golden/build.ts';
import { type ActionScore, namedActions, scoreActions } from '../scorers/actions.ts';
import { coverage, faithfulness, scoreSupport } from '../scorers/evidence.ts';
import {
  abstained,
  belowHigh,
  scoreVerdict,
  scoreVulnerabilities,
  severityDistance,
  type VerdictScore,
} from '../scorers/judgement.ts';
import type { Counts } from '../scorers/sets.ts';
import { scoreTechniques } from '../scorers/techniques.ts';

/** One analyst on one golden incident. */
export interface CaseScore {
  readonly id: string;
  readonly source: string;
  readonly lookAlike: boolean;
  readonly heldOut: boolean;
  readonly verdict: { readonly expected: string; readonly given: string; readonly score: VerdictScore };
  readonly severityDistance: number;
  readonly belowHigh: boolean;
  readonly techniques: Counts;
  readonly missedTechniques: readonly string[];
  readonly vulnerabilities: Counts;
  readonly actions: ActionScore;
  readonly abstention: 'asked and done' | 'asked and not done' | 'not asked';
  readonly claims: number;
  readonly cited: number;
  readonly named: number;
  readonly unsupported: number;
  readonly support: { readonly asked: number; readonly made: number; readonly missing: readonly string[] };
  readonly milliseconds: number;
}

export function scoreCase({ golden, pack }: Built, body: AnalysisBody): Omit<CaseScore, 'heldOut' | 'milliseconds'> {
  const { expected } = golden;
  const techniques = body.techniques.map(({ id }) => id);
  const { claims, cited } = coverage(body, pack);
  const faith = faithfulness(body, pack);
  return {
    id: golden.id,
    source: golden.source,
    lookAlike: golden.lookAlike ?? false,
    verdict: { expected: expected.verdict, given: body.verdict, score: scoreVerdict(body.verdict, expected) },
    severityDistance: severityDistance(body.severity, expected.severity),
    belowHigh: belowHigh(body.severity, expected.severity),
    techniques: scoreTechniques(techniques, expected.techniques ?? [], expected.acceptableTechniques),
    missedTechniques: (expected.techniques ?? []).filter((id) => !techniques.includes(id)),
    vulnerabilities: scoreVulnerabilities(body.vulnerabilities, expected.cves ?? [], pack),
    actions: scoreActions(namedActions(body.actions, pack), expected),
    abstention:
      expected.abstain === undefined ? 'not asked' : abstained(body) ? 'asked and done' : 'asked and not done',
    claims,
    cited,
    named: faith.ids + faith.tokens,
    unsupported: faith.unsupportedIds + faith.unsupportedTokens,
    support: scoreSupport(body, pack, expected.support ?? []),
  };
}
