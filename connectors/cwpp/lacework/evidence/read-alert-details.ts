import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { vendorRecord } from '../../../../domain/evidence/vendor-record.ts';
import { techniqueIdsOf } from '../../../../domain/ocsf/attacks.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { severityRank } from '../../../../domain/severity.ts';
import { alertDraftsOf } from '../../alert-drafts.ts';
import { fromApi } from '../../draft.ts';
import { parseReadBack } from '../read-back.ts';
import type { Observation } from '../records.ts';
import type { ApiAlert } from '../schema.ts';
import { severityOf } from '../severity.ts';
import { judgeRecord, judgeTenant, judgeWorkload, namedBy, type ReadBackAnswer } from './confirmation.ts';
import { subjectEntities } from './entities.ts';
import { observationDrafts, observedPods } from './observations.ts';
import type { PartContext, PartReader } from './part.ts';
import { complianceDrafts, questionDrafts, readCalls, relatedDrafts, vendorAlert } from './surroundings.ts';

const DETAILS = 'GET /Alerts/{id} scope=Details';
const OBSERVATIONS = 'GET /Alerts/{id} scope=ObservationTimeline';
/** Answers of each kind that are shown; the noes stand first, so that none of them is ever left out for a yes. */
const MAX_SHOWN = 20;
const MAX_ALERTS = 50;

interface Answered {
  readonly found: NormalizedFinding;
  readonly answer: ReadBackAnswer;
  readonly record: ApiAlert | undefined;
  readonly observations: readonly Observation[] | undefined;
}

/** The vendor's answer about each alert, the alerts, and what the vendor says around them. */
export const readAlertDetails: PartReader = async (context) => {
  // All confirmations before anything else: what is left of the hour afterwards is for the rest.
  const ordered = [...context.findings].sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
  const answers: Answered[] = [];
  for (const found of ordered) answers.push(await answerFor(context, found));
  const observedAt = context.now().toISOString();
  const noes = answers.filter(({ answer }) => !answer.confirmed).slice(0, MAX_SHOWN);
  const yeses = answers.filter(({ answer }) => answer.confirmed).slice(0, MAX_SHOWN);
  const around: EvidenceDraft[] = [];
  const confirmed = answers.filter(({ answer }) => answer.confirmed);
  // The surroundings of the worst alert only: they cost three calls, and a composite alert sums up the others.
  for (const [index, answered] of confirmed.slice(0, MAX_SHOWN).entries()) {
    around.push(...(await readAround(context, answered, index === 0)));
  }
  return [
    ...[...noes, ...yeses].map((answered) => confirmationDraft(answered, observedAt)),
    ...alertDrafts(context.findings, observedAt),
    ...around,
  ];
};

async function answerFor(context: PartContext, found: NormalizedFinding): Promise<Answered> {
  const { attempts, lacework, tenant } = context;
  const locator = parseReadBack(found.readBack);
  const refused = (reason: string): Answered => ({
    found,
    answer: { confirmed: false, reason },
    record: undefined,
    observations: undefined,
  });
  if (locator === undefined) return refused('the alert was kept without what is needed to read it back');
  const foreign = judgeTenant(locator, tenant);
  if (foreign) return { found, answer: foreign, record: undefined, observations: undefined };
  const attempt = await attempts.read(DETAILS, 'the confirmation of an alert by the vendor', () =>
    lacework.alert(locator.alertId),
  );
  if (!('value' in attempt)) return refused(`Lacework could not be asked: ${attempt.failure}`);
  const record = attempt.value;
  const judged = judgeRecord(locator, record);
  if (!judged.confirmed) return { found, answer: judged, record: undefined, observations: undefined };
  const mismatch = judgeWorkload(found, namedBy(record, []));
  if (mismatch === undefined || found.workload.kind !== 'pod') {
    return { found, answer: mismatch ?? judged, record, observations: undefined };
  }
  // The exact pod stands in the observations of composite alerts only (reference 2.3).
  const observations = await attempts.list(OBSERVATIONS, 'the observations behind the alert', () =>
    lacework.scope(locator.alertId, 'ObservationTimeline', 'confirmation'),
  );
  const named = namedBy(
    record,
    observations.flatMap(({ entities }) => entities),
  );
  return { found, answer: judgeWorkload(found, named) ?? judged, record, observations };
}

/** Details always; observations from medium and questions from high upward: all scopes share one hourly budget (reference 0.5). */
async function readAround(context: PartContext, answered: Answered, worst: boolean): Promise<readonly EvidenceDraft[]> {
  const { found, record } = answered;
  if (record === undefined) return [];
  const { attempts, lacework, now } = context;
  const id = record.alertId;
  const subject = subjectEntities(found);
  const own = vendorAlert(record, found, now());
  const rank = severityRank(severityOf(record.severity) ?? 'medium');
  const compliance = await complianceDrafts(context, record, found);
  if (!worst || rank < severityRank('medium')) return [...own, ...compliance];
  const observations =
    answered.observations ??
    (await attempts.list(OBSERVATIONS, 'the observations behind the alert', () =>
      lacework.scope(id, 'ObservationTimeline'),
    ));
  const grave = rank >= severityRank('high');
  const questions = grave
    ? await attempts.list('GET /Alerts/{id} scope=Investigation', "the vendor's own questions", () =>
        lacework.scope(id, 'Investigation'),
      )
    : [];
  const related = grave
    ? await attempts.list('GET /Alerts/{id} scope=RelatedAlerts', 'related alerts', () =>
        lacework.scope(id, 'RelatedAlerts'),
      )
    : [];
  const observedAt = now().toISOString();
  return [
    ...own,
    ...observationDrafts(observations, { found, observedAt, field: OBSERVATIONS }),
    ...observedPods(observations, { record: id, observedAt, field: OBSERVATIONS }),
    ...questionDrafts(questions, { id, observedAt, subject }),
    ...relatedDrafts(related, { observedAt, subject, now: now().getTime() }),
    ...(await readCalls(context, record, subject)),
    ...compliance,
  ];
}

function confirmationDraft({ found, answer }: Answered, observedAt: string): EvidenceDraft {
  const fact = present({
    kind: 'confirmation' as const,
    confirmed: answer.confirmed,
    vendorRecord: answer.confirmed ? answer.record : undefined,
    answerable: answer.confirmed ? vendorRecord('lacework', 'alert', answer.record) : undefined,
    reason: answer.reason,
  });
  // A refused alert's own words name no entity of the evidence.
  return fromApi('read-back of the alert', 'vendor', observedAt, fact, answer.confirmed ? subjectEntities(found) : []);
}

/** The alerts as they came: text the workload may have chosen, and a webhook has no signature. */
function alertDrafts(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  return alertDraftsOf(findings, observedAt, {
    most: MAX_ALERTS,
    others: 'further alerts',
    factOf: alertFact,
    entitiesOf: subjectEntities,
  });
}

function alertFact({ finding, severity }: NormalizedFinding): EvidenceDraft['fact'] {
  const { finding_info: info, metadata } = finding;
  const title = info.title ?? metadata.event_code ?? 'alert';
  return present({
    kind: 'alert' as const,
    findingUid: info.uid,
    title,
    category: info.types?.[0] ?? metadata.event_code ?? 'unknown',
    rule: info.analytic?.name,
    message: finding.message ?? title,
    severity,
    occurredAt: new Date(finding.time).toISOString(),
    techniques: techniqueIdsOf(finding),
  });
}
