import { enumerate, factsOf, quote } from '../analysis/rules/facts.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import { ecosystemOf, versionFor } from '../remediation/ecosystem.ts';
import { whereToUpdate } from '../remediation/package-change.ts';
import { type Correlated, isExploited } from './correlate.ts';

/** The text of a ticket for the team that owns the image: what to update to which version, why, and until when it matters. */
export interface FixTicket {
  /** Absent when nobody is known to own the workload. */
  readonly team: string | undefined;
  readonly title: string;
  readonly body: readonly string[];
  readonly items: readonly EvidenceItem[];
}

export function fixTicketOf(pack: EvidencePack, image: string, all: readonly Correlated[]): FixTicket {
  const owner = factsOf(pack, 'ownership').find(({ fact }) => fact.team !== undefined);
  const distribution = factsOf(pack, 'image')
    .map(({ fact }) => fact.distribution)
    .find((text) => text !== undefined);
  const worst = all.some(isExploited) ? 'exploited' : 'vulnerable';
  return {
    team: owner?.fact.team === undefined ? undefined : quote(owner.fact.team, 120),
    title: `Update ${enumerate(packagesOf(all))} in image ${quote(image, 200)}`,
    body: [
      `Image ${quote(image)} holds ${all.length === 1 ? 'a package' : 'packages'} with ${worst === 'exploited' ? 'a vulnerability that was likely used in an incident' : 'vulnerabilities that can be attacked'}; the fix exists.`,
      ...all.map((one) => lineOf(one, distribution)),
      ...environmentLine(owner?.fact),
      'Done when the image that runs holds these versions or later and a new scan no longer lists the vulnerabilities.',
    ],
    items: [...all.flatMap(({ items }) => items), ...(owner === undefined ? [] : [owner.item])],
  };
}

function packagesOf(all: readonly Correlated[]): string[] {
  const names = all.map((one) => `${quote(one.piece.fact.packageName, 120)} to ${quote(goalOf(one), 60)}`);
  return [...new Set(names)].slice(0, 3);
}

/** The version of the installed release line, as in the guidance (domain/remediation); all of them where none is. */
function goalOf({ piece: { fact }, fixedIn = '' }: Correlated): string {
  return versionFor(fixedIn, fact.packageVersion) ?? fixedIn;
}

function lineOf(one: Correlated, distribution: string | undefined): string {
  const { fact } = one.piece;
  const { relevance, knowledge } = one;
  const where = whereToUpdate(ecosystemOf(fact.packageType, distribution));
  const score = fact.cvss === undefined ? `severity ${fact.severity}` : `CVSS ${fact.cvss}`;
  const due = knowledge.knownExploited?.dueDate;
  return `${quote(fact.packageName)} ${quote(fact.packageVersion)} to ${quote(goalOf(one))} or later, ${where}: fixes ${quote(fact.cve, 80)} (${score}, ${relevance.replace('_', ' ')}${knowledge.phrase === '' ? '' : `; ${knowledge.phrase}`}${due === undefined ? '' : `; CISA's date for its own agencies: ${quote(due, 40)}`}).`;
}

function environmentLine(
  owner: { readonly environment?: string | undefined; readonly criticality?: string | undefined } | undefined,
): string[] {
  const parts = [
    ...(owner?.environment === undefined ? [] : [`environment ${quote(owner.environment, 120)}`]),
    ...(owner?.criticality === undefined ? [] : [`criticality ${quote(owner.criticality, 120)}`]),
  ];
  return parts.length === 0 ? [] : [`It runs in ${enumerate(parts)}.`];
}
