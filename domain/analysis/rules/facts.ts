import { cleanText } from '../../evidence/clean.ts';
import type { Fact, FactKind, FactOf } from '../../evidence/fact.ts';
import type { Entity, EntityKind, EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import type { Claim } from '../analysis.ts';

/** A fact together with the evidence item that carries it. */
export interface Piece<K extends FactKind> {
  readonly item: EvidenceItem;
  readonly fact: FactOf<K>;
}

function isKind<K extends FactKind>(fact: Fact, kind: K): fact is FactOf<K> {
  return fact.kind === kind;
}

/**
 * What is asked of a pack for each of its processes, found once: thousands of them would otherwise be gone through thousands
 * of times. By the pack itself, which nobody changes.
 */
interface PackIndex {
  readonly itemsOf: ReadonlyMap<FactKind, readonly EvidenceItem[]>;
  readonly placeOf: ReadonlyMap<string, number>;
}
const INDEXES = new WeakMap<EvidencePack, PackIndex>();

function indexOf(pack: EvidencePack): PackIndex {
  const known = INDEXES.get(pack);
  if (known !== undefined) return known;
  const itemsOf = new Map<FactKind, EvidenceItem[]>();
  for (const item of pack.items) {
    const items = itemsOf.get(item.fact.kind);
    if (items === undefined) itemsOf.set(item.fact.kind, [item]);
    else items.push(item);
  }
  const made = { itemsOf, placeOf: new Map(pack.entities.map(({ id }, place) => [id, place])) };
  INDEXES.set(pack, made);
  return made;
}

/** All facts of one kind, in the order of the pack. */
export function factsOf<K extends FactKind>(pack: EvidencePack, kind: K): Piece<K>[] {
  return (indexOf(pack).itemsOf.get(kind) ?? []).flatMap((item) => {
    const { fact } = item;
    return isKind(fact, kind) ? [{ item, fact }] : [];
  });
}

export function idsOf(items: readonly EvidenceItem[]): string[] {
  return [...new Set(items.map(({ id }) => id))];
}

/** Entities of one kind that an item speaks of, in the order of the pack. */
export function entitiesIn(pack: EvidencePack, item: EvidenceItem, kind: EntityKind): Entity[] {
  const { placeOf } = indexOf(pack);
  const places = [...new Set(item.entities.flatMap((id) => placeOf.get(id) ?? []))].sort((a, b) => a - b);
  return places.flatMap((place) => {
    const entity = pack.entities[place];
    return entity?.kind === kind ? [entity] : [];
  });
}

/**
 * The entity of `kind` an item is about. An item may name several (an account and the cloud role it may assume); the one
 * whose canonical name ends in the first of `names` that fits is meant. With one candidate there is no choice; with no fit
 * there is no answer.
 */
export function entityNamed(
  pack: EvidencePack,
  item: EvidenceItem,
  kind: EntityKind,
  names: readonly string[],
): Entity | undefined {
  const candidates = entitiesIn(pack, item, kind);
  if (candidates.length < 2) return candidates[0];
  return names
    .map((name) => candidates.find(({ canonical }) => namesEntity(canonical, name)))
    .find((entity) => entity !== undefined);
}

function namesEntity(canonical: string, name: string): boolean {
  return name.length > 0 && (canonical === name || canonical.endsWith(`/${name}`));
}

/** A claim about items: cites all of them, and names those of their entities that are of the given kinds (default: all). */
export function claim(
  kind: Claim['kind'],
  text: string,
  items: readonly EvidenceItem[],
  about?: { readonly pack: EvidencePack; readonly kinds: readonly EntityKind[] },
): Claim {
  const named = [...new Set(items.flatMap(({ entities }) => entities))];
  const entities =
    about === undefined
      ? named
      : named.filter((id) =>
          about.pack.entities.some((entity) => entity.id === id && about.kinds.includes(entity.kind)),
        );
  return { text: cleanText(text), kind, evidence: idsOf(items), entities };
}

/** A value from outside inside a sentence of ours. */
export function quote(text: string, max = 240): string {
  return cleanText(text, { max });
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerate(parts: readonly string[]): string {
  const last = parts.at(-1);
  if (last === undefined) return '';
  return parts.length === 1 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** `2025-10-14 09:15:40 UTC`: for people; the time stamp itself stays in the evidence. */
export function readableTime(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

/** `38 seconds`, `16 minutes`, `5 hours`, `3 days`; always the distance, whichever comes first. */
export function duration(from: string, to: string): string {
  const seconds = Math.round(Math.abs(Date.parse(to) - Date.parse(from)) / 1000);
  if (seconds < 120) return plural(seconds, 'second');
  if (seconds < 2 * 3600) return plural(Math.round(seconds / 60), 'minute');
  if (seconds < 48 * 3600) return plural(Math.round(seconds / 3600), 'hour');
  return plural(Math.round(seconds / 86_400), 'day');
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
