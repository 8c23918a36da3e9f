import type { Severity } from '../../../domain/severity.ts';
import type { Cvss, InspectorFinding, VulnerablePackage } from './schema.ts';

const SEVERITIES: Readonly<Record<string, Severity>> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MEDIUM: 'medium',
  LOW: 'low',
  INFORMATIONAL: 'informational',
};

/** @returns undefined for UNTRIAGED and for words that are not known: a severity nobody named is not a low one */
export function severityOf(word: string | undefined): Severity | undefined {
  const key = (word ?? '').toUpperCase();
  return Object.hasOwn(SEVERITIES, key) ? SEVERITIES[key] : undefined;
}

/** What a finding is about, as a category the rules analyst knows. */
export function categoryOf(type: string | undefined): string {
  switch (type?.toUpperCase()) {
    case 'PACKAGE_VULNERABILITY':
      return 'package vulnerability';
    case 'CODE_VULNERABILITY':
      return 'code vulnerability';
    case 'NETWORK_REACHABILITY':
      return 'misconfiguration: network reachability';
    default:
      return 'vulnerability';
  }
}

/** `NotAvailable` stands where no fixed version is known. */
export function fixedVersionOf({ fixedInVersion }: VulnerablePackage): string | undefined {
  return !fixedInVersion || /^not ?available$/i.test(fixedInVersion) ? undefined : fixedInVersion;
}

/** `epoch:version-release`, as package managers write it; parts that say nothing are left out. */
export function versionOf({ version, release, epoch }: VulnerablePackage): string {
  return `${epoch ? `${epoch}:` : ''}${version || 'unknown'}${release ? `-${release}` : ''}`;
}

const PACKAGE_TYPES: Readonly<Record<string, string>> = {
  OS: 'package',
  JAR: 'jar',
  POM: 'jar',
  NPM: 'nodejs',
  NODEPKG: 'nodejs',
  YARN: 'nodejs',
  PNPM: 'nodejs',
  PIP: 'python',
  PIPENV: 'python',
  POETRY: 'python',
  PYTHONPKG: 'python',
  BUNDLER: 'ruby',
  GEMSPEC: 'ruby',
  NUGET: 'nuget',
  DOTNET_CORE: 'nuget',
  COMPOSER: 'composer',
  GOMOD: 'go',
  GOBINARY: 'go',
  CARGO: 'rust',
};

/** Inspector's package manager as the kind of package the join knows (domain/analysis/rules/runtimes.ts). */
export function packageTypeOf({ packageManager }: VulnerablePackage): string | undefined {
  const key = (packageManager ?? '').toUpperCase();
  return Object.hasOwn(PACKAGE_TYPES, key) ? PACKAGE_TYPES[key] : packageManager?.toLowerCase();
}

/** The score that tells most: the newest version of the standard, then NVD's. */
export function bestCvss(finding: InspectorFinding): Cvss | undefined {
  const scores = (finding.packageVulnerabilityDetails?.cvss ?? []).filter(
    ({ baseScore }) => baseScore !== undefined && baseScore > 0 && baseScore <= 10,
  );
  return [...scores].sort((a, b) => rank(b) - rank(a))[0];
}

function rank({ version, source }: Cvss): number {
  return (Number.parseFloat(version ?? '0') || 0) * 10 + (source?.toUpperCase() === 'NVD' ? 1 : 0);
}

/** Whether the vector lets somebody attack over the network without an account. */
export function isRemote(vector: string | undefined): boolean {
  return /(?:^|\/)AV:N(?:\/|$)/.test(vector ?? '');
}
