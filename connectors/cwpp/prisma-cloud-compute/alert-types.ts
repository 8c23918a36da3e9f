/**
 * `#type` as the console knows it, for the triggers that Parapet reads. The documentation shows `ContainerRuntime` and
 * `Container Runtime`, the API enum says `containerRuntime`: compared without case and spaces.
 */
export const RUNTIME_TYPES = ['containerRuntime', 'hostRuntime', 'serverlessRuntime', 'appEmbeddedRuntime'] as const;
export const VULNERABILITY_TYPES = [
  'containerVulnerability',
  'registryVulnerability',
  'hostVulnerability',
  'vmVulnerability',
] as const;
/** Web application and API security (WAAS): requests to a protected application. */
export const FIREWALL_TYPES = [
  'containerAppFirewall',
  'hostAppFirewall',
  'appEmbeddedAppFirewall',
  'serverlessAppFirewall',
  'agentlessAppFirewall',
] as const;
export type RuntimeType = (typeof RUNTIME_TYPES)[number];
export type VulnerabilityType = (typeof VULNERABILITY_TYPES)[number];
export type FirewallType = (typeof FIREWALL_TYPES)[number];
export type EventType = RuntimeType | FirewallType | 'admission' | 'incident';
export type AlertType = EventType | VulnerabilityType;

/** Triggers of the console whose alerts are no detections of an attack or exposure Parapet acts on. */
const OTHER_TRIGGERS = [
  'containerCompliance',
  'hostCompliance',
  'vmCompliance',
  'containerComplianceScan',
  'hostComplianceScan',
  'waasHealth',
  'networkFirewall',
  'kubernetesAudit',
  'cloudDiscovery',
  'defender',
  'containerSecurityEvents',
  'hostSecurityEvents',
] as const;

const READ: ReadonlyMap<string, AlertType> = new Map(
  [...RUNTIME_TYPES, ...FIREWALL_TYPES, 'admission' as const, 'incident' as const, ...VULNERABILITY_TYPES].map(
    (type) => [folded(type), type],
  ),
);
const NOT_READ: ReadonlyMap<string, string> = new Map(OTHER_TRIGGERS.map((type) => [folded(type), type]));

/** Lower case, letters and digits only: the one spelling of a vendor word that varies in case and spaces. */
export function folded(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, '');
}

export type TypeReading =
  | { readonly kind: 'read'; readonly type: AlertType }
  | { readonly kind: 'not-read'; readonly type: string }
  | { readonly kind: 'unknown' };

export function readType(type: string): TypeReading {
  const key = folded(type);
  const read = READ.get(key);
  if (read) return { kind: 'read', type: read };
  const other = NOT_READ.get(key);
  return other ? { kind: 'not-read', type: other } : { kind: 'unknown' };
}

export function isVulnerabilityType(type: AlertType): type is VulnerabilityType {
  return VULNERABILITY_TYPES.some((known) => known === type);
}

export function isFirewallType(type: AlertType): type is FirewallType {
  return FIREWALL_TYPES.some((known) => known === type);
}
