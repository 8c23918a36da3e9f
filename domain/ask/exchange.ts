import * as z from 'zod';
import { evidenceSourceSchema, trustSchema } from '../evidence/pack.ts';
import { modelAuthorShape, modelCostSchema } from '../models/written.ts';
import { QUERY_KINDS, replySchema, subjectSchema } from './answer.ts';

/** Made by `ask`; a person gives it back to go on with a thread. */
export const threadIdSchema = z.string().regex(/^th-[0-9a-f]{12}$/);

/** -> ask. The question is bounded by `cleanQuestion`, so that a long one gets a sentence and no stack. */
export const askInputSchema = z.lazy(() =>
  z.object({
    incidentId: z.string().min(1).max(100),
    question: z.string(),
    threadId: threadIdSchema.optional(),
    /** Who says they ask. Who called the function is in AWS's own log of calls. */
    asker: z.string().max(200).optional(),
  }),
);
export type AskInput = z.infer<typeof askInputSchema>;

/** A piece of evidence an answer cites, as it is shown below it. */
export const citedEvidenceSchema = z.object({
  id: z.string(),
  source: evidenceSourceSchema,
  observedAt: z.string(),
  trust: trustSchema,
  text: z.string(),
});
export type CitedEvidence = z.infer<typeof citedEvidenceSchema>;

const authorSchema = z.discriminatedUnion('by', [
  z.object({ by: z.literal('queries'), version: z.string() }),
  z.object({ by: z.literal('model'), ...modelAuthorShape() }),
]);

/** One question with its answer, as it is kept in the evidence bucket and given back. */
export const exchangeSchema = z.lazy(() =>
  replySchema.unwrap().extend({
    incidentId: z.string(),
    threadId: threadIdSchema,
    askedAt: z.iso.datetime(),
    askedBy: z.string(),
    /** Cleaned. */
    question: z.string(),
    author: authorSchema,
    /** The pack all ids belong to: that of the incident, or the same with what was looked up for the answer. */
    pack: z.object({ key: z.string(), sha256: z.string() }),
    evidence: z.array(citedEvidenceSchema),
    /** Sentences of a model that did not stand on the evidence, by reason. */
    dropped: z.array(z.object({ what: z.string(), why: z.string() })),
    /** Why no model answered although the question was one for it. */
    fallback: z.string().optional(),
    cost: modelCostSchema.optional(),
  }),
);
export type Exchange = z.infer<typeof exchangeSchema>;

/** ask -> who asked. `refused`: it was not a question that could be taken, or there is nothing to ask about. */
export const askOutputSchema = z.lazy(() =>
  z.discriminatedUnion('outcome', [
    exchangeSchema.unwrap().extend({ outcome: z.literal('answered'), turn: z.number().int().positive() }),
    z.object({
      outcome: z.literal('refused'),
      because: z.enum(['question', 'incident', 'thread']),
      reason: z.string(),
    }),
  ]),
);
export type AskOutput = z.infer<typeof askOutputSchema>;

/** One turn of a thread as the incidents table remembers it: pointers and fixed words, the text lies in the bucket. */
export const turnSchema = z.lazy(() =>
  z.object({
    threadId: threadIdSchema,
    turn: z.number().int().positive(),
    askedAt: z.iso.datetime(),
    askedBy: z.string(),
    kind: z.enum(['query', 'model', 'cannot-tell']),
    queries: z.array(z.enum(QUERY_KINDS)),
    subject: subjectSchema.optional(),
    key: z.string(),
    sha256: z.string(),
  }),
);
export type Turn = z.infer<typeof turnSchema>;
