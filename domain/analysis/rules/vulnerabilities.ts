import { type Correlated, isExploited } from '../../correlation/correlate.ts';
import { environmentScore } from '../../correlation/score.ts';
import type { AnalysisBody } from '../analysis.ts';
import { idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';

/** Enough for people and tickets; the whole list stays in the evidence. */
const MAX_LISTED = 50;

export function listVulnerabilities(correlated: readonly Correlated[]): AnalysisBody['vulnerabilities'] {
  return correlated
    .slice(0, MAX_LISTED)
    .flatMap(({ piece: { fact }, relevance, rationale, items, entity, knowledge, fixedIn, chain }) =>
      entity === undefined
        ? []
        : [
            {
              cve: quote(fact.cve, 80),
              entity: entity.id,
              relevance,
              ...(fact.cvss === undefined ? {} : { cvss: fact.cvss }),
              ...(knowledge.knownExploited === undefined
                ? {}
                : {
                    knownExploited: {
                      since: quote(knowledge.knownExploited.since, 40),
                      ransomware: knowledge.knownExploited.ransomware,
                    },
                  }),
              ...(knowledge.epss === undefined
                ? {}
                : {
                    epss: {
                      probability: knowledge.epss.probability,
                      ...(knowledge.epss.percentile === undefined ? {} : { percentile: knowledge.epss.percentile }),
                      on: quote(knowledge.epss.on, 40),
                    },
                  }),
              ...(fixedIn === undefined ? {} : { fixedIn: quote(fixedIn) }),
              rationale,
              chain: chain.map((link) => ({ step: link.step, name: link.name, evidence: idsOf(link.items) })),
              evidence: idsOf(items),
            },
          ],
    );
}

export function scoreOf({
  pack,
  behaviours,
  accounts,
  vulnerabilities,
}: Investigation): AnalysisBody['environmentScore'] {
  const { score, parts } = environmentScore({ pack, behaviours, accounts, correlated: vulnerabilities });
  return {
    score,
    parts: parts.map(({ name, points, of, reason, items }) => ({ name, points, of, reason, evidence: idsOf(items) })),
  };
}

/** `exploited in the wild (…)` for a sentence that begins "CVE-…, which is". */
export function attackedElsewhere({ knowledge }: Correlated): string {
  return knowledge.phrase === '' ? '' : `, which ${knowledge.phrase},`;
}

export function exploitedOf(investigation: Pick<Investigation, 'vulnerabilities'>): Correlated[] {
  return investigation.vulnerabilities.filter(isExploited);
}
