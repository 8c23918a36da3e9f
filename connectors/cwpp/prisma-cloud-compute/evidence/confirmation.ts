import { type VendorRecordRef, vendorRecord } from '../../../../domain/evidence/vendor-record.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { folded } from '../alert-types.ts';
import type { ReadBack } from '../read-back.ts';
import type { ImageRecord, IncidentRecord, RuntimeAudit } from '../records.ts';

/** The vendor's answer about one alert (rule 7). Anything but a matching record is a no. */
export type ReadBackAnswer =
  | {
      readonly confirmed: true;
      readonly record: string;
      readonly reason: string;
      /** Only incidents can be answered: the console has no call for an audit or a scan. */
      readonly answerable?: VendorRecordRef | undefined;
    }
  | { readonly confirmed: false; readonly reason: string };

type IncidentReadBack = Extract<ReadBack, { record: 'incident' }>;
type AuditReadBack = Extract<ReadBack, { record: 'container-audit' | 'host-audit' }>;

export const no = (reason: string): ReadBackAnswer => ({ confirmed: false, reason });

/** The incident with the alert's id, or (an alert without one) an incident of its container, category and time. */
export function judgeIncident(alert: IncidentReadBack, records: readonly IncidentRecord[]): ReadBackAnswer {
  const byId = alert.incidentId === undefined ? records : records.filter(({ _id }) => _id === alert.incidentId);
  if (byId.length === 0) {
    return no(
      alert.incidentId === undefined
        ? 'the console has no such incident'
        : `the console has no incident ${alert.incidentId}`,
    );
  }
  const [first] = byId.map((record) => ({ record, mismatch: mismatchOf(alert, record) })).sort(matchingFirst);
  if (first === undefined || first.mismatch !== undefined)
    return no(first?.mismatch ?? 'the console has no such incident');
  const { record } = first;
  if (record._id === undefined) return no("the console's incident has no id");
  const where = record.containerID === undefined ? `host ${record.hostname}` : `container ${record.containerID}`;
  return {
    confirmed: true,
    record: record._id,
    reason: `the console has incident ${record._id} of category ${record.category} on ${where}`,
    answerable: vendorRecord('prisma-cloud-compute', 'incident', record._id),
  };
}

function mismatchOf(alert: IncidentReadBack, record: IncidentRecord): string | undefined {
  const id = record._id ?? 'without id';
  if (!sameWord(alert.category, record.category)) {
    return `incident ${id} of the console is of category ${record.category ?? 'unknown'}, the alert says ${alert.category || 'none'}`;
  }
  if (alert.containerID !== undefined) {
    return alert.containerID === record.containerID
      ? undefined
      : `incident ${id} of the console is about another container`;
  }
  if (alert.hostname !== undefined && record.containerID === undefined) {
    return alert.hostname === record.hostname ? undefined : `incident ${id} of the console is about another host`;
  }
  return `the alert names no container or host that incident ${id} of the console could be compared with`;
}

function matchingFirst(a: { mismatch: string | undefined }, b: { mismatch: string | undefined }): number {
  return Number(a.mismatch !== undefined) - Number(b.mismatch !== undefined);
}

/** An audit of the same container (or host), category and rule within the time range of the alert. */
export function judgeAudit(alert: AuditReadBack, audits: readonly RuntimeAudit[]): ReadBackAnswer {
  const isContainer = alert.record === 'container-audit';
  const where = isContainer ? alert.containerID : alert.hostname;
  if (where === undefined)
    return no(`the alert names no ${isContainer ? 'container id' : 'host'} to look its record up by`);
  if (folded(alert.category) === '') return no('the alert names no category that a record could be compared with');
  const match = audits.find(
    (audit) =>
      (isContainer ? audit.containerId : audit.hostname) === where &&
      sameWord(alert.category, audit.attackType) &&
      (alert.rule === undefined || alert.rule === audit.ruleName) &&
      isWithin(audit.time, alert),
  );
  if (match?._id === undefined) {
    return no(
      `the console has no ${alert.category} audit of this ${isContainer ? 'container' : 'host'} and rule around the time of the alert`,
    );
  }
  return {
    confirmed: true,
    record: match._id,
    reason: `the console has audit ${match._id} of category ${match.attackType} on ${isContainer ? 'container' : 'host'} ${where}`,
  };
}

/** Every vulnerability the alert names stands in the console's scan of that image or host. */
export function judgeVulnerabilities(found: NormalizedFinding, record: ImageRecord | undefined): ReadBackAnswer {
  if (record === undefined) return no('the console has no scan of this image or host');
  const known = new Set(record.vulnerabilities.map(({ cve }) => cve));
  const named = (found.finding.vulnerabilities ?? []).map(({ cve, advisory }) => cve?.uid ?? advisory?.uid);
  const missing = named.filter((id) => id === undefined || !known.has(id));
  if (named.length === 0) return no('the alert names no vulnerability that a scan could be compared with');
  if (missing.length > 0) {
    return no(
      `the console's scan does not list ${missing.length} of the ${named.length} vulnerabilities, first ${missing[0] ?? 'one without an id'}`,
    );
  }
  const id = record._id ?? record.id ?? record.hostname;
  if (id === undefined) return no("the console's scan has no id");
  return {
    confirmed: true,
    record: id,
    reason: `the console's scan of ${id} lists all ${named.length} vulnerabilities`,
  };
}

export function sameWord(a: string, b: string | undefined): boolean {
  return b !== undefined && folded(a) !== '' && folded(a) === folded(b);
}

export function isWithin(time: string | undefined, range: { readonly from: string; readonly to: string }): boolean {
  if (time === undefined) return false;
  const at = Date.parse(time);
  return at >= Date.parse(range.from) && at <= Date.parse(range.to);
}
