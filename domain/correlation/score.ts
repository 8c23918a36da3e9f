import type { Account } from '../analysis/rules/affected.ts';
import { type Behaviour, isStrong } from '../analysis/rules/behaviours.ts';
import { enumerate, factsOf, quote } from '../analysis/rules/facts.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import { type Correlated, isInReach } from './correlate.ts';
import { exposureOf } from './exposure.ts';

/** One of the four parts of the score, with what it stands on. */
export interface ScorePart {
  readonly name: 'runtime behaviour' | 'exposure' | 'privileges' | 'exploit knowledge';
  readonly points: number;
  readonly of: number;
  readonly reason: string;
  readonly items: readonly EvidenceItem[];
}

export interface EnvironmentScore {
  /** 0 to 100: the sum of the parts. */
  readonly score: number;
  readonly parts: readonly ScorePart[];
}

/** The most each part can give; together 100. The weights are ours (docs/intelligence.md), no standard names them. */
export const WEIGHTS = { behaviour: 40, exposure: 20, privileges: 20, knowledge: 20 } as const;

/** How bad it is in this place: what was seen, who can get there, what it may do, and what is known of the way in. */
export function environmentScore(known: {
  readonly pack: EvidencePack;
  readonly behaviours: readonly Behaviour[];
  readonly accounts: readonly Account[];
  readonly correlated: readonly Correlated[];
}): EnvironmentScore {
  const parts = [
    behaviourPart(known.behaviours),
    exposurePart(known.pack),
    privilegePart(known.pack, known.accounts),
    knowledgePart(known.correlated),
  ];
  return { score: parts.reduce((sum, { points }) => sum + points, 0), parts };
}

interface Reason {
  readonly points: number;
  readonly because: string;
  readonly items: readonly EvidenceItem[];
}

/** The strongest reason counts; reasons of equal weight are told together. Nothing is added up, so that no list of trifles outweighs a fact. */
function part(name: ScorePart['name'], of: number, reasons: readonly Reason[], otherwise: string): ScorePart {
  const points = Math.max(0, ...reasons.map((reason) => reason.points));
  const decisive = reasons.filter((reason) => points > 0 && reason.points === points).slice(0, 3);
  return {
    name,
    points,
    of,
    reason: decisive.length === 0 ? otherwise : enumerate(distinct(decisive.map(({ because }) => because))),
    items: [...new Set(decisive.flatMap(({ items }) => items))].slice(0, 10),
  };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function behaviourPart(behaviours: readonly Behaviour[]): ScorePart {
  const observed = behaviours.filter(({ basis }) => basis === 'observed');
  const strong = observed.filter(({ name }) => isStrong(name));
  const claimed = behaviours.filter(({ name, basis }) => basis === 'vendor' && isStrong(name));
  const signs = observed.filter(({ name }) => !isStrong(name) && name !== 'unlearned-activity');
  const names = new Set(signs.map(({ name }) => name));
  const unlearned = observed.filter(({ name }) => name === 'unlearned-activity');
  const reason = (points: number, because: string, from: readonly Behaviour[]): Reason[] =>
    from.length === 0 ? [] : [{ points, because, items: from.flatMap(({ items }) => items) }];
  return part(
    'runtime behaviour',
    WEIGHTS.behaviour,
    [
      ...reason(40, 'malicious behaviour was observed', strong),
      ...reason(25, 'the vendor classifies it as malicious', claimed),
      ...reason(
        names.size > 1 ? 25 : 15,
        names.size > 1 ? 'several suspicious signs were observed' : 'a suspicious sign was observed',
        signs,
      ),
      ...reason(5, 'something was seen that the learned behaviour does not hold', unlearned),
    ],
    'nothing suspicious was observed',
  );
}

function exposurePart(pack: EvidencePack): ScorePart {
  const exposure = exposureOf(pack);
  const points = { internet: 20, 'outside-cluster': 15, inside: 5, none: 0, unknown: 0 }[exposure.level];
  const { phrase: because, items } = exposure;
  return part('exposure', WEIGHTS.exposure, [{ points, because, items }], because);
}

function privilegePart(pack: EvidencePack, accounts: readonly Account[]): ScorePart {
  const identities = factsOf(pack, 'cloud-identity');
  const contexts = factsOf(pack, 'security-context');
  const reasons: Reason[] = [
    ...accounts
      .filter(({ adminBindings, tokenMounted }) => adminBindings.length > 0 && tokenMounted)
      .map(({ name, namespace, item, adminBindings }) => ({
        points: 20,
        because: `service account ${quote(namespace)}/${quote(name)} is cluster-admin`,
        items: [item, ...adminBindings.map((binding) => binding.item)],
      })),
    ...identities
      .filter(({ fact }) => fact.admin === true)
      .map(({ item, fact }) => ({
        points: 20,
        because: `cloud identity ${quote(fact.name)} has administrator rights`,
        items: [item],
      })),
    ...contexts
      .filter(({ fact }) => fact.privileged || fact.hostPid || fact.hostPaths.length > 0)
      .map(({ item, fact }) => ({
        points: 15,
        because: `container ${quote(fact.container)} can reach its host`,
        items: [item],
      })),
    ...identities
      .filter(({ fact }) => fact.highPrivileges === true)
      .map(({ item, fact }) => ({
        points: 12,
        because: `cloud identity ${quote(fact.name)} has high privileges`,
        items: [item],
      })),
    ...accounts
      .filter(
        ({ tokenMounted, bindings, cloudRole }) => tokenMounted && (bindings.length > 0 || cloudRole !== undefined),
      )
      .map(({ name, namespace, item }) => ({
        points: 8,
        because: `the token of service account ${quote(namespace)}/${quote(name)}, which has rights, is in reach`,
        items: [item],
      })),
    ...contexts
      .filter(({ fact }) => fact.runsAsRoot === 'yes' || fact.addedCapabilities.length > 0)
      .map(({ item, fact }) => ({
        points: 5,
        because: `container ${quote(fact.container)} runs with more rights than it needs`,
        items: [item],
      })),
  ];
  return part('privileges', WEIGHTS.privileges, reasons, 'no rights beyond the workload itself are known');
}

function knowledgePart(correlated: readonly Correlated[]): ScorePart {
  const reasons = correlated.filter(isInReach).map((one): Reason => {
    const known = one.knowledge.phrase === '' ? '' : ` and ${one.knowledge.phrase}`;
    const { points, words } = weightOf(one);
    return {
      points,
      because: `${quote(one.piece.fact.cve, 80)} ${words}${known}`,
      items: [...one.items, ...one.knowledge.items],
    };
  });
  return part('exploit knowledge', WEIGHTS.knowledge, reasons, 'no vulnerability in reach of an attacker is known');
}

function weightOf(one: Correlated): { readonly points: number; readonly words: string } {
  if (one.relevance === 'exploited') return { points: 20, words: 'was exploited here' };
  if (one.relevance === 'likely_exploited') return { points: 18, words: 'was likely exploited here' };
  return { points: reachablePoints(one), words: 'is reachable' };
}

function reachablePoints({ knowledge, piece }: Correlated): number {
  if (knowledge.knownExploited !== undefined || piece.fact.exploitInTheWild) return 15;
  if (knowledge.active) return 12;
  return knowledge.publicExploit ? 8 : 5;
}
