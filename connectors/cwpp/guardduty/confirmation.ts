import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { workloadKey } from '../../../domain/workload.ts';
import { isSample } from './map.ts';
import type { ReadBack } from './read-back.ts';
import type { GuardDutyFinding } from './schema.ts';

/** AWS's answer about one alert (rule 7). Anything but a yes is a no. */
export type ReadBackAnswer =
  | { readonly confirmed: true; readonly record: string; readonly reason: string }
  | { readonly confirmed: false; readonly reason: string };

/** What was learned when the finding was looked up: its record, that there is none, or why nobody could be asked. */
export type LookedUp =
  | { readonly kind: 'record'; readonly record: GuardDutyFinding; readonly normalized: NormalizedFinding | undefined }
  | { readonly kind: 'absent' }
  | { readonly kind: 'not-asked'; readonly why: string };

/**
 * A record that agrees confirms; one that contradicts denies, however the alert came. Where there is no record to compare
 * with, the event that AWS itself put on the bus stands: its source and its account cannot be chosen by anybody else.
 */
export function judge(found: NormalizedFinding, locator: ReadBack, looked: LookedUp): ReadBackAnswer {
  if (looked.kind === 'record') return judgeRecord(found, locator, looked);
  if (locator.vouchedBy === 'event') {
    const account = locator.eventAccount === undefined ? '' : ` of account ${locator.eventAccount}`;
    return {
      confirmed: true,
      record: locator.findingId,
      reason: `AWS itself sent the finding as EventBridge event ${locator.eventId ?? 'without id'}${account}; its API ${looked.kind === 'absent' ? 'does not hold it any more' : `was not asked (${looked.why})`}`,
    };
  }
  return {
    confirmed: false,
    reason:
      looked.kind === 'absent'
        ? `GuardDuty has no finding ${locator.findingId}`
        : `GuardDuty could not be asked: ${looked.why}`,
  };
}

function judgeRecord(
  found: NormalizedFinding,
  { findingId, type, vouchedBy }: ReadBack,
  { record, normalized }: Extract<LookedUp, { kind: 'record' }>,
): ReadBackAnswer {
  const no = (reason: string): ReadBackAnswer => ({ confirmed: false, reason });
  if (isSample(record)) return no(`GuardDuty marks finding ${findingId} as a sample`);
  if (record.type !== type) {
    return no(`finding ${findingId} of GuardDuty is of type ${record.type ?? 'unknown'}, the alert says ${type}`);
  }
  if (normalized === undefined || placeOf(normalized) !== placeOf(found)) {
    return no(`finding ${findingId} of GuardDuty is about another resource`);
  }
  const how = vouchedBy === 'event' ? 'by API, as in the event AWS sent' : 'by API';
  return {
    confirmed: true,
    record: findingId,
    reason: `GuardDuty has finding ${findingId} of type ${type} on the same resource (read back ${how})`,
  };
}

/** The controller's key holds for all its pods; which pod it is must agree too. */
function placeOf({ workload }: NormalizedFinding): string {
  return `${workloadKey(workload)}#${workload.kind === 'pod' ? workload.pod : ''}`;
}
