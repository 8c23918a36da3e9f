import { factsOf, type Piece, quote } from '../analysis/rules/facts.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import type { Knowledge } from './knowledge.ts';
import type { Loader } from './loaded.ts';

/** One link of the way from what runs to what would mend it. A link nothing is known of is left out. */
export interface ChainStep {
  readonly step: 'process' | 'file' | 'package' | 'image' | 'vulnerability' | 'exploit-knowledge' | 'fix';
  readonly name: string;
  readonly items: readonly EvidenceItem[];
}

export function chainOf(known: {
  readonly pack: EvidencePack;
  readonly piece: Piece<'vulnerability'>;
  readonly loaders: readonly Loader[];
  readonly image: { readonly match: 'same' | 'other' | 'unknown'; readonly items: readonly EvidenceItem[] };
  readonly knowledge: Knowledge;
  readonly fixedIn: string | undefined;
}): ChainStep[] {
  const { piece, loaders, image, knowledge, fixedIn } = known;
  const { item, fact } = piece;
  const [loader] = loaders;
  const digest = fact.imageDigest === undefined ? 'image without a known digest' : quote(fact.imageDigest);
  return [
    ...(loader === undefined
      ? []
      : [
          { step: 'process' as const, name: loader.label, items: loader.items },
          {
            step: 'file' as const,
            name: quote(loader.path),
            items: [...loader.items, ...writesOf(known.pack, loader)],
          },
        ]),
    { step: 'package', name: `${quote(fact.packageName)} ${quote(fact.packageVersion)}`, items: [item] },
    {
      step: 'image',
      name: `${digest}${{ same: ', which runs', other: ', which is not what runs', unknown: '' }[image.match]}`,
      items: [item, ...image.items],
    },
    {
      step: 'vulnerability',
      name: `${quote(fact.cve, 80)}${fact.cvss === undefined ? `, severity ${fact.severity}` : `, CVSS ${fact.cvss}`}`,
      items: [item],
    },
    ...(knowledge.phrase === ''
      ? []
      : [{ step: 'exploit-knowledge' as const, name: knowledge.phrase, items: [item, ...knowledge.items] }]),
    ...(fixedIn === undefined
      ? []
      : [{ step: 'fix' as const, name: `fixed in ${quote(fixedIn)}`, items: fixItems(known, fixedIn) }]),
  ];
}

function fixItems(
  { piece, knowledge }: { readonly piece: Piece<'vulnerability'>; readonly knowledge: Knowledge },
  fixedIn: string,
): EvidenceItem[] {
  return piece.fact.fixedIn === fixedIn ? [piece.item] : [piece.item, ...knowledge.items];
}

function writesOf(pack: EvidencePack, { path }: Loader): EvidenceItem[] {
  return factsOf(pack, 'file-written')
    .filter(({ fact }) => fact.path === path && path.startsWith('/'))
    .map(({ item }) => item);
}
