import type { Entity, EvidenceItem, EvidencePack, Trust } from '../../evidence/pack.ts';
import { wordsOf } from './words.ts';

/** What a sentence may stand on: numbered things with words. An evidence pack is one; the figures of a briefing are another. */
export interface Ground {
  readonly items: ReadonlyMap<string, GroundItem>;
  readonly entities: ReadonlyMap<string, Pick<Entity, 'kind' | 'canonical' | 'label'>>;
  /** Of all items. */
  readonly words: string;
}

export interface GroundItem {
  readonly trust: Trust;
  readonly entities: readonly string[];
  /** In lower case. */
  readonly words: string;
}

/** Words are put together when they are first asked for: most of a large pack is never cited. */
export function groundOf(pack: EvidencePack): Ground {
  const items = new Map(pack.items.map((item) => [item.id, groundItem(pack, item)]));
  let all: string | undefined;
  return {
    items,
    entities: new Map(pack.entities.map((entity) => [entity.id, entity])),
    get words() {
      all ??= wordsOf(pack, pack.items);
      return all;
    },
  };
}

function groundItem(pack: EvidencePack, item: EvidenceItem): GroundItem {
  let words: string | undefined;
  return {
    trust: item.trust,
    entities: item.entities,
    get words() {
      words ??= wordsOf(pack, [item]);
      return words;
    },
  };
}
