import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import type { CwppPart, EvidenceSource } from '../evidence-source.ts';
import { subjectsOf } from './entities.ts';
import { activityDrafts, alertDrafts, networkDrafts } from './facts.ts';

/** Whether an alert counts as real (rule 7), and why. */
export type Answer = { readonly confirmed: boolean; readonly reason: string };

/** Answers that are shown; the noes stand first, so that none of them is ever left out for a yes. */
const MAX_ANSWERS = 20;

/**
 * The evidence of a source that nobody can be asked about: what its events tell, and an answer about each of them that is
 * made from how it came. Reads nothing, so it costs nothing and never fails.
 */
export function eventEvidence(deps: {
  readonly answer: (found: NormalizedFinding) => Answer;
  readonly now: () => Date;
}): EvidenceSource {
  return {
    async gather(part, findings) {
      const drafts = draftsOf(part, findings, deps.answer, deps.now().toISOString());
      return { drafts, cost: { calls: 0, bytes: 0, milliseconds: 0 } };
    },
  };
}

function draftsOf(
  part: CwppPart,
  findings: readonly NormalizedFinding[],
  answer: (found: NormalizedFinding) => Answer,
  observedAt: string,
): readonly EvidenceDraft[] {
  switch (part) {
    case 'alert-details':
      return [...confirmations(findings, answer, observedAt), ...alertDrafts(findings, observedAt)];
    case 'runtime-activity':
      return activityDrafts(findings, observedAt);
    case 'network':
      return networkDrafts(findings, observedAt);
    case 'vulnerabilities':
      return [];
  }
}

function confirmations(
  findings: readonly NormalizedFinding[],
  answer: (found: NormalizedFinding) => Answer,
  observedAt: string,
): EvidenceDraft[] {
  const answers = findings.map((found) => ({ found, answer: answer(found) }));
  const noes = answers.filter(({ answer: { confirmed } }) => !confirmed).slice(0, MAX_ANSWERS);
  const yeses = answers.filter(({ answer: { confirmed } }) => confirmed).slice(0, MAX_ANSWERS);
  return [...noes, ...yeses].map(
    ({ found, answer: { confirmed, reason } }): EvidenceDraft => ({
      source: 'cloud_api',
      field: 'how the alert came',
      trust: 'own',
      observedAt,
      fact: { kind: 'confirmation', confirmed, reason },
      entities: subjectsOf(found),
    }),
  );
}
