import type { Behaviour } from '../analysis/rules/behaviours.ts';
import { entitiesIn, factsOf, type Piece } from '../analysis/rules/facts.ts';
import type { ProcessTree } from '../analysis/rules/process-tree.ts';
import type { Entity, EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import { type ChainStep, chainOf } from './chain.ts';
import { consequenceOf, detectionsOf, foreignCode } from './consequence.ts';
import { fixOf } from './fix.ts';
import { type Knowledge, knowledgeIndex } from './knowledge.ts';
import { loadersOf } from './loaded.ts';
import { judgeRelevance, type Relevance } from './relevance.ts';
import { imageMatch, runningImages } from './running-image.ts';

/** A vulnerability of the image, joined with what runs from that image and with what is known of attacks on it. */
export interface Correlated {
  readonly piece: Piece<'vulnerability'>;
  readonly relevance: Relevance;
  /** Why, in words. */
  readonly rationale: string;
  /** The evidence the relevance stands on, the vulnerability itself first. */
  readonly items: readonly EvidenceItem[];
  readonly entity: Entity | undefined;
  readonly knowledge: Knowledge;
  /** The lowest version known to hold the fix. */
  readonly fixedIn: string | undefined;
  /** process → file → package → image → CVE → exploit knowledge → fix, as far as the evidence goes. */
  readonly chain: readonly ChainStep[];
}

const RANK: Readonly<Record<Relevance, number>> = {
  exploited: 0,
  likely_exploited: 1,
  reachable: 2,
  present: 3,
  not_relevant: 4,
};

/**
 * Joins what runs with what is vulnerable. Deterministic: the same pack gives the same answer in the same order, the most
 * relevant first, then what is exploited elsewhere, then by score.
 */
export function correlate(pack: EvidencePack, tree: ProcessTree, behaviours: readonly Behaviour[]): Correlated[] {
  const running = runningImages(pack);
  const knowledgeFor = knowledgeIndex(pack);
  const foreign = foreignCode(behaviours);
  return factsOf(pack, 'vulnerability')
    .map((piece): Correlated => {
      const { item, fact } = piece;
      const loaders = loadersOf(pack, tree, fact);
      const knowledge = knowledgeFor(fact);
      const image = imageMatch(fact, running);
      const fixedIn = fixOf(fact, knowledge);
      const { relevance, rationale, items } = judgeRelevance({
        pack,
        fact,
        loaders,
        knowledge,
        image,
        foreign,
        fixedIn,
        consequence: consequenceOf(tree, behaviours, loaders),
        detections: detectionsOf(pack, fact.cve),
      });
      return {
        piece,
        relevance,
        rationale,
        items: [item, ...items],
        entity: entityOf(pack, item),
        knowledge,
        fixedIn,
        chain: chainOf({ pack, piece, loaders, image, knowledge, fixedIn }),
      };
    })
    .sort(
      (a, b) =>
        RANK[a.relevance] - RANK[b.relevance] ||
        urgency(b.knowledge) - urgency(a.knowledge) ||
        (b.piece.fact.cvss ?? 0) - (a.piece.fact.cvss ?? 0),
    );
}

function urgency({ active, knownExploited, epss }: Knowledge): number {
  return (active ? 2 : 0) + (knownExploited === undefined ? 0 : 2) + (epss?.probability ?? 0);
}

/** Those that explain an attack: the strongest two relevances. */
export function isExploited({ relevance }: Pick<Correlated, 'relevance'>): boolean {
  return relevance === 'exploited' || relevance === 'likely_exploited';
}

/** Those somebody could use, or has used. */
export function isInReach(correlated: Pick<Correlated, 'relevance'>): boolean {
  return isExploited(correlated) || correlated.relevance === 'reachable';
}

function entityOf(pack: EvidencePack, item: EvidenceItem): Entity | undefined {
  return (['package', 'image', 'container', 'cve'] as const).flatMap((kind) => entitiesIn(pack, item, kind)).at(0);
}
