/** Fields of one event that are read; Falco's own rules name fewer than thirty. */
const MAX_FIELDS = 1_000;
const MAX_DEPTH = 6;
const MAX_LIST = 20;

/**
 * `output_fields` under one spelling of each name. Falco writes `proc.aname[2]`; falcosidekick's `bracketreplacer` makes
 * `proc.aname_2` of it, and shippers turn dots into underscores or into nested objects. All of them read `proc.aname.2`.
 */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;
  #entries: readonly (readonly [name: string, value: string])[] | undefined;

  constructor(outputFields: unknown) {
    const values = new Map<string, unknown>();
    collect(values, outputFields, '', 0);
    this.#values = values;
  }

  get size(): number {
    return this.#values.size;
  }

  /** The first of these fields that says something; `<NA>` is Falco's word for nothing. */
  text(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const value = textOf(this.#values.get(asked(name)));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** A whole number of 0 or more, given as number or text. */
  count(...names: readonly string[]): number | undefined {
    const text = this.text(...names);
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  }

  flag(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'true';
  }

  /** Every field with its value as text, by name. */
  entries(): readonly (readonly [name: string, value: string])[] {
    this.#entries ??= [...this.#values]
      .map(([name, value]) => [name, textOf(value) ?? ''] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return this.#entries;
  }
}

function collect(values: Map<string, unknown>, value: unknown, prefix: string, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  for (const [key, member] of Object.entries(value)) {
    if (values.size >= MAX_FIELDS) return;
    const name = folded(prefix === '' ? key : `${prefix}.${key}`);
    if (typeof member === 'object' && member !== null && !Array.isArray(member))
      collect(values, member, name, depth + 1);
    else if (!values.has(name)) values.set(name, member);
  }
}

/** Names that the code asks for are few and always the same; those of events are not kept. */
const ASKED = new Map<string, string>();

function asked(name: string): string {
  const known = ASKED.get(name);
  if (known !== undefined) return known;
  const found = folded(name);
  ASKED.set(name, found);
  return found;
}

const PLAIN = /^[a-z\d]+(?:\.[a-z\d]+)*$/;

function folded(name: string): string {
  if (name.length <= 200 && PLAIN.test(name)) return name;
  return name
    .slice(0, 200)
    .toLowerCase()
    .replace(/[[\]._]+/g, '.')
    .replace(/^\.|\.$/g, '');
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' || value === '<NA>' ? undefined : value;
    case 'number':
    case 'boolean':
      return String(value);
    case 'object':
      return Array.isArray(value) ? listText(value) : undefined;
    default:
      return undefined;
  }
}

/** A digest may come as a list of one. */
function listText(list: readonly unknown[]): string | undefined {
  const texts = list.slice(0, MAX_LIST).flatMap((item) => (Array.isArray(item) ? [] : (textOf(item) ?? [])));
  return texts.length === 0 ? undefined : texts.join(', ');
}
