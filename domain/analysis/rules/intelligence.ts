import { visibleText } from '../../evidence/clean.ts';
import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import { MALICIOUS_CONFIDENCE } from '../../intelligence/opinion.ts';
import { entitiesIn, factsOf, type Piece } from './facts.ts';
import { type ProcessNode, type ProcessTree, processText } from './process-tree.ts';

/** Something in the evidence that others know to be malicious, with what ties it to the workload. */
export interface KnownMalicious {
  readonly what: 'contact' | 'file';
  readonly piece: Piece<'threat-intel'>;
  readonly items: readonly EvidenceItem[];
  readonly process: ProcessNode | undefined;
}

/**
 * Only answers of intelligence sources count, and only where the workload itself called the address or the name, or ran or
 * holds the file. Who calls us is often a scanner everybody knows. What nobody knows, or somebody calls harmless, changes
 * nothing: intelligence raises, it never lowers (rule 1).
 */
export function knownMalicious(pack: EvidencePack, tree: ProcessTree): KnownMalicious[] {
  return factsOf(pack, 'threat-intel')
    .filter(
      ({ item, fact }) =>
        item.source === 'threat_intel' &&
        item.trust !== 'attacker_influenced' &&
        (fact.confidence ?? 0) >= MALICIOUS_CONFIDENCE,
    )
    .flatMap((piece) =>
      piece.fact.indicatorKind === 'hash' ? ofFile(pack, tree, piece) : ofContact(pack, tree, piece),
    );
}

function ofContact(pack: EvidencePack, tree: ProcessTree, piece: Piece<'threat-intel'>): KnownMalicious[] {
  const indicator = piece.fact.indicator.toLowerCase();
  const process = tree.nodes.find((node) => names(visibleText(processText(node)), indicator));
  const records = [
    ...factsOf(pack, 'connection')
      .filter(({ fact }) => fact.direction === 'outbound' && fact.destinationIp.toLowerCase() === indicator)
      .map(({ item }) => item),
    ...factsOf(pack, 'dns-query')
      .filter(({ fact }) => fact.domain.toLowerCase().replace(/\.$/, '') === indicator)
      .map(({ item }) => item),
    ...(process?.items ?? []),
  ];
  return records.length === 0 ? [] : [{ what: 'contact', piece, items: [piece.item, ...records], process }];
}

/** As a whole name or address: `10.1.1.1` is not in `110.1.1.10`. */
function names(text: string, indicator: string): boolean {
  const escaped = indicator.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w.-])${escaped}(?![\\w-]|\\.\\w)`, 'i').test(text);
}

/** A hash leaves only if its file came at run time (domain/intelligence/indicators.ts), so that the file is the workload's. */
function ofFile(pack: EvidencePack, tree: ProcessTree, piece: Piece<'threat-intel'>): KnownMalicious[] {
  const paths = new Set(entitiesIn(pack, piece.item, 'file').map(({ canonical }) => canonical));
  const hashes = new Set(
    factsOf(pack, 'process')
      .filter(({ fact }) => fact.md5?.toLowerCase() === piece.fact.indicator)
      .map(({ fact }) => fact.path),
  );
  const process = tree.nodes.find((node) => paths.has(node.path) || hashes.has(node.path));
  return [{ what: 'file', piece, items: [piece.item, ...(process?.items ?? [])], process }];
}
