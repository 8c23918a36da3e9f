import type { Severity } from '../../../domain/severity.ts';
import { folded } from '../prisma-cloud-compute/alert-types.ts';
import { meaningOf } from '../prisma-cloud-compute/categories.ts';
import type { Alert } from './schema.ts';

/** `opened`: a finding. `closed`: a change of state that opens nothing. `unknown`: not a word we know, so taken as open. */
export type State = 'opened' | 'closed' | 'unknown';

const STATES: Readonly<Record<string, State>> = {
  '': 'opened',
  open: 'opened',
  opened: 'opened',
  new: 'opened',
  reopened: 'opened',
  // The violation stands until the vendor has looked again.
  pendingresolution: 'opened',
  resolved: 'closed',
  closed: 'closed',
  dismissed: 'closed',
  snoozed: 'closed',
};

export function stateOf(status: string): State {
  const word = folded(status);
  return Object.hasOwn(STATES, word) ? (STATES[word] ?? 'unknown') : 'unknown';
}

/** The vendor lists three severities in one specification and five in others (reference 4.3): all five are read. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  informational: 'informational',
  info: 'informational',
};
/** A severity that was not given or is not a word we know is not a low one. */
export const UNKNOWN_SEVERITY: Severity = 'medium';

export function severityOf(word: string): Severity | undefined {
  const key = folded(word);
  return Object.hasOwn(SEVERITIES, key) ? SEVERITIES[key] : undefined;
}

/** What the policy types are about, in words the rules analyst knows: posture, vulnerability, or something that happened. */
const KINDS: Readonly<Record<string, string>> = {
  config: 'misconfiguration',
  network: 'network misconfiguration',
  iam: 'identity misconfiguration',
  data: 'data misconfiguration',
  api: 'API misconfiguration',
  attackpath: 'attack path of misconfigurations',
  workloadvulnerability: 'vulnerabilities',
  auditevent: 'audit event',
  anomaly: 'anomaly',
  malware: 'malware',
  grayware: 'grayware',
};

/** Incident categories that a policy's own name gives away, for alerts without `metadata.incidentCategory`. */
const NAMED: readonly (readonly [RegExp, string])[] = [
  [/crypto.?min/i, 'cryptoMiner'],
  [/reverse.?shell/i, 'reverseShell'],
  [/web.?shell/i, 'webShell'],
  [/\bmalware\b/i, 'malware'],
  [/port.?scan/i, 'portScanning'],
  [/lateral.?movement/i, 'lateralMovement'],
  [/exfiltration/i, 'dataExfiltration'],
];

export function isWorkloadIncident({ policyType }: Pick<Alert, 'policyType'>): boolean {
  return folded(policyType) === 'workloadincident';
}

/** The kind of alert. For incidents of workloads it is Compute's own category, where one is given. */
export function categoryOf(alert: Alert): { readonly category: string; readonly techniques: readonly string[] } {
  if (isWorkloadIncident(alert)) {
    const meaning = meaningOf(alert.metadata.incidentCategory ?? '') ?? meaningOf(namedIn(alert.policyName));
    return { category: meaning?.category ?? 'workload incident', techniques: meaning?.techniques ?? [] };
  }
  const key = folded(alert.policyType);
  const known = Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
  return { category: known ?? 'alert of an unknown policy type', techniques: [] };
}

function namedIn(policyName: string): string {
  return NAMED.find(([pattern]) => pattern.test(policyName))?.[1] ?? '';
}
