import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { fromApi } from '../../draft.ts';
import { alertDrafts, auditAlertDrafts } from './alerts.ts';
import type { ReadBackAnswer } from './confirmation.ts';
import { subjectEntities } from './entities.ts';
import { LookUp } from './look-up.ts';
import { firstOf, type PartReader } from './part.ts';
import { policyDrafts } from './policy-drafts.ts';
import { readContainer } from './read-container.ts';

/** Answers of each kind that are shown; the noes stand first, so that none of them is ever left out for a yes. */
const MAX_SHOWN = 20;

/** The vendor's answer about each alert, the alerts, and the containers they are about. */
export const readAlertDetails: PartReader = async (context) => {
  const { findings, subjects, now } = context;
  const lookUp = new LookUp(context);
  const answers: (readonly [NormalizedFinding, ReadBackAnswer])[] = [];
  for (const found of findings) answers.push([found, await lookUp.answerFor(found)]);
  const containers: EvidenceDraft[] = [];
  for (const subject of firstOf(context, 'containers', subjects.containers)) {
    const incident = lookUp.confirmedIncidents.find(({ record }) => record.containerID === subject.containerId);
    containers.push(...(await readContainer(context, subject, incident?.record)).drafts);
  }
  const observedAt = now().toISOString();
  const noes = answers.filter(([, answer]) => !answer.confirmed).slice(0, MAX_SHOWN);
  const yeses = answers.filter(([, answer]) => answer.confirmed).slice(0, MAX_SHOWN);
  return [
    ...[...noes, ...yeses].map(([found, answer]) => confirmationDraft(found, answer, observedAt)),
    ...alertDrafts(findings, observedAt),
    ...lookUp.confirmedIncidents.flatMap(({ findingUid, record }) =>
      auditAlertDrafts(record.audits, { findingUid, field: 'GET /audits/incidents [0]', observedAt }),
    ),
    ...lookUp.stoppedAudits.flatMap(({ findingUid, record }) =>
      auditAlertDrafts([record], { findingUid, field: 'GET /audits/runtime', observedAt }),
    ),
    ...policyDrafts(lookUp.policyRecords, observedAt),
    ...containers,
  ];
};

function confirmationDraft(found: NormalizedFinding, answer: ReadBackAnswer, observedAt: string): EvidenceDraft {
  const fact = present({
    kind: 'confirmation' as const,
    confirmed: answer.confirmed,
    vendorRecord: answer.confirmed ? answer.record : undefined,
    answerable: answer.confirmed ? answer.answerable : undefined,
    reason: answer.reason,
  });
  return fromApi('read-back of the alert', 'vendor', observedAt, fact, subjectEntities(found));
}
