import * as z from 'zod';

/** The questions that need no model, because each is a query over the evidence. */
export const QUERY_KINDS = ['spawned', 'connected', 'changed', 'same-image', 'cves', 'identity'] as const;
export type QueryKind = (typeof QUERY_KINDS)[number];

/** Raised whenever the same question about the same evidence would be answered otherwise. */
export const QUERIES_VERSION = '1.0.0';

const evidenceIds = z.array(z.string().regex(/^E[1-9]\d*$/));

/**
 * What a question was about, for the next one to say "it": an entity of the pack by its id, anything else by the first piece
 * of evidence that speaks of it. The label is compared when it is used again, because another pack may number otherwise.
 */
export const subjectSchema = z.object({
  kind: z.enum(['process', 'entity', 'address', 'cve']),
  id: z.string().regex(/^[EN][1-9]\d*$/),
  label: z.string(),
});
export type Subject = z.infer<typeof subjectSchema>;

const sentence = z.object({
  text: z.string(),
  kind: z.enum(['observed', 'inferred']),
  evidence: evidenceIds,
  /** Absent: a query wrote it. */
  by: z.literal('model').optional(),
});
export type Sentence = z.infer<typeof sentence>;

const unknown = z.object({ text: z.string(), evidence: evidenceIds });
export type Unknown = z.infer<typeof unknown>;

/** An answer whoever gives it. Every id is one of the pack it was made from. */
export const replySchema = z.lazy(() =>
  z.object({
    /** `cannot-tell`: the evidence does not hold the answer; `unknowns` says what is missing. */
    kind: z.enum(['query', 'model', 'cannot-tell']),
    /** The sentences in one text. */
    answer: z.string(),
    /** Every id the answer stands on, each once. */
    citations: evidenceIds,
    sentences: z.array(sentence),
    unknowns: z.array(unknown),
    /** Which queries were asked for; empty when none was recognised. */
    queries: z.array(z.enum(QUERY_KINDS)),
    subject: subjectSchema.optional(),
  }),
);
export type Reply = z.infer<typeof replySchema>;

/** What one query finds. Without a sentence the evidence does not hold the answer. */
export interface Findings {
  readonly sentences: readonly Sentence[];
  readonly unknowns: readonly Unknown[];
  readonly subject?: Subject | undefined;
}

export const CANNOT_TELL = 'I cannot tell from the evidence.';

/** One text, one list of citations. */
export function replyOf(
  kind: 'query' | 'model',
  queries: readonly QueryKind[],
  { sentences, unknowns, subject }: Findings,
): Reply {
  const told = sentences.length > 0;
  const spoken = told ? sentences.map(({ text }) => text) : [CANNOT_TELL, ...unknowns.map(({ text }) => text)];
  const cited = told ? sentences : unknowns;
  return {
    kind: told ? kind : 'cannot-tell',
    answer: spoken.join(' '),
    citations: [...new Set(cited.flatMap(({ evidence }) => evidence))],
    sentences: [...sentences],
    unknowns: [...unknowns],
    queries: [...queries],
    ...(subject === undefined ? {} : { subject }),
  };
}
