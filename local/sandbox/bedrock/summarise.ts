import * as z from 'zod';

/** The part of the user turn that the sandbox's analyst reads. */
const evidenceSchema = z.object({
  items: z.array(z.object({ id: z.string(), trust: z.string(), text: z.string(), entities: z.array(z.string()) })),
});

/**
 * An answer that any correct reader could give: it retells pieces of evidence word for word. It measures the machinery, not a
 * model.
 */
export function summarise(turn: string, sentences: number): unknown {
  const items = evidenceIn(turn).slice(0, sentences);
  return {
    outcome: items.length > 0 ? 'analysed' : 'insufficient_evidence',
    headline: 'Retold from the evidence by the sandbox model',
    verdict: 'undetermined',
    narrative: items.map(({ id, text, entities }) => ({
      text: text.replaceAll('^', ' '),
      kind: 'observed',
      evidence: [id],
      entities,
    })),
    techniques: [],
    unknowns: [],
  };
}

function evidenceIn(turn: string): z.infer<typeof evidenceSchema>['items'] {
  for (const line of turn.split('\n').filter((candidate) => candidate.startsWith('{'))) {
    const parsed = evidenceSchema.safeParse(jsonOf(line));
    if (parsed.success) return parsed.data.items;
  }
  return [];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not the evidence line.
    return undefined;
  }
}
