import type { Severity } from '../../../domain/severity.ts';

/** `Execution:Runtime/ReverseShell!Sample` in its parts; a part that is not there is empty. */
export interface FindingType {
  readonly purpose: string;
  readonly resource: string;
  /** Family with mechanism: `ReverseShell`, `C&CActivity.B`, `BitcoinTool.B!DNS`. */
  readonly family: string;
}

export function readType(type: string): FindingType {
  const [purpose = '', rest = ''] = splitOnce(type, ':');
  const [resource = '', family = ''] = splitOnce(rest, '/');
  return { purpose, resource, family };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * ATT&CK tactics by threat purpose: ordinary findings carry no ids (reference, B3). Those named like a tactic map one to
 * one; the others are our assignment. Behavior, Policy, PenTest and UnauthorizedAccess say nothing a tactic could be told by.
 */
const TACTICS: Readonly<Record<string, string>> = {
  Execution: 'TA0002',
  Persistence: 'TA0003',
  PrivilegeEscalation: 'TA0004',
  DefenseEvasion: 'TA0005',
  Stealth: 'TA0005',
  CredentialAccess: 'TA0006',
  Discovery: 'TA0007',
  Recon: 'TA0043',
  InitialAccess: 'TA0001',
  LateralMovement: 'TA0008',
  Exfiltration: 'TA0010',
  Impact: 'TA0040',
  Backdoor: 'TA0011',
  Trojan: 'TA0011',
  CryptoCurrency: 'TA0040',
};

/** Techniques by family, only where the family names exactly one; our assignment, checked against the pinned catalogue. */
const TECHNIQUES: readonly (readonly [RegExp, string])[] = [
  [/^ReverseShell/, 'T1059.004'],
  [/^(?:RuncContainerEscape|CGroupsReleaseAgentModified|DockerSocketAccessed|ContainerMountsHostDirectory)/, 'T1611'],
  [/^FilelessExecution/, 'T1620'],
  [/^ProcessInjection\.Ptrace/, 'T1055.008'],
  [/^ProcessInjection\.Proc/, 'T1055.009'],
  [/^ProcessInjection/, 'T1055'],
  [/^C&CActivity\.B!DNS/, 'T1071.004'],
  [/^C&CActivity/, 'T1071'],
  [/^(?:BitcoinTool|CryptoMinerExecuted|CryptoMining)/, 'T1496.001'],
  [/^Tor(?:Relay|Client)/, 'T1090.003'],
  [/^MetadataDNSRebind/, 'T1552.005'],
  [/^(?:SSHBruteForce|RDPBruteForce)/, 'T1110'],
];

export function techniqueIdsFor({ purpose, family }: FindingType): string[] {
  const tactic = Object.hasOwn(TACTICS, purpose) ? TACTICS[purpose] : undefined;
  const technique = TECHNIQUES.find(([pattern]) => pattern.test(family))?.[1];
  // A technique brings its tactics with it; the tactic alone is said where there is nothing finer.
  return technique !== undefined ? [technique] : tactic !== undefined ? [tactic] : [];
}

/**
 * The band of a number: low 1-3, medium 4-6, high 7-8, critical from 9, compared on the whole part (reference, B3).
 * @returns undefined when there is no such number
 */
export function severityOf(value: number | undefined): Severity | undefined {
  if (value === undefined || !Number.isFinite(value) || value < 0) return undefined;
  const whole = Math.floor(value);
  if (whole >= 9) return 'critical';
  if (whole >= 7) return 'high';
  if (whole >= 4) return 'medium';
  return whole >= 1 ? 'low' : 'informational';
}

/** `ReverseShell` → `Reverse shell`; a title where GuardDuty sends none. */
export function humanised({ purpose, family }: FindingType): string {
  const words = (family || purpose).replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
