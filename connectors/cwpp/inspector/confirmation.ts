import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { workloadKey } from '../../../domain/workload.ts';
import type { ReadBack } from './read-back.ts';
import type { InspectorFinding } from './schema.ts';

/** AWS's answer about one alert (rule 7). Anything but a yes is a no. */
export type ReadBackAnswer =
  | { readonly confirmed: true; readonly record: string; readonly reason: string }
  | { readonly confirmed: false; readonly reason: string };

/** What was learned when the finding was looked up: its record, that there is none, or why nobody could be asked. */
export type LookedUp =
  | { readonly kind: 'record'; readonly record: InspectorFinding; readonly normalized: readonly NormalizedFinding[] }
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
      record: locator.findingArn,
      reason: `AWS itself sent the finding as EventBridge event ${locator.eventId ?? 'without id'}${account}; its API ${looked.kind === 'absent' ? 'does not hold it any more' : `was not asked (${looked.why})`}`,
    };
  }
  return {
    confirmed: false,
    reason: looked.kind === 'absent' ? 'Inspector has no such finding' : `Inspector could not be asked: ${looked.why}`,
  };
}

function judgeRecord(
  found: NormalizedFinding,
  { findingArn, vulnerabilityId, vouchedBy }: ReadBack,
  { record, normalized }: Extract<LookedUp, { kind: 'record' }>,
): ReadBackAnswer {
  const no = (reason: string): ReadBackAnswer => ({ confirmed: false, reason });
  const status = record.status?.toUpperCase() ?? 'ACTIVE';
  if (status === 'CLOSED') return no('Inspector has closed the finding since: what it reported is no longer there');
  const held = record.packageVulnerabilityDetails?.vulnerabilityId;
  if (held !== vulnerabilityId) {
    return no(
      `the finding of Inspector is about ${held ?? 'no vulnerability'}, the alert says ${vulnerabilityId ?? 'none'}`,
    );
  }
  const key = workloadKey(found.workload);
  if (!normalized.some(({ workload }) => workloadKey(workload) === key)) {
    return no('the finding of Inspector is about another resource');
  }
  const how = vouchedBy === 'event' ? 'by API, as in the event AWS sent' : 'by API';
  return {
    confirmed: true,
    record: findingArn,
    reason: `Inspector has the ${status.toLowerCase()} finding ${held ?? record.type ?? ''} on the same resource (read back ${how})`,
  };
}
