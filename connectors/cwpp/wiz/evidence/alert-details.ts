import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { vendorRecord } from '../../../../domain/evidence/vendor-record.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { fromApi } from '../../draft.ts';
import { alertDrafts } from '../../prisma-cloud-compute/evidence/alerts.ts';
import { subjectEntities } from '../../prisma-cloud-compute/evidence/entities.ts';
import { parseReadBack } from '../read-back.ts';
import { LookUp, type ReadBackAnswer } from './look-up.ts';
import { firstOf, type PartContext, type PartReader } from './part.ts';
import { aiDrafts, ownershipDrafts, relatedDrafts } from './surroundings.ts';
import { vendorAlert } from './vendor-alert.ts';

/** Answers of each kind that are shown; the noes stand first, so that none of them is ever left out for a yes. */
const MAX_SHOWN = 20;

/** The vendor's answer about each alert, the alerts as sent and as recorded, their owner, and what else is open there. */
export const readAlertDetails: PartReader = async (context) => {
  const { findings, now } = context;
  const lookUp = new LookUp(context);
  const answers: (readonly [NormalizedFinding, ReadBackAnswer])[] = [];
  for (const found of findings) answers.push([found, await lookUp.answerFor(found)]);
  const surroundings = await issueContext(context, lookUp);
  const observedAt = now().toISOString();
  const noes = answers.filter(([, answer]) => !answer.confirmed).slice(0, MAX_SHOWN);
  const yeses = answers.filter(([, answer]) => answer.confirmed).slice(0, MAX_SHOWN);
  return [
    ...[...noes, ...yeses].map(([found, answer]) => confirmationDraft(found, answer, observedAt)),
    ...alertDrafts(findings, observedAt),
    ...yeses.flatMap(([found, answer]) => (answer.confirmed ? vendorAlert(found, answer, now()) : [])),
    ...surroundings,
  ];
};

function confirmationDraft(found: NormalizedFinding, answer: ReadBackAnswer, observedAt: string): EvidenceDraft {
  const fact = present({
    kind: 'confirmation' as const,
    confirmed: answer.confirmed,
    vendorRecord: answer.confirmed ? answer.record : undefined,
    // A detection cannot be answered; the issue Wiz made of it can.
    answerable: answer.confirmed
      ? vendorRecord('wiz', 'issue', answer.issue?.id ?? answer.detection?.issue?.id)
      : undefined,
    reason: answer.reason,
  });
  return fromApi('read-back of the alert', 'vendor', observedAt, fact, subjectEntities(found));
}

/** Owner, other issues and the vendor's AI opinion, for the issues the findings belong to. */
async function issueContext(context: PartContext, lookUp: LookUp): Promise<readonly EvidenceDraft[]> {
  const { wiz, attempts, now } = context;
  const issues = issuesOf(context.findings);
  const own = new Set(issues.map(({ id }) => id.toLowerCase()));
  const drafts: EvidenceDraft[] = [];
  for (const { id, found } of firstOf(context, 'issues', issues)) {
    const read = await lookUp.issue(id);
    const issue = 'value' in read ? read.value : undefined;
    if (issue === undefined) continue;
    const entities = subjectEntities(found);
    drafts.push(...ownershipDrafts(issue, entities, now()));
    const entityId = issue.entitySnapshot?.id ?? issue.entity?.id;
    if (entityId !== undefined) {
      const related = await attempts.list('issuesV2', 'other issues of the resource', () =>
        wiz.relatedIssues(entityId),
      );
      drafts.push(...relatedDrafts(related, own, entities, now()));
    }
    const analysis = await attempts.find('issue', "the vendor's AI analysis", () => wiz.aiAnalysis(id));
    drafts.push(...aiDrafts(analysis, entities, now()));
  }
  return drafts;
}

/** Each issue once, with the worst finding that belongs to it. */
export function issuesOf(
  findings: readonly NormalizedFinding[],
): { readonly id: string; readonly found: NormalizedFinding }[] {
  const issues = new Map<string, { id: string; found: NormalizedFinding }>();
  for (const found of [...findings].sort((a, b) => b.finding.severity_id - a.finding.severity_id)) {
    const { issueId } = parseReadBack(found.readBack);
    if (issueId !== undefined && !issues.has(issueId.toLowerCase()))
      issues.set(issueId.toLowerCase(), { id: issueId, found });
  }
  return [...issues.values()];
}
