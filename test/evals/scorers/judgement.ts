import type { AnalysisBody, Verdict } from '../../../domain/analysis/analysis.ts';
import type { EvidencePack } from '../../../domain/evidence/pack.ts';
import { type Severity, severityRank } from '../../../domain/severity.ts';
import type { Expected } from '../golden/case.ts';
import type { Counts } from './sets.ts';

export type VerdictScore = 'exact' | 'acceptable' | 'wrong';

export function scoreVerdict(
  given: Verdict,
  { verdict, acceptable = [] }: Pick<Expected, 'verdict' | 'acceptable'>,
): VerdictScore {
  if (given === verdict) return 'exact';
  return acceptable.includes(given) ? 'acceptable' : 'wrong';
}

/** Steps outside the range: negative below it, positive above, 0 within. */
export function severityDistance(given: Severity, [min, max]: readonly [Severity, Severity]): number {
  const rank = severityRank(given);
  if (rank < severityRank(min)) return rank - severityRank(min);
  return rank > severityRank(max) ? rank - severityRank(max) : 0;
}

/** A case a senior analyst calls critical, told as less than high: what must never happen. */
export function belowHigh(given: Severity, [min]: readonly [Severity, Severity]): boolean {
  return min === 'critical' && severityRank(given) < severityRank('high');
}

/** Evidence was taken away, or nobody confirmed it: only not judging is right. */
export function abstained({ outcome, verdict }: Pick<AnalysisBody, 'outcome' | 'verdict'>): boolean {
  return outcome === 'insufficient_evidence' || verdict === 'undetermined';
}

/** Pairs of a vulnerability and the thing it is in, of those said to have been used. */
export function scoreVulnerabilities(
  given: AnalysisBody['vulnerabilities'],
  expected: NonNullable<Expected['cves']>,
  pack: EvidencePack,
): Counts {
  const used = (relevance: string): boolean => relevance === 'exploited' || relevance === 'likely_exploited';
  const told = given.filter(({ relevance }) => used(relevance));
  // The thing is the package the vulnerability fact itself names.
  const pairs = expected
    .filter(({ relevance }) => used(relevance))
    .flatMap(({ cve }) => packagesOf(pack, cve).map((entity) => `${cve}@${entity}`));
  const wanted = new Set(pairs);
  const said = new Set(told.map(({ cve, entity }) => `${cve}@${entity}`));
  return { hits: [...said].filter((pair) => wanted.has(pair)).length, given: said.size, expected: wanted.size };
}

function packagesOf(pack: EvidencePack, cve: string): string[] {
  const items = pack.items.filter(({ fact }) => fact.kind === 'vulnerability' && fact.cve === cve);
  return [
    ...new Set(
      items.flatMap(({ entities }) =>
        pack.entities.filter(({ id, kind }) => kind === 'package' && entities.includes(id)).map(({ id }) => id),
      ),
    ),
  ];
}
