import { enumerate, factsOf, quote } from '../analysis/rules/facts.ts';
import type { FactOf } from '../evidence/fact.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';

type ExploitKnowledge = FactOf<'exploit-knowledge'>;

/** What is known of attacks on one vulnerability anywhere, from the vendor of the alert and from KEV, EPSS and OSV. */
export interface Knowledge {
  /** Attacks on it happen: the vendor or CISA says so, or EPSS expects them. */
  readonly active: boolean;
  readonly publicExploit: boolean;
  readonly knownExploited: ExploitKnowledge['knownExploited'];
  readonly epss: ExploitKnowledge['epss'];
  readonly fixes: ExploitKnowledge['fixedIn'];
  /** `is exploited in the wild (CISA since 2021-12-10, EPSS 94.4 %)`; empty when nothing is known. */
  readonly phrase: string;
  readonly items: readonly EvidenceItem[];
}

/**
 * EPSS is the probability of any exploitation anywhere within 30 days. From one in two on it counts as exploited; the
 * number is ours, FIRST names no threshold. It can raise a relevance, never start an action by itself.
 */
export const EPSS_ACTIVE = 0.5;

/** By CVE id, in capitals. Only data of the vulnerability databases counts, never text a workload could have chosen. */
export function knowledgeIndex(pack: EvidencePack): (fact: FactOf<'vulnerability'>) => Knowledge {
  const byCve = new Map<string, { item: EvidenceItem; fact: ExploitKnowledge }[]>();
  for (const piece of factsOf(pack, 'exploit-knowledge')) {
    if (piece.item.trust === 'attacker_influenced') continue;
    const key = piece.fact.cve.toUpperCase();
    byCve.set(key, [...(byCve.get(key) ?? []), piece]);
  }
  return (fact) => knowledgeOf(fact, byCve.get(fact.cve.toUpperCase()) ?? []);
}

function knowledgeOf(
  fact: FactOf<'vulnerability'>,
  pieces: readonly { readonly item: EvidenceItem; readonly fact: ExploitKnowledge }[],
): Knowledge {
  const knownExploited = pieces.map((piece) => piece.fact.knownExploited).find((known) => known !== undefined);
  const epss = pieces
    .flatMap((piece) => (piece.fact.epss === undefined ? [] : [piece.fact.epss]))
    .reduce<ExploitKnowledge['epss']>(
      (best, one) => (best && best.probability >= one.probability ? best : one),
      undefined,
    );
  const seen = fact.exploitInTheWild || knownExploited !== undefined;
  const expected = (epss?.probability ?? 0) >= EPSS_ACTIVE;
  return {
    active: seen || expected,
    publicExploit: fact.exploitPublic,
    knownExploited,
    epss,
    fixes: pieces.flatMap((piece) => piece.fact.fixedIn),
    phrase: phraseOf({ fact, knownExploited, epss, seen, expected }),
    items: pieces.map(({ item }) => item),
  };
}

function phraseOf(known: {
  readonly fact: FactOf<'vulnerability'>;
  readonly knownExploited: ExploitKnowledge['knownExploited'];
  readonly epss: ExploitKnowledge['epss'];
  readonly seen: boolean;
  readonly expected: boolean;
}): string {
  const { fact, knownExploited, epss } = known;
  const basis = [
    ...(knownExploited === undefined
      ? []
      : [`CISA since ${quote(knownExploited.since, 40)}${knownExploited.ransomware ? ', also by ransomware' : ''}`]),
    ...(epss === undefined ? [] : [`EPSS ${(epss.probability * 100).toFixed(1)} %`]),
  ];
  const why = basis.length === 0 ? '' : ` (${enumerate(basis)})`;
  if (known.seen) return `is exploited in the wild${why}`;
  if (known.expected) return `is expected to be exploited${why}`;
  if (fact.exploitPublic) return `has a public exploit${why}`;
  return basis.length === 0 ? '' : `is not known to be exploited${why}`;
}
