import type { FactOf } from '../evidence/fact.ts';
import type { Knowledge } from './knowledge.ts';

/**
 * The version that holds the fix: the vendor's word for this very package first, then the advisory's (OSV) for a package of
 * the same name. An advisory may list several branches; the lowest of the installed version's own branch is taken, else none:
 * a wrong version in a ticket is worse than no version.
 */
export function fixOf(
  fact: Pick<FactOf<'vulnerability'>, 'fixedIn' | 'packageName' | 'packageVersion'>,
  { fixes }: Pick<Knowledge, 'fixes'>,
): string | undefined {
  if (fact.fixedIn !== undefined) return fact.fixedIn;
  const candidates = fixes.filter(({ packageName }) => sameName(packageName, fact.packageName));
  const versions = [...new Set(candidates.map(({ version }) => version))];
  if (versions.length < 2) return versions[0];
  return versions.find((version) => branchOf(version) === branchOf(fact.packageVersion));
}

/** `org.apache.logging.log4j:log4j-core`, `org.apache.logging.log4j_log4j-core` and `log4j-core` are one package. */
function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase() || lastPart(a) === lastPart(b);
}

function lastPart(name: string): string {
  return name.toLowerCase().split(/[:/_]/).at(-1) ?? name;
}

function branchOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
