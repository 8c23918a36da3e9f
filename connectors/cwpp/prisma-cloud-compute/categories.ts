import type { Severity } from '../../../domain/severity.ts';
import { folded } from './alert-types.ts';
import { WEB_ATTACKS } from './web-attacks.ts';

/**
 * What the vendor's words for "what happened" mean to us: the incident categories and the `attackType`s of audits
 * (reference, section 2), with two things the webhook does not carry:
 *
 * - a severity. The documented macros have none, so one is derived here, always the same for the same word. The scale:
 *   critical = somebody else is acting or data is leaving (shell, web shell, lateral movement, new administrator, exfiltration);
 *   high = malicious software, tampering, a contact on a threat feed or an explicit deny of the operator's own policy;
 *   medium = a deviation from the learned model or a probe, which alone proves nothing;
 *   low = a client that is not wanted and attacks nothing (web-attacks.ts).
 *   The vendor's own severity (audits, read back later) can only raise it.
 * - the ATT&CK techniques the vendor documents as defaults for an audit without a list (reference, section 10). The
 *   vendor uses names, not T-numbers; the ids are our assignment. An empty list means the vendor maps the word to nothing.
 */
interface Meaning {
  readonly category: string;
  readonly severity: Severity;
  readonly techniques: readonly string[];
  /** Where the word itself tells a reader nothing (`lfi`). */
  readonly title?: string;
}

const C = 'critical';
const H = 'high';
const M = 'medium';

const MEANINGS: readonly (readonly [category: string, severity: Severity, ...techniques: string[]])[] = [
  // Incident categories. Techniques only where the word is also an audit type with a documented default.
  ['cryptoMiner', H, 'resourceHijacking'],
  ['portScanning', M, 'networkServiceScanning'],
  ['hijackedProcess', H],
  ['dataExfiltration', C],
  ['kubernetes', H],
  ['backdoorAdministrativeAccount', C],
  ['backdoorSSHAccess', C],
  ['lateralMovement', C],
  ['bruteForce', M],
  ['suspiciousBinary', H],
  ['malware', H],
  ['cloudProvider', H],
  // Both incident category and audit type.
  ['alteredBinary', H, 'supplyChainCompromise'],
  ['reverseShell', C, 'nativeBinaryExecution'],
  ['executionFlowHijackAttempt', H, 'hijackExecutionFlow'],
  ['customRule', M],
  // Audit types: processes
  ['unexpectedProcess', M, 'nativeBinaryExecution'],
  ['explicitlyDeniedProcess', H, 'nativeBinaryExecution'],
  ['modifiedProcess', H, 'foreignBinaryExecution'],
  ['portScanProcess', M, 'networkServiceScanning'],
  ['cryptoMinerProcess', H, 'resourceHijacking'],
  ['lateralMovementProcess', C],
  ['malwareProcessCustom', H],
  ['malwareProcessFeed', H],
  ['tmpfsProcess', H],
  ['policyHijacked', H, 'impairDefences'],
  ['suidBinaries', H, 'abuseElevationControlMechanisms'],
  ['unknownOriginBinary', M],
  ['webShell', C, 'webShell', 'ingressToolTransfer'],
  ['kubectlSpawned', H, 'accessKubernetesAPIServer', 'softwareDeploymentTools'],
  ['kubectlDownloaded', M],
  // Audit types: network
  ['cloudMetadataProbing', H, 'cloudInstanceMetadataAPI'],
  ['kubeletAPIAccess', H],
  ['kubeletReadonlyAccess', M],
  ['horizontalPortScanning', M, 'networkServiceScanning'],
  ['verticalPortScanning', M, 'networkServiceScanning'],
  ['explicitlyDeniedIP', H],
  ['customFeedIP', H],
  ['feedIP', H, 'commandAndControlGeneral', 'resourceHijacking'],
  ['unexpectedOutboundPort', M, 'exfiltrationGeneral', 'commandAndControlGeneral'],
  ['suspiciousNetworkActivity', M],
  ['unexpectedListeningPort', M],
  ['explicitlyDeniedListeningPort', H],
  ['explicitlyDeniedOutboundPort', H],
  ['listeningPortModifiedProcess', H],
  ['outboundPortModifiedProcess', H],
  ['feedDNS', H, 'commandAndControlGeneral', 'resourceHijacking'],
  ['explicitlyDeniedDNS', H],
  ['dnsQuery', M],
  // Audit types: files and accounts
  ['administrativeAccount', C],
  ['encryptedBinary', H],
  ['sshAccess', H],
  ['explicitlyDeniedFile', H],
  ['malwareFileCustom', H],
  ['malwareFileFeed', H],
  ['execFileAccess', M],
  ['elfFileAccess', M],
  ['secretFileAccess', H],
  ['regFileAccess', M],
  ['wildfireMalware', H],
  ['fileIntegrity', M],
  ['malwareDownloaded', H, 'ingressToolTransfer'],
  ['suspiciousELFHeader', H],
  // An admission audit has no word of its own; its rule says what it found.
  ['admission', M],
];

const BY_WORD: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ...MEANINGS.map(
    ([category, severity, ...techniques]) => [folded(category), { category, severity, techniques }] as const,
  ),
  ...WEB_ATTACKS.map(
    ([category, severity, title, ...techniques]) =>
      [folded(category), { category, severity, techniques, title }] as const,
  ),
]);

/** The vendor's word in its canonical spelling with its meaning; undefined for a word we do not know. */
export function meaningOf(word: string): Meaning | undefined {
  return BY_WORD.get(folded(word));
}

/** For a word the vendor added after this table was written: neither ignored nor alarming on its own. */
export const UNKNOWN_CATEGORY_SEVERITY: Severity = M;

/** Every word with its severity, for the documentation test. */
export const CATEGORY_WORDS: readonly string[] = [...MEANINGS, ...WEB_ATTACKS].map(([category]) => category);

const MAX_WORD = 80;

/** `cryptoMinerProcess` -> `Crypto miner process`; words in capitals (DNS, ELF, IP, SSH, API) keep them. */
export function humanised(word: string): string {
  // Cut first: finding the ends of runs of capitals takes time in the square of their length.
  const words = word
    .slice(0, MAX_WORD)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/\s+/)
    .map((part, index) => (index === 0 || /^[A-Z]{2,}$/.test(part) ? part : part.toLowerCase()))
    .join(' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  important: 'high',
  medium: 'medium',
  moderate: 'medium',
  low: 'low',
  negligible: 'informational',
  unimportant: 'informational',
  informational: 'informational',
};

/** The severity a vendor word stands for (Compute words and those of the distributions it passes on); undefined if unknown. */
export function severityOf(word: string | undefined): Severity | undefined {
  if (word === undefined) return undefined;
  const key = word.trim().toLowerCase();
  return Object.hasOwn(SEVERITY_WORDS, key) ? SEVERITY_WORDS[key] : undefined;
}
