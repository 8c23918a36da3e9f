import type { AdmissionAudit, FirewallAudit } from '../policy-records.ts';
import type { ReadBack } from '../read-back.ts';
import { isWithin, no, type ReadBackAnswer, sameWord } from './confirmation.ts';

type FirewallReadBack = Extract<ReadBack, { record: 'container-firewall' | 'host-firewall' }>;
type AdmissionReadBack = Extract<ReadBack, { record: 'admission' }>;

/** The vendor's answer with the record that gave it. */
export interface Matched<T> {
  readonly answer: ReadBackAnswer;
  readonly record?: T;
}

/** A WAAS audit of the same container (or host), attack and rule within the time range of the alert. */
export function judgeFirewall(alert: FirewallReadBack, audits: readonly FirewallAudit[]): Matched<FirewallAudit> {
  const where = placeOf(alert);
  if (where === undefined) return { answer: no('the alert names no container or host to look its record up by') };
  const record = audits.find(
    (audit) =>
      audit._id !== undefined &&
      audit[where.field] === where.value &&
      sameWord(alert.category, audit.type) &&
      (alert.rule === undefined || alert.rule === audit.ruleName) &&
      isWithin(audit.time, alert),
  );
  if (record?._id === undefined) {
    return {
      answer: no(
        `the console has no WAAS audit of attack ${alert.category || 'none'} of this ${where.what} and rule around the time of the alert`,
      ),
    };
  }
  const reason = `the console has WAAS audit ${record._id} of attack ${record.type} on ${where.what} ${where.value}`;
  return { answer: { confirmed: true, record: record._id, reason }, record };
}

function placeOf(alert: FirewallReadBack) {
  if (alert.record === 'host-firewall')
    return alert.hostname === undefined
      ? undefined
      : ({ field: 'hostname', what: 'host', value: alert.hostname } as const);
  const { containerID, containerName } = alert;
  if (containerID !== undefined) return { field: 'containerId', what: 'container', value: containerID } as const;
  return containerName === undefined
    ? undefined
    : ({ field: 'containerName', what: 'container', value: containerName } as const);
}

/**
 * An admission audit of the same rule, sentence, cluster and namespace within the time range of the alert. The vendor gives these
 * audits no id, so the record is named by its rule and time.
 */
export function judgeAdmission(alert: AdmissionReadBack, audits: readonly AdmissionAudit[]): Matched<AdmissionAudit> {
  const { rule, message, cluster, namespace } = alert;
  if (rule === undefined) return { answer: no('the alert names no admission rule to look its record up by') };
  if (cluster === undefined) return { answer: no('the alert names no cluster to look its record up by') };
  const record = audits.find(
    (audit) =>
      audit.ruleName === rule &&
      audit.cluster === cluster &&
      (namespace === undefined || audit.namespace === namespace) &&
      (message === undefined || folded(audit.message) === folded(message)) &&
      isWithin(audit.time, alert),
  );
  if (record?.time === undefined) {
    return { answer: no('the console has no admission audit of this rule and cluster around the time of the alert') };
  }
  const name = `admission audit of ${record.time}`;
  return {
    answer: {
      confirmed: true,
      record: name,
      reason: `the console has an ${name} by rule ${rule} in cluster ${cluster}`,
    },
    record,
  };
}

function folded(sentence: string | undefined): string | undefined {
  return sentence?.trim().replace(/\s+/g, ' ');
}
