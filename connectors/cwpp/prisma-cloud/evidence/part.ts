import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { worstFirst } from '../../alert-drafts.ts';
import type { Attempt } from '../../attempts.ts';
import type { ConsoleAttempts } from '../../prisma-cloud-compute/evidence/attempt.ts';
import type { AlertRecord, AssetView, PrismaCloudClient } from '../client.ts';
import { parseReadBack } from '../read-back.ts';
import type { Asset } from '../records.ts';
import { judge, type ReadBackAnswer } from './confirmation.ts';

/** What the reading of one part works with. */
export interface PartContext {
  readonly client: PrismaCloudClient;
  readonly attempts: ConsoleAttempts;
  readonly findings: readonly NormalizedFinding[];
  readonly now: () => Date;
}

export type PartReader = (context: PartContext) => Promise<readonly EvidenceDraft[]>;

export interface Answered {
  readonly found: NormalizedFinding;
  readonly answer: ReadBackAnswer;
  readonly record: AlertRecord | undefined;
}

/** The vendor's answer about one alert; a vendor that cannot be asked confirms nothing. */
export async function ask({ client, attempts }: PartContext, found: NormalizedFinding): Promise<Answered> {
  const told = parseReadBack(found.readBack);
  if (told === undefined || found.source !== 'prisma-cloud') {
    return {
      found,
      answer: { confirmed: false, reason: 'the alert was kept without what is needed to read it back' },
      record: undefined,
    };
  }
  const { alertId } = told;
  if (alertId === undefined) return { found, answer: judge(told, undefined), record: undefined };
  const attempt: Attempt<AlertRecord | undefined> = await attempts.read(
    `GET /alert/${alertId}`,
    'the confirmation of an alert by the vendor',
    () => client.alertById(alertId),
  );
  if (!('value' in attempt)) {
    return {
      found,
      answer: { confirmed: false, reason: `Prisma Cloud could not be asked: ${attempt.failure}` },
      record: undefined,
    };
  }
  return { found, answer: judge(told, attempt.value), record: attempt.value };
}

/**
 * The first alert the vendor confirms, worst first. Assets are only ever looked up by what that record says: a forged
 * webhook must not choose what is read into an incident.
 */
export async function confirmedSubject(
  context: PartContext,
  missing: string,
): Promise<(Answered & { record: AlertRecord }) | undefined> {
  for (const found of worstFirst(context.findings).slice(0, 3)) {
    const { answer, record } = await ask(context, found);
    if (answer.confirmed && record !== undefined) return { found, answer, record };
  }
  context.attempts.note(
    'read-back of the alert',
    missing,
    'no alert of this incident was confirmed, so its asset is not looked up',
  );
  return undefined;
}

/** One view of the asset a confirmed record is about; every way of not having it leaves a gap. */
export async function readAsset(
  { client, attempts }: PartContext,
  { alert }: AlertRecord,
  view: AssetView,
  missing: string,
): Promise<Asset | undefined> {
  const field = `POST /uai/v1/asset (${view})`;
  const assetId = alert.assetId || alert.rrn;
  if (assetId === '') {
    attempts.note(`GET /alert/${alert.alertId}`, missing, 'the record of the alert names no asset id');
    return undefined;
  }
  const attempt = await attempts.read(field, missing, () => client.asset(assetId, view));
  if (!('value' in attempt)) return undefined;
  if (attempt.value === undefined) attempts.note(field, missing, 'the inventory has no such asset');
  else if (attempt.value.incomplete !== undefined)
    attempts.note(field, `${missing}, in part`, attempt.value.incomplete);
  return attempt.value?.asset;
}
