import * as z from 'zod';

/** What a model has been told so far, whatever wire it was told by. */
export interface Heard {
  /** Every text of the user's turns, in order. */
  readonly user: string;
  /** What tools answered, in order. */
  readonly results: readonly string[];
  /** Names of the tools that may be called now; the answer's own is not among them. */
  readonly tools: readonly string[];
  /** JSON Schema of the answer, as far as the wire or the instructions said it. */
  readonly schema: unknown;
}

export interface WantedCall {
  readonly name: string;
  readonly input: unknown;
}

const itemSchema = z.object({ id: z.string(), trust: z.string(), text: z.string(), entities: z.array(z.string()) });
const evidenceSchema = z.object({
  items: z.array(itemSchema),
  entities: z.array(z.object({ id: z.string(), kind: z.string() })).default([]),
});
type Evidence = z.infer<typeof evidenceSchema>;
type Item = Evidence['items'][number];

/**
 * An answer that any correct reader could give: it retells pieces of evidence word for word, those of the first turn and those
 * that were looked up. It measures the machinery, not a model.
 */
export function retell(heard: Heard, sentences: number): unknown {
  const first = evidenceIn(heard.user).items.slice(0, sentences);
  const later = heard.results.flatMap((text) => evidenceIn(text).items.slice(0, 2));
  return answer(heard.schema, [...first, ...later]);
}

/** Which entities a careful analyst looks at first, and by which tool. */
const QUESTIONS: readonly (readonly [tool: string, kinds: readonly string[]])[] = [
  ['process_tree', ['container', 'pod', 'instance']],
  ['image_vulnerabilities', ['image']],
];

/** What to look up before answering; nothing once something was. Only ids the evidence holds. */
export function lookUpsOf({ user, results, tools }: Heard): readonly WantedCall[] {
  if (results.length > 0) return [];
  const { entities } = evidenceIn(user);
  return QUESTIONS.flatMap(([name, kinds]) => {
    const entity = kinds.flatMap((kind) => entities.filter((one) => one.kind === kind))[0];
    return entity === undefined || !tools.includes(name) ? [] : [{ name, input: { entity: entity.id } }];
  });
}

function evidenceIn(text: string): Evidence {
  for (const line of text.split('\n').filter((candidate) => candidate.startsWith('{'))) {
    const parsed = evidenceSchema.safeParse(jsonOf(line));
    if (parsed.success) return parsed.data;
  }
  return { items: [], entities: [] };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not the evidence line.
    return undefined;
  }
}

const schemaSchema = z.object({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

type Schema = z.infer<typeof schemaSchema>;

/** Words an analyst takes who claims nothing of his own. */
const MODEST = ['undetermined', 'low', 'observed'];
const FIXED: Readonly<Record<string, string>> = { headline: 'Retold from the evidence by the sandbox model' };

/** Fills a schema from pieces of evidence, so that another question than the analysis is answered too. */
function answer(schema: unknown, items: readonly Item[]): unknown {
  const parsed = schemaSchema.safeParse(schema);
  if (!parsed.success) return { text: items.map(textOf).join(' ') };
  const filled = fill('', parsed.data, items, undefined);
  const nothing = items.length === 0 && z.looseObject({ outcome: z.string() }).safeParse(filled).success;
  return nothing ? Object.assign({}, filled, { outcome: 'insufficient_evidence' }) : filled;
}

function fill(key: string, schema: Schema, items: readonly Item[], about: Item | undefined): unknown {
  const inner = (name: string, value: unknown) => fill(name, schemaSchema.parse(value), items, about);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum.find((word) => MODEST.includes(String(word))) ?? schema.enum[0];
  if (schema.anyOf !== undefined) return null;
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, value]) => [name, inner(name, value)]),
      );
    case 'array':
      return list(key, schema, items, about);
    case 'boolean':
      return false;
    case 'number':
    case 'integer':
      return 0;
    default:
      return FIXED[key] ?? (about === undefined ? items.map(textOf).join(' ') : textOf(about));
  }
}

function list(key: string, schema: Schema, items: readonly Item[], about: Item | undefined): readonly unknown[] {
  if (key === 'evidence' || key === 'citations') return (about === undefined ? items : [about]).map(({ id }) => id);
  if (key === 'entities') return about?.entities ?? [];
  const inner = schemaSchema.safeParse(schema.items).data;
  // A list of sentences that stand on evidence; other lists an honest reader leaves empty.
  const tells = inner?.properties !== undefined && 'text' in inner.properties && 'evidence' in inner.properties;
  return tells ? items.map((item) => fill('', inner, items, item)) : [];
}

function textOf({ text }: Item): string {
  return text.replaceAll('^', ' ');
}
