import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { vendorRecord } from '../../../../domain/evidence/vendor-record.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { workloadLabel } from '../../../../domain/workload.ts';
import { resultOf } from '../../attempts.ts';
import type { AlertRecord } from '../client.ts';
import { alertDrafts, recordDraft } from './alerts.ts';
import { ownershipDrafts, permissionSubject } from './asset.ts';
import { controlDrafts, postureDrafts } from './compliance.ts';
import { fromVendor } from './draft.ts';
import { subjectEntities } from './entities.ts';
import { identityDrafts } from './identity.ts';
import { incidentDrafts } from './incident.ts';
import { type Answered, ask, type PartContext, type PartReader, readAsset } from './part.ts';

/** Answers of each kind that are shown; the noes stand first, so that none of them is ever left out for a yes. */
const MAX_SHOWN = 20;

/** The vendor's answer about each alert, the alerts, and what the vendor knows of the asset they are about. */
export const readAlertDetails: PartReader = async (context) => {
  const answers: Answered[] = [];
  for (const found of context.findings) answers.push(await ask(context, found));
  const observedAt = context.now().toISOString();
  const noes = answers.filter(({ answer }) => !answer.confirmed).slice(0, MAX_SHOWN);
  const yeses = answers.filter(({ answer }) => answer.confirmed).slice(0, MAX_SHOWN);
  const confirmed = answers.flatMap(({ found, answer, record }) =>
    answer.confirmed && record !== undefined ? [{ found, answer, record }] : [],
  );
  const [first] = confirmed;
  return [
    ...[...noes, ...yeses].map((answered) => confirmationDraft(answered, observedAt)),
    ...alertDrafts(context.findings, observedAt),
    ...yeses.flatMap((answered) => recordDraft(answered, observedAt)),
    ...yeses.flatMap((answered) => incidentDrafts(answered, observedAt)),
    ...confirmed.slice(0, 5).flatMap(({ record }) => controlDrafts(record, observedAt)),
    ...(first === undefined ? [] : await aboutAsset(context, first)),
  ];
};

async function aboutAsset(
  context: PartContext,
  { found, record }: Answered & { readonly record: AlertRecord },
): Promise<readonly EvidenceDraft[]> {
  const { client, attempts, now } = context;
  const { alert } = record;
  const entities = subjectEntities(found);
  const asset = await readAsset(context, record, 'asset', 'the asset in the inventory');
  const permissions = await permissionsFor(context, found, record);
  const standards =
    alert.accountName === '' || alert.compliance.length === 0
      ? undefined
      : resultOf(
          await attempts.read('GET /compliance/posture', 'the compliance posture of the account', () =>
            client.posture(alert.accountName),
          ),
        );
  const observedAt = now().toISOString();
  return [
    ...(asset === undefined
      ? []
      : ownershipDrafts(asset, { subject: workloadLabel(found.workload), observedAt, entities })),
    ...(permissions === undefined ? [] : identityDrafts(permissions, { observedAt, entities })),
    ...(standards === undefined ? [] : postureDrafts(record, standards, observedAt)),
  ];
}

async function permissionsFor(
  { client, attempts }: PartContext,
  { workload }: NormalizedFinding,
  { alert }: AlertRecord,
) {
  const missing = 'what the asset may do in its cloud';
  const subject = permissionSubject(workload, alert);
  if (subject !== undefined) {
    return resultOf(await attempts.list('POST /api/v1/permission', missing, () => client.permissionsOf(subject)));
  }
  // A bucket acts as nobody; an instance of another cloud does, and its name in the search is not known to us.
  if (workload.kind === 'host' || workload.kind === 'function') {
    attempts.note(
      'POST /api/v1/permission',
      missing,
      'only AWS instances, functions and IAM resources can be searched by name',
    );
  }
  return undefined;
}

function confirmationDraft({ found, answer }: Answered, observedAt: string): EvidenceDraft {
  const fact = present({
    kind: 'confirmation' as const,
    confirmed: answer.confirmed,
    vendorRecord: answer.confirmed ? answer.record : undefined,
    answerable: answer.confirmed ? vendorRecord('prisma-cloud', 'alert', answer.record) : undefined,
    reason: answer.reason,
  });
  return fromVendor('read-back of the alert', observedAt, fact, subjectEntities(found));
}
