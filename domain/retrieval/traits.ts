import { type LinkKind, linksOf } from '../baseline/links.ts';
import { SHARED_TRAITS } from '../models/tools.ts';
import type { NormalizedFinding } from '../ocsf/detection-finding.ts';
import type { Workload } from '../workload.ts';

export type TraitKind = (typeof SHARED_TRAITS)[number];

/** Something by which an incident is known again: `technique` T1496, `address` pool.example.org. */
export interface Trait {
  readonly what: TraitKind;
  readonly value: string;
}

/** Of one incident: they lie on its item. */
export const MOST_TRAITS = 40;
const MAX_VALUE = 200;

/** What the findings of an incident have that others may have too, the most telling first. */
export function traitsOf(findings: readonly NormalizedFinding[]): readonly Trait[] {
  const all = findings.flatMap((found) => [...linkTraits(found), ...ruleTraits(found), ...techniqueTraits(found)]);
  const families = findings.flatMap(({ workload }) => familyOf(workload) ?? []);
  const distinct = new Map(
    [...families.map((value) => trait('workload', value)), ...all].map((one) => [formatTrait(one), one]),
  );
  return [...distinct.values()].sort((a, b) => WEIGHTS[b.what] - WEIGHTS[a.what]).slice(0, MOST_TRAITS);
}

function trait(what: TraitKind, value: string): Trait {
  return { what, value: value.slice(0, MAX_VALUE) };
}

function linkTraits(found: NormalizedFinding): Trait[] {
  return linksOf(found).flatMap(({ what, value }) => {
    const kind = LINKED[what];
    return kind === undefined ? [] : [trait(kind, value)];
  });
}

/** An identity is the same in every incident of one team, and would make all of them alike. */
const LINKED: Readonly<Record<LinkKind, TraitKind | undefined>> = {
  image: 'image',
  hash: 'hash',
  ip: 'address',
  domain: 'address',
  identity: undefined,
};

function ruleTraits({ finding: { finding_info: info }, source }: NormalizedFinding): Trait[] {
  const rule = info.analytic?.uid ?? info.analytic?.name ?? info.title;
  return rule === undefined ? [] : [trait('rule', `${source}/${rule.toLowerCase()}`)];
}

function techniqueTraits({ finding }: NormalizedFinding): Trait[] {
  return (finding.finding_info.attacks ?? []).flatMap(({ technique, sub_technique: sub }) => {
    const uid = sub?.uid ?? technique?.uid;
    return uid === undefined ? [] : [trait('technique', uid)];
  });
}

/** The same service in another cluster, account or revision: `payments/checkout`, or the repository of an image. */
function familyOf(workload: Workload): string | undefined {
  switch (workload.kind) {
    case 'pod':
      return `${workload.namespace}/${workload.controller}`;
    case 'container':
    case 'image':
      return workload.image === undefined ? undefined : repositoryOf(workload.image);
    case 'function':
      return workload.name;
    case 'host':
    case 'resource':
      return undefined;
  }
}

/** Without registry, tag and digest: `shop/checkout` of `registry.example.com/shop/checkout:1.42.0@sha256:…`. */
function repositoryOf(image: string): string {
  const [path = ''] = image.split('@');
  const untagged = path.replace(/:[^:/]*$/, '');
  const [first = '', ...rest] = untagged.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? rest.join('/') : untagged;
}

/** How much it says that two incidents share it. Techniques and rules are shared by strangers every day. */
const WEIGHTS: Readonly<Record<TraitKind, number>> = {
  hash: 5,
  address: 4,
  image: 3,
  workload: 3,
  rule: 2,
  technique: 1,
};
const TECHNIQUES_COUNTED = 2;

/** As it lies on the incident's item. */
export function formatTrait({ what, value }: Trait): string {
  return `${what}:${value}`;
}

/** Undefined for what is no trait (any more). */
export function parseTrait(text: string): Trait | undefined {
  const at = text.indexOf(':');
  const what = SHARED_TRAITS.find((kind) => kind === text.slice(0, Math.max(0, at)));
  return what === undefined ? undefined : { what, value: text.slice(at + 1) };
}

/** What both have, and how much that says (see `WEIGHTS`; of techniques only the first two count). */
export function sharedTraits(
  own: readonly Trait[],
  others: readonly string[],
): { readonly shared: readonly Trait[]; readonly score: number } {
  const theirs = new Set(others);
  const shared = own.filter((one) => theirs.has(formatTrait(one)));
  const techniques = shared.filter(({ what }) => what === 'technique').length;
  const score = shared.reduce((sum, { what }) => sum + (what === 'technique' ? 0 : WEIGHTS[what]), 0);
  return { shared, score: score + Math.min(techniques, TECHNIQUES_COUNTED) * WEIGHTS.technique };
}
