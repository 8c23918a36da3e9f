import * as z from 'zod';

/** Where an answer of a model lies that may serve again, with the evidence it was given about. */
export const keptAnswerSchema = z.lazy(() =>
  z.object({
    incidentId: z.string(),
    answerKey: z.string(),
    answerSha256: z.string(),
    packKey: z.string(),
    packSha256: z.string(),
    at: z.iso.datetime(),
  }),
);
export type KeptAnswer = z.infer<typeof keptAnswerSchema>;

/** Answers by the likeness of the evidence (domain/models/reuse.ts). What is lost is written again; nothing depends on it. */
export interface AnswerStore {
  /** Undefined from the moment it is to be forgotten on: DynamoDB's own expiry is late. */
  get(likeness: string, now: Date): Promise<KeptAnswer | undefined>;
  /** The newest wins. @param now forgotten some weeks later */
  keep(likeness: string, answer: KeptAnswer, now: Date): Promise<void>;
}
