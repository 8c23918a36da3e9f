import { isRecord, textOf, textsOf } from './lenient.ts';

/** Beyond this an alert is not read further; the raw alert has everything. */
const MAX_KINDS = 64;
const MAX_ROWS = 100;
const MAX_FIELDS = 64;

type Row = ReadonlyMap<string, unknown>;

/**
 * What an alert is about, in one form for both of the vendor's: upper-case keys in pushes (`ENTITY_MAP`, some keys with a
 * space, one with two spellings), `KEY` and `PROPS` with lower-case keys in the API (`entityMap`). Names are folded: no
 * case, no `_`, no space. `HOST NAME`, `HOSTNAME` and `hostname` are one.
 */
export interface EntityMap {
  /** How many things of a kind there are. */
  count(kind: string): number;
  /** Each thing of a kind, read by the names of its fields. */
  rows(kind: string): readonly EntityRow[];
  /** All values of the first of the fields a thing has, over all things of the kind, each once. */
  texts(kind: string, ...fields: string[]): readonly string[];
}

export interface EntityRow {
  text(...fields: string[]): string;
  list(...fields: string[]): readonly string[];
  raw(field: string): unknown;
}

export function folded(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}

/** @param maps one or several of the vendor's maps; whatever is none is passed over */
export function entityMapOf(...maps: readonly unknown[]): EntityMap {
  const kinds = new Map<string, Row[]>();
  for (const map of maps) {
    if (!isRecord(map)) continue;
    for (const [kind, rows] of Object.entries(map).slice(0, MAX_KINDS)) {
      const held = kinds.get(folded(kind)) ?? [];
      kinds.set(folded(kind), held);
      for (const row of (Array.isArray(rows) ? rows : [rows]).slice(0, MAX_ROWS)) {
        const read = rowOf(row);
        if (read && held.length < MAX_ROWS) held.push(read);
      }
    }
  }
  const rows = (kind: string): readonly EntityRow[] => (kinds.get(folded(kind)) ?? []).map(rowReader);
  return {
    count: (kind) => kinds.get(folded(kind))?.length ?? 0,
    rows,
    texts: (kind, ...fields) => [...new Set(rows(kind).flatMap((row) => row.list(...fields)))],
  };
}

function rowOf(row: unknown): Row | undefined {
  if (!isRecord(row)) return undefined;
  const { KEY: key, PROPS: props } = row;
  const sources = isRecord(key) || isRecord(props) ? [props, key] : [row];
  const fields = new Map<string, unknown>();
  for (const source of sources) {
    if (!isRecord(source)) continue;
    for (const [name, value] of Object.entries(source).slice(0, MAX_FIELDS)) fields.set(folded(name), value);
  }
  return fields.size > 0 ? fields : undefined;
}

function rowReader(row: Row): EntityRow {
  const first = (fields: readonly string[]): unknown =>
    fields.map((field) => row.get(folded(field))).find((value) => textsOf(value).length > 0);
  return {
    text: (...fields) => textOf(first(fields)) || (textsOf(first(fields))[0] ?? ''),
    list: (...fields) => textsOf(first(fields)),
    raw: (field) => row.get(folded(field)),
  };
}
