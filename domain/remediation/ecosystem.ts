/** Where a package comes from, which decides how it is updated. */
export const ECOSYSTEMS = ['apt', 'apk', 'dnf', 'os', 'npm', 'pip', 'maven', 'go', 'gem', 'nuget', 'other'] as const;
export type Ecosystem = (typeof ECOSYSTEMS)[number];

// Package types as the vendors write them (domain/analysis/rules/runtimes.ts), and Lacework's `namespace`, which names the distribution.
const TYPES: readonly (readonly [RegExp, Ecosystem])[] = [
  [/^(?:jar|java|maven|pom|gradle|war|ear)$/, 'maven'],
  [/^(?:nodejs|npm|nodepkg|yarn|pnpm)$/, 'npm'],
  [/^(?:python|pip|pypi|pipenv|poetry|pythonpkg)$/, 'pip'],
  [/^(?:go|golang|gomod|gobinary)$/, 'go'],
  [/^(?:gem|ruby|rubygems|bundler|gemspec)$/, 'gem'],
  [/^(?:nuget|dotnet|dotnet_core)$/, 'nuget'],
  [/^(?:deb|dpkg|apt|debian|ubuntu)(?::.*)?$/, 'apt'],
  [/^(?:apk|alpine|wolfi|chainguard)(?::.*)?$/, 'apk'],
  [/^(?:rpm|dnf|yum|rhel|centos|rocky|almalinux|amzn|amazon|fedora|oracle|ol)(?::.*)?$/, 'dnf'],
  [/^(?:package|os|operating-system)$/, 'os'],
];

const DISTRIBUTIONS: readonly (readonly [RegExp, Ecosystem])[] = [
  [/debian|ubuntu/i, 'apt'],
  [/alpine|wolfi|chainguard/i, 'apk'],
  [/red ?hat|rhel|centos|rocky|alma|amazon|amzn|fedora|oracle/i, 'dnf'],
];

/** `os`: a package of the operating system whose distribution nobody names, so that its package manager is not known. */
export function ecosystemOf(packageType: string | undefined, distribution: string | undefined): Ecosystem {
  const type = packageType?.toLowerCase() ?? '';
  const found = TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? 'other';
  if (found !== 'os') return found;
  return DISTRIBUTIONS.find(([pattern]) => pattern.test(distribution ?? ''))?.[1] ?? 'os';
}

/**
 * The version to go to of several that hold the fix: the one of the installed version's own release line. None when there
 * are several lines and none is the installed one's: a wrong version is worse than no version.
 */
export function versionFor(fixedIn: string, installed: string): string | undefined {
  const versions = fixedIn
    .split(',')
    .map((version) => version.trim())
    .filter((version) => version !== '');
  if (versions.length < 2) return versions[0];
  for (const depth of [2, 1]) {
    const line = lineOf(installed, depth);
    const same = versions.filter((version) => lineOf(version, depth) === line);
    if (same.length === 1) return same[0];
  }
  return undefined;
}

function lineOf(version: string, depth: number): string {
  return version.split('.').slice(0, depth).join('.');
}

/** Number by number; good enough to choose the later of two versions of one package and one release line. */
export function isLater(a: string, b: string): boolean {
  const left = a.split(/[.+~_:-]/);
  const right = b.split(/[.+~_:-]/);
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one = '0', other = '0'] = [left[at], right[at]];
    if (one === other) continue;
    const numbers = /^\d{1,15}$/.test(one) && /^\d{1,15}$/.test(other);
    return numbers ? Number(one) > Number(other) : one > other;
  }
  return false;
}
